import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { useFamilyTitle, useRemedy } from "../../components/failure.tsx";
import { JobState } from "../../components/state.tsx";
import { Took } from "../../components/values.tsx";
import { useCanvas } from "./canvas.tsx";

/** The job that runs, or ran, what is drawn. */
export function RunLine() {
  const { t } = useTranslation();
  const familyTitle = useFamilyTitle();
  const remedy = useRemedy();
  const { job, setJob, choose } = useCanvas();
  if (job === undefined) return null;
  const waiting = job.consents.filter(({ status }) => status === "WAITING").map(({ party }) => party);
  const { failure } = job;
  return (
    <div className={`run-line${failure === null ? "" : " tone-bad"}`} role="status">
      <span className="row wrap">
        <JobState of={job.status} />
        <b>{job.name}</b>
        {job.status === "PENDING" && waiting.length > 0 && (
          <span className="soft">{t("canvas.waitsFor", { parties: waiting.join(", ") })}</span>
        )}
        {job.startedAt !== null && <Took from={job.startedAt} to={job.endedAt} />}
        {failure !== null && (
          <span className="bad-words">
            {familyTitle(failure.code)}: {remedy(failure.code, failure.remedy, failure.message)}
            {failure.task !== null && failure.task in Object.fromEntries(job.tasks.map(({ name }) => [name, true])) && (
              <Button size="small" type="link" onClick={() => failure.task !== null && choose([failure.task])}>
                {failure.task}
              </Button>
            )}
          </span>
        )}
      </span>
      <span className="row">
        <Link to="/jobs/$id" params={{ id: job.id }}>
          {t("canvas.openJob")}
        </Link>
        <Button size="small" onClick={() => setJob(undefined)}>
          {t("canvas.leaveJob")}
        </Button>
      </span>
    </div>
  );
}
