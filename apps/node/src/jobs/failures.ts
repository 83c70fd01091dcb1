/** Why an attempt failed, and whether another one may help. */
import { TomboloError } from "@tombolo/base";
import type { Side } from "../partner/side.ts";
import type { JobFailure } from "./views.ts";

/** What lies at the bottom: neither an end that another's failure caused, nor a silence, if there is anything else. */
export function rootCause(failures: ReadonlyMap<string, TomboloError>): [string, TomboloError] {
  const rank = (error: TomboloError): number => (error.family === "aborted" ? 2 : error.family === "transport" ? 1 : 0);
  return [...failures].sort(([, a], [, b]) => rank(a) - rank(b))[0]!;
}

/** Lost, not refused: the same step may well succeed with new keys. */
export const mayRetry = (error: TomboloError): boolean =>
  (error.family === "transport" && error.code !== "transport.partner-away") ||
  [
    "resource.runner-died",
    "resource.node-restarted",
    "aborted.superseded",
    "aborted.shutdown",
    "resource.not-yet",
    "resource.online-store",
  ].includes(error.code);

export const errorOf = (failure: {
  code: string;
  message: string;
  party: string | null;
  stage: string | null;
}): TomboloError =>
  new TomboloError(failure.code as TomboloError["code"], failure.message, {
    ...(failure.party === null ? {} : { blame: failure.party }),
    ...(failure.stage === null ? {} : { stage: failure.stage }),
  });

/** With the private part, where the failure is this party's own: of the same attempt, and the same code, since the initiator may have another reason. */
export async function withOwnDetail(
  side: Side,
  jobId: string,
  failure: JobFailure,
  task: string,
  attempt: number,
): Promise<JobFailure> {
  if (failure.party !== side.config.party) return failure;
  const own = await side.store.db
    .selectFrom("attempts")
    .select("failure")
    .where("job_id", "=", jobId)
    .where("task", "=", task)
    .where("attempt", "=", attempt)
    .executeTakeFirst();
  return own?.failure?.code === failure.code ? own.failure : failure;
}
