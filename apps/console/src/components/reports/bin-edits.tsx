import { useContext } from "react";
import { useTranslation } from "react-i18next";
import { useAct, useRead } from "../../lib/queries.ts";
import { Act } from "../act.tsx";
import { CallFailure } from "../failure.tsx";
import { FlowReview } from "../flow-review.tsx";
import { type EditedColumn, editFlow } from "./binning.ts";
import { ReportOrigin } from "./origin.ts";

interface Props {
  readonly task: string;
  readonly edits: readonly EditedColumn[];
  /** A bin is too poor. */
  readonly blocked: boolean;
}

/** What was edited becomes a flow, which every party consents to like any other. */
export function BinEdits({ task, edits, blocked }: Props) {
  const jobId = useContext(ReportOrigin);
  if (jobId === undefined || edits.length === 0) return null;
  return <Change key={JSON.stringify(edits)} jobId={jobId} task={task} edits={edits} blocked={blocked} />;
}

function Change({ jobId, task, edits, blocked }: Props & { readonly jobId: string }) {
  const { t } = useTranslation();
  const job = useRead("getJob", { params: { id: jobId } }).data;
  const check = useAct("checkFlow", { inline: true });
  const start = (): void => {
    if (job === undefined) return;
    const name = t("binning.flowName", { name: job.name }).slice(0, 200);
    const parties = job.parties.filter(({ role }) => role === "guest" || role === "host");
    const flow = editFlow(name, `${jobId}.${task}`, parties, edits);
    check.mutate({ body: { projectId: job.projectId, flow } });
  };
  return (
    <div className="stack">
      <div className="row wrap">
        <span>{t("binning.edited", { count: edits.length })}</span>
        <Act
          type="primary"
          needs="jobs:submit"
          disabled={job === undefined || blocked}
          loading={check.isPending}
          onClick={start}
        >
          {t("binning.check")}
        </Act>
      </div>
      {check.error !== null && <CallFailure error={check.error} />}
      {check.data !== undefined && job !== undefined && <FlowReview check={check.data} projectId={job.projectId} />}
    </div>
  );
}
