import { Link } from "@tanstack/react-router";
import type { Schedule } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { JobState, State } from "../../components/state.tsx";

export type Run = Schedule["runs"][number];

/** How a run went: its job's state, or that there is no job. */
export function RunState({ run }: { run: Run }) {
  const { t } = useTranslation();
  if (run.jobId === null)
    return run.failure === null ? (
      <State of="READY" label={t("schedules.starting")} />
    ) : (
      <State of="FAILED" label={t("schedules.notStarted")} />
    );
  return (
    <Link to="/jobs/$id" params={{ id: run.jobId }}>
      <JobState of={run.jobStatus ?? "PENDING"} />
    </Link>
  );
}
