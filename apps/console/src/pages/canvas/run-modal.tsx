import { Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useForbidden } from "../../components/act.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { MessageField } from "../../components/fields.tsx";
import { Party } from "../../components/party.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useAct } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { asText } from "./clipboard.ts";

/** The last look: whom it waits for, who learns what, a word to the approvers. */
export function RunModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const say = useText();
  const forbidden = useForbidden()("jobs:submit");
  const { draft, check, projectId, setJob, choose } = useCanvas();
  const [message, setMessage] = useState("");
  const submit = useAct("submitJob", {
    refresh: ["listJobs", "listApprovals"],
    said: t("canvas.runDone"),
    inline: true,
    after: ({ id }) => {
      setJob(id);
      choose([]);
      onClose();
    },
  });
  return (
    <Modal
      open
      width={640}
      title={t("canvas.runTitle")}
      okText={t("canvas.run")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: submit.isPending, disabled: forbidden !== undefined }}
      onCancel={onClose}
      onOk={() => projectId !== undefined && submit.mutate({ body: { projectId, flow: asText(draft), message } })}
    >
      <div className="stack">
        <p className="soft">{forbidden ?? t("canvas.runHint")}</p>
        <ul className="stack tight">
          {(check?.waitsFor ?? []).map(({ party, why }) => (
            <li key={party} className="row wrap">
              <Party id={party} /> <span className="soft small">{say(why)}</span>
            </li>
          ))}
        </ul>
        <Disclosure items={check?.disclosure ?? []} />
        <MessageField value={message} onChange={setMessage} />
        {submit.error !== null && <CallFailure error={submit.error} />}
      </div>
    </Modal>
  );
}
