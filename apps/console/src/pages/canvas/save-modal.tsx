import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { useRead } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { freeFlowName } from "./saved.ts";

/** Under which name, and in which project, the drawing is kept at the node: a flow of its own. */
export function SaveModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { draft, node, saving, projectId, setProject } = useCanvas();
  const taken = (useRead("listFlows", {}).data?.items ?? []).map(({ name }) => name);
  const [typed, setTyped] = useState<string | undefined>();
  const [failure, setFailure] = useState<Error | undefined>();
  const [busy, setBusy] = useState(false);
  const name = typed ?? freeFlowName(taken, draft.flow.name.trim() || t("canvas.newFlow"));
  const keep = async () => {
    setBusy(true);
    try {
      await saving.keepAs(name.trim());
      onClose();
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={t(node === undefined ? "keptFlows.saveTitle" : "keptFlows.saveAsTitle")}
      okText={t("keptFlows.save")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: name.trim() === "", loading: busy }}
      onCancel={onClose}
      onOk={() => void keep()}
    >
      <div className="stack">
        <p className="soft">{t("keptFlows.saveHint")}</p>
        <Field label={t("canvas.name")}>
          <Input
            autoFocus
            value={name}
            maxLength={200}
            aria-label={t("canvas.name")}
            onChange={(event) => setTyped(event.target.value)}
            onPressEnter={() => name.trim() !== "" && !busy && void keep()}
          />
        </Field>
        <ProjectSelect value={projectId} onChange={setProject} />
        {failure !== undefined && <CallFailure error={failure} />}
      </div>
    </Modal>
  );
}
