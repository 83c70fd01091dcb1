import type { Flow } from "@tombolo/scheduler";
import { App, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { When } from "../../components/values.tsx";
import { Yaml } from "../../components/yaml.tsx";
import { useMe, useRead } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { DifferenceList } from "./difference-list.tsx";
import { differences, type NodeRef } from "./saved.ts";

/** One earlier revision: how it differs, its file, and the way back to it. */
function Earlier({ id, revision, onBack }: { readonly id: string; readonly revision: number; onBack(): void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { draft, saving, node } = useCanvas();
  const earlier = useRead("getFlowRevision", { params: { id, revision } });
  return (
    <Loaded of={earlier}>
      {(kept) => (
        <div className="stack">
          <div className="row between">
            <span>
              <span className="soft">{t("keptFlows.from")}</span>{" "}
              <DifferenceList of={differences(draft.flow, kept.flow as Flow)} />
            </span>
            <Act
              needs="jobs:submit"
              type="primary"
              because={revision === node?.revision && saving.state === "saved" ? t("keptFlows.now") : undefined}
              onClick={() =>
                void saving.bringBack(kept).then(() => {
                  void message.success(t("keptFlows.bringBackDone", { revision }));
                  onBack();
                })
              }
            >
              {t("keptFlows.bringBack")}
            </Act>
          </div>
          <Yaml text={kept.flowYaml} />
        </div>
      )}
    </Loaded>
  );
}

/** Earlier revisions, newest first. */
export function RevisionsModal({ node, onClose }: { readonly node: NodeRef; onClose(): void }) {
  const { t } = useTranslation();
  const me = useMe();
  const { draft } = useCanvas();
  const revisions = useRead("listFlowRevisions", { params: { id: node.id } });
  const [chosen, setChosen] = useState(node.revision);
  return (
    <Modal
      open
      width={920}
      title={t("keptFlows.revisionsTitle", { name: draft.flow.name })}
      footer={null}
      onCancel={onClose}
    >
      <p className="soft">{t("keptFlows.revisionsHint")}</p>
      <div className="revisions">
        <Loaded of={revisions}>
          {({ items }) => (
            <ul aria-label={t("keptFlows.revisions")}>
              {items.map(({ revision, changedAt, changedBy }) => (
                <li key={revision}>
                  <button
                    type="button"
                    aria-current={revision === chosen ? "true" : undefined}
                    onClick={() => setChosen(revision)}
                  >
                    <b>{t("keptFlows.revision", { revision })}</b>
                    <small className="soft">
                      <When at={changedAt} /> · {changedBy === me?.user.username ? t("keptFlows.byYou") : changedBy}
                    </small>
                  </button>
                </li>
              ))}
            </ul>
          )}
        </Loaded>
        <Earlier key={chosen} id={node.id} revision={chosen} onBack={onClose} />
      </div>
    </Modal>
  );
}
