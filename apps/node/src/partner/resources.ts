/** The east-west API as one table: path to schema and handler. */
import { TomboloError } from "@tombolo/base";
import * as approvals from "../consent/approvals.ts";
import * as grantRows from "../grants/grant-rows.ts";
import * as grants from "../grants/grants.ts";
import * as projects from "../grants/projects.ts";
import * as audit from "../jobs/audit.ts";
import * as consents from "../jobs/consents.ts";
import * as participant from "../jobs/participant.ts";
import { failureOf, findJob, stepJob } from "../jobs/rows.ts";
import * as jobs from "../jobs/wire.ts";
import * as notices from "../models/notices.ts";
import * as permits from "../models/permits.ts";
import * as sealing from "../models/sealing.ts";
import * as catalogue from "./catalogue.ts";
import * as checkpoints from "./checkpoints.ts";
import * as answers from "./contract-answers.ts";
import * as messages from "./contract-messages.ts";
import { type Resources, resource } from "./inbound.ts";
import * as rotation from "./key-rotation.ts";
import type { OnDelivered, OnRefused } from "./outbox.ts";

export const resources: Resources = {
  [messages.PATHS.apply]: resource({ schema: messages.applyBody, open: true, handle: answers.onApply }),
  [messages.PATHS.confirm]: resource({
    schema: messages.contractIdBody,
    beforeContract: true,
    handle: answers.onConfirm,
  }),
  [messages.PATHS.terminate]: resource({
    schema: messages.terminateBody,
    beforeContract: true,
    handle: answers.onTerminate,
  }),
  [messages.PATHS.query]: resource({
    schema: messages.contractIdBody,
    beforeContract: true,
    handle: answers.onQuery,
  }),
  [rotation.KEYS_PATH]: resource({ schema: rotation.keysBody, handle: rotation.onKeys }),
  [catalogue.LIST_PATH]: resource({ schema: catalogue.listBody, handle: catalogue.onList }),
  [grantRows.PATHS.apply]: resource({ schema: grants.applyBody, handle: grants.onApply }),
  [grantRows.PATHS.confirm]: resource({ schema: grantRows.confirmBody, handle: grants.onConfirm }),
  [projects.PATHS.apply]: resource({ schema: projects.applyBody, handle: projects.onApply }),
  [projects.PATHS.confirm]: resource({ schema: projects.confirmBody, handle: projects.onConfirm }),
  [projects.PATHS.update]: resource({ schema: projects.updateBody, handle: projects.onUpdate }),
  [approvals.COMMENT_PATH]: resource({ schema: approvals.commentBody, handle: approvals.onComment }),
  [checkpoints.CHECKPOINT_PATH]: resource({ schema: checkpoints.checkpointBody, handle: checkpoints.onCheckpoint }),
  [audit.AUDIT_PATH]: resource({ schema: audit.auditBody, handle: audit.onAudit }),
  [consents.CONFIRM_PATH]: resource({ schema: consents.confirmBody, handle: consents.onDecision }),
  [sealing.SIGN_PATH]: resource({ schema: sealing.signBody, handle: sealing.onSign }),
  [notices.NOTICE_PATH]: resource({ schema: notices.noticeBody, handle: notices.onNotice }),
  [permits.PERMIT_PATH]: resource({ schema: permits.permitBody, handle: permits.onPermitApply }),
  [jobs.PATHS.jobStart]: resource({ schema: jobs.jobStartBody, handle: participant.onJobStart }),
  [jobs.PATHS.jobStop]: resource({ schema: jobs.jobStopBody, handle: participant.onJobStop }),
  [jobs.PATHS.taskStart]: resource({ schema: jobs.taskStartBody, handle: participant.onTaskStart }),
  [jobs.PATHS.taskStop]: resource({ schema: jobs.taskStopBody, handle: participant.onTaskStop }),
  [jobs.PATHS.taskPoll]: resource({ schema: jobs.taskPollBody, handle: participant.onTaskPoll }),
  [jobs.PATHS.taskCallback]: resource({ schema: jobs.taskCallbackBody, handle: participant.onTaskCallback }),
};

export const onDelivered: OnDelivered = async (side, party, path, body) => {
  if (path === rotation.KEYS_PATH) await rotation.keysDelivered(side, party, body);
};

/** A partner's node would not take what was queued for it. */
export const onRefused: OnRefused = async (side, party, path, body, error) => {
  side.log.warn({ partner: party, path, code: error.code, message: error.message }, "the partner refused");
  if (path === grantRows.PATHS.apply) return grants.onRefused(side, body, error);
  if (path === permits.PERMIT_PATH) return permits.onRefused(side, party, body, error);
  if (path !== audit.AUDIT_PATH) return;
  const { document } = body as { document: { jobId: string } };
  const job = await findJob(side, document.jobId);
  if (job === undefined) return;
  const refusal = new TomboloError(error.code, `${party} would not take the request: ${error.message}`, {
    blame: party,
    ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
  });
  const failure = failureOf(refusal, party, null);
  if (await stepJob(side, job.id, "rejected", failure)) await side.driver.end(job, { status: "FAILED", failure });
};
