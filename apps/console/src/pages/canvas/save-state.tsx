import type { Flow } from "@tombolo/scheduler";
import { Button, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { useNow } from "../../components/values.tsx";
import { codes } from "../../i18n/codes.ts";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatRelative, formatTime } from "../../lib/format.ts";
import { useMe } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { DifferenceList } from "./difference-list.tsx";
import { SaveModal } from "./save-modal.tsx";
import { differences } from "./saved.ts";
import type { SaveState as State } from "./use-saving.ts";

/** What needs nobody's eye is said quietly. */
const LOOKS: Readonly<Record<State, string>> = {
  browser: "state tone-wait",
  saved: "small soft",
  unsaved: "small soft",
  saving: "small soft",
  failed: "state tone-bad",
  conflict: "state tone-bad",
  readOnly: "small soft",
};

/** Whether what is drawn is at the node, since when and by whom. */
export function SaveState() {
  const { t } = useTranslation();
  const language = useLanguage();
  const me = useMe();
  const { saving, node, draft } = useCanvas();
  useNow(5000);
  if (node === undefined && Object.keys(draft.flow.tasks).length === 0) return null;
  const { state, failure } = saving;
  const said = (): string => {
    if (state === "failed") {
      const zh =
        language === "zh" && failure !== undefined && "code" in failure ? codes[failure.code]?.what : undefined;
      return t("keptFlows.state.failed", { why: zh ?? failure?.message });
    }
    if (state !== "saved" || node === undefined) return t(`keptFlows.state.${state === "saved" ? "browser" : state}`);
    const when = formatRelative(node.changedAt, language, Math.max(Date.now(), Date.parse(node.changedAt)));
    const mine = node.changedBy === me?.user.username;
    return mine ? t("keptFlows.state.savedYou", { when }) : t("keptFlows.state.saved", { when, who: node.changedBy });
  };
  const hint =
    node === undefined
      ? t("keptFlows.hereHint")
      : `${t("keptFlows.revision", { revision: node.revision })} · ${node.changedBy} · ${formatTime(node.changedAt, language)}`;
  return (
    <Tooltip title={hint}>
      <span className={`save-state clip ${LOOKS[state]}`} role="status">
        {said()}
      </span>
    </Tooltip>
  );
}

/** Another has saved while this drawing has changes of its own: nothing is lost, whatever is chosen. */
export function ConflictLine() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { saving, draft } = useCanvas();
  const [asking, setAsking] = useState(false);
  const { theirs } = saving;
  useNow(20_000);
  if (theirs === undefined) return null;
  const when = formatRelative(theirs.changedAt, language, Date.now());
  return (
    <div className="run-line tone-bad conflict-line" role="alert">
      <span>
        <b>{t("keptFlows.conflict", { who: theirs.changedBy, revision: theirs.revision, when })}</b>{" "}
        <span className="soft">
          {t("keptFlows.conflictTheirs")} <DifferenceList of={differences(draft.flow, theirs.flow as Flow)} />
        </span>
      </span>
      <span className="row">
        <Tooltip title={t("keptFlows.takeTheirsHint")}>
          <Button onClick={saving.takeTheirs}>{t("keptFlows.takeTheirs")}</Button>
        </Tooltip>
        <Act needs="jobs:submit" onClick={() => setAsking(true)}>
          {t("keptFlows.keepMine")}
        </Act>
        <Tooltip title={t("keptFlows.overwriteHint")}>
          <Button danger onClick={saving.overwrite}>
            {t("keptFlows.overwrite")}
          </Button>
        </Tooltip>
      </span>
      {asking && <SaveModal onClose={() => setAsking(false)} />}
    </div>
  );
}
