import { useReactFlow } from "@xyflow/react";
import { Button, Dropdown, Tooltip } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { useParties } from "../../components/party.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatRelative } from "../../lib/format.ts";
import { useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";
import { dropDraft, keptDrafts } from "./kept.ts";
import { TEMPLATES, templateFlow } from "./templates.ts";
import { ExportModal, ImportModal, useDraw } from "./yaml-modals.tsx";

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keys?: string;
  readonly disabled?: boolean;
  onClick(): void;
}

function Tool({ icon, label, keys, disabled, onClick }: ToolProps) {
  return (
    <Tooltip title={keys === undefined ? label : `${label} (${keys})`}>
      <Button
        type="text"
        aria-label={label}
        disabled={disabled === true}
        icon={<Icon name={icon} />}
        onClick={onClick}
      />
    </Tooltip>
  );
}

/** Whether the node has something against it: says how many, and leads to the first. */
function CheckState() {
  const { t } = useTranslation();
  const { faults, check, checking, projectId, choose, draft } = useCanvas();
  if (Object.keys(draft.flow.tasks).length === 0) return null;
  if (projectId === undefined) return <span className="state tone-wait">{t("jobs.chooseProject")}</span>;
  if (check === undefined || checking) return <span className="state tone-idle">{t("canvas.checking")}</span>;
  if (faults.all.length === 0) return <span className="state tone-ok">{t("canvas.sound")}</span>;
  const [first] = Object.keys(draft.flow.tasks).filter((name) => faults.ofTask(name).length > 0);
  return (
    <button
      type="button"
      className="state tone-bad as-button"
      onClick={() => choose(first === undefined ? [] : [first])}
    >
      {t("canvas.faults", { count: faults.all.length })}
    </button>
  );
}

function Templates() {
  const { t } = useTranslation();
  const { draft } = useCanvas();
  const draw = useDraw();
  const items = TEMPLATES.map((key) => ({
    key,
    label: (
      <div>
        <b>{t(`canvas.templateOf.${key}`)}</b>
        <div className="small soft">{t(`canvas.templateOf.${key}Hint`)}</div>
      </div>
    ),
    onClick: () => void templateFlow(key, draft.flow.parties).then(draw),
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button>{t("canvas.template")}</Button>
    </Dropdown>
  );
}

function Drafts() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { own } = useParties();
  const { id, open } = useCanvas();
  const [, renew] = useState(0);
  const others = keptDrafts(localStorage, own).filter((each) => each.id !== id);
  const items = [
    { key: "new", icon: <Icon name="plus" />, label: t("canvas.draftNew"), onClick: () => open(undefined) },
    { key: "where", disabled: true, label: <small>{t("canvas.draftsHint")}</small> },
    { type: "divider" as const },
    ...(others.length === 0 ? [{ key: "none", disabled: true, label: t("canvas.draftsNone") }] : []),
    ...others.map((kept) => ({
      key: kept.id,
      onClick: () => open(kept),
      label: (
        <span className="row between">
          <span>
            {kept.draft.flow.name}{" "}
            <small className="muted">
              {formatRelative(new Date(kept.savedAt).toISOString(), language, Date.now())}
            </small>
          </span>
          <Button
            type="text"
            size="small"
            aria-label={t("canvas.draftDelete", { name: kept.draft.flow.name })}
            icon={<Icon name="cross" />}
            onClick={(event) => {
              event.stopPropagation();
              dropDraft(localStorage, own, kept.id);
              renew((count) => count + 1);
            }}
          />
        </span>
      ),
    })),
  ];
  return (
    <Dropdown trigger={["click"]} menu={{ items }} onOpenChange={() => renew((count) => count + 1)}>
      <Button icon={<Icon name="pages" />}>{t("canvas.drafts")}</Button>
    </Dropdown>
  );
}

function RunButton() {
  const { t } = useTranslation();
  const { draft, check, checking, projectId, ask } = useCanvas();
  const empty = Object.keys(draft.flow.tasks).length === 0;
  const because = empty
    ? t("canvas.runEmpty")
    : projectId === undefined
      ? t("canvas.noProject")
      : check?.ok === true && !checking
        ? undefined
        : checking
          ? t("canvas.checking")
          : t("canvas.runFaults");
  return (
    <Act type="primary" needs="jobs:submit" because={because} icon={<Icon name="play" />} onClick={() => ask({})}>
      {t("canvas.run")}
    </Act>
  );
}

export function Toolbar() {
  const { t } = useTranslation();
  const { draft, undo, redo, canUndo, canRedo } = useCanvas();
  const { tidy, show } = useActs();
  const { zoomIn, zoomOut } = useReactFlow();
  const [open, setOpen] = useState<"import" | "export" | undefined>();
  return (
    <header className="canvas-bar">
      <div className="grow canvas-name">
        <h1 className="clip">{t("canvas.title")}</h1>
        <span className="clip soft">{draft.flow.name}</span>
        <CheckState />
      </div>
      <div className="row" role="toolbar" aria-label={t("canvas.title")}>
        <Tool icon="undo" label={t("canvas.undo")} keys="Ctrl Z" disabled={!canUndo} onClick={undo} />
        <Tool icon="redo" label={t("canvas.redo")} keys="Ctrl Y" disabled={!canRedo} onClick={redo} />
        <Tool icon="tidy" label={t("canvas.tidy")} onClick={() => void tidy(draft)} />
        <Tool icon="minus" label={t("canvas.zoomOut")} onClick={() => void zoomOut()} />
        <Tool icon="plus" label={t("canvas.zoomIn")} onClick={() => void zoomIn()} />
        <Tool icon="fit" label={t("canvas.fit")} onClick={show} />
        <i className="bar-gap" />
        <Templates />
        <Drafts />
        <Button onClick={() => setOpen("import")}>{t("canvas.importIt")}</Button>
        <Button onClick={() => setOpen("export")}>{t("canvas.exportIt")}</Button>
        <RunButton />
      </div>
      {open === "import" && <ImportModal onClose={() => setOpen(undefined)} />}
      {open === "export" && <ExportModal onClose={() => setOpen(undefined)} />}
    </header>
  );
}
