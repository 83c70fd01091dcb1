import { Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Toggle, useForbidden } from "../../components/act.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { CallFailure, Problems } from "../../components/failure.tsx";
import { MessageField } from "../../components/fields.tsx";
import { Notice, Skeleton } from "../../components/page.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { type Part, useCanvas } from "./canvas.tsx";
import { asText } from "./clipboard.ts";

/** What would run, as the node takes it: a part of the flow, begun from what the last job left. */
function useAsked({ to, from }: Part, reuse: boolean) {
  const { draft, projectId, jobId, node } = useCanvas();
  const [flow] = useState(() => asText(draft));
  return {
    ...{ projectId: projectId ?? "", flow },
    ...(to === undefined ? {} : { to }),
    ...(node === undefined ? {} : { keptFlow: { id: node.id, revision: node.revision } }),
    ...(reuse && jobId !== undefined ? { reuse: { jobId, ...(from === undefined ? {} : { from }) } } : {}),
  };
}

/** The last look: what runs and what does not, whom it waits for, who learns what, a word to the approvers. */
export function RunModal({ part }: { readonly part: Part }) {
  const { t } = useTranslation();
  const say = useText();
  const { own } = useParties();
  const forbidden = useForbidden()("jobs:submit");
  const { job, setJob, choose, ask } = useCanvas();
  const begun = job !== undefined && job.initiator === own && job.tasks.some(({ status }) => status === "SUCCESS");
  const [reuse, setReuse] = useState(begun && (part.to !== undefined || part.from !== undefined));
  const [message, setMessage] = useState("");
  const body = useAsked(part, reuse && begun);
  const check = useRead("checkFlow", { body }, { keep: true });
  const submit = useAct("submitJob", {
    refresh: ["listJobs", "listApprovals"],
    said: t("canvas.runDone"),
    inline: true,
    after: ({ id }) => {
      setJob(id);
      choose([]);
      ask(undefined);
    },
  });
  const ready = check.data?.ok === true && !check.isFetching && forbidden === undefined;
  return (
    <Modal
      open
      width={640}
      title={t("canvas.runTitle")}
      okText={t("canvas.run")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: submit.isPending, disabled: !ready }}
      onCancel={() => ask(undefined)}
      onOk={() => submit.mutate({ body: { ...body, message } })}
    >
      <div className="stack">
        <p className="soft">{forbidden ?? t("canvas.runHint")}</p>
        {part.to !== undefined && <p>{t("canvas.runPart", { step: part.to })}</p>}
        {begun && <Toggle label={t("canvas.runReuse", { job: job.name })} checked={reuse} onChange={setReuse} />}
        {check.error !== null && <CallFailure error={check.error} />}
        {check.data === undefined && check.error === null && <Skeleton rows={3} />}
        {check.data !== undefined && check.data.problems.length > 0 && <Problems problems={check.data.problems} />}
        {check.data?.ok === true && (
          <>
            {reuse && (
              <Notice tone="idle">
                {check.data.reused.length === 0
                  ? t("canvas.runReusedNone")
                  : t("canvas.runReused", { steps: check.data.reused.join(", ") })}
              </Notice>
            )}
            <ul className="stack tight">
              {check.data.waitsFor.map(({ party, why }) => (
                <li key={party} className="row wrap">
                  <Party id={party} /> <span className="soft small">{say(why)}</span>
                </li>
              ))}
            </ul>
            <Disclosure items={check.data.disclosure} />
            <MessageField value={message} onChange={setMessage} />
          </>
        )}
        {submit.error !== null && <CallFailure error={submit.error} />}
      </div>
    </Modal>
  );
}
