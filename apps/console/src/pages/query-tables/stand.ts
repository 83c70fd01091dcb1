/** Where a query table stands, step by step: what is done, what waits, for whom. */
import type { QueryTable } from "@tombolo/sdk";
import type { Tone } from "../../components/page.tsx";

export interface Step {
  readonly name: "grant" | "catalogue" | "service";
  readonly tone: Tone;
  /** `theirs`: the partner has to begin. `not-yet`: a step before it is not done. */
  readonly is: "grant" | "theirs" | "consent" | "running" | "done" | "over" | "failed" | "not-yet";
  readonly jobId: string | null;
}

type JobStatus = NonNullable<QueryTable["service"]>["status"];

function jobStep(status: JobStatus): Pick<Step, "is" | "tone"> {
  if (status === "PENDING") return { is: "consent", tone: "wait" };
  if (status === "READY" || status === "RUNNING") return { is: "running", tone: "run" };
  if (status === "SUCCESS") return { is: "done", tone: "ok" };
  return status === "CANCELLED" ? { is: "over", tone: "idle" } : { is: "failed", tone: "bad" };
}

const OVER = ["REJECTED", "EXPIRED", "REVOKED"];

export function stepsOf({ grant, catalogue, service }: QueryTable): Step[] {
  const agreed = grant.status === "ACTIVE" || grant.status === "USED_UP";
  const first: Step = {
    ...{ name: "grant", is: "grant", jobId: null },
    tone: agreed ? "ok" : grant.status === "REQUESTED" ? "wait" : "bad",
  };
  const notYet = { is: "not-yet", tone: "idle", jobId: null } as const;
  const theirs = { is: "theirs", tone: "wait", jobId: null } as const;
  const over = { is: "over", tone: "idle" } as const;
  if (catalogue === null)
    return [first, { name: "catalogue", ...(agreed ? theirs : notYet) }, { name: "service", ...notYet }];
  const ended = OVER.includes(grant.status);
  const second: Step = { name: "catalogue", jobId: catalogue.jobId, ...jobStep(catalogue.status) };
  // A later version that failed leaves the one before as it was.
  if (second.is === "failed" && catalogue.versions > 0) Object.assign(second, { is: "done", tone: "ok" });
  if (service === null) {
    const ready = second.is === "done" && !ended;
    return [first, second, { name: "service", ...(ready ? theirs : notYet) }];
  }
  const third = jobStep(service.status);
  const serves = third.is === "running" ? ({ is: "running", tone: "ok" } as const) : third.is === "done" ? over : third;
  return [first, second, { name: "service", jobId: service.jobId, ...serves }];
}
