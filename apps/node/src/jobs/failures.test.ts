/** What a party adds to a failure that it is told, from a real database. */
import { TomboloError } from "@tombolo/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Outbox } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { withOwnDetail } from "./failures.ts";
import { failureOf } from "./rows.ts";
import type { JobFailure } from "./views.ts";

const JOB = "job-0123456789abcdef";
const error = new TomboloError("resource.node-restarted", "the node was restarted while the task ran", {
  remedy: "See what ended it.",
});
const own: JobFailure = failureOf(error, "telco", "train");
const told = (party: string, code: string): JobFailure => ({ ...own, party, code, remedy: null, detail: null });
let context: TestContext;
let side: Side;

beforeAll(async () => {
  context = await testContext({ party: "telco" });
  side = { ...context, outbox: new Outbox() } as unknown as Side;
  const now = context.clock.now();
  const none = { flow_yaml: "", message: "", created_by: "ann", failure: toJson(null), fence: 0 };
  const parts = { project_id: "project-1", initiator: "bank", document: toJson({}), consent_hash: "a".repeat(64) };
  const db = context.store.db;
  await db
    .insertInto("jobs")
    .values({ id: JOB, name: "Joint", status: "RUNNING", created_at: now, ...parts, ...none })
    .execute();
  const ended = { job_id: JOB, task: "train", status: "FAILED", outputs: toJson([]), started_at: now } as const;
  await db
    .insertInto("attempts")
    .values({ ...ended, attempt: 1, failure: toJson(own) })
    .execute();
});

afterAll(() => context.store.close());

it.each([
  ["the own failure, of the same attempt: all that is known here", "telco", "resource.node-restarted", 1, true],
  ["another attempt", "telco", "resource.node-restarted", 2, false],
  ["a partner's failure", "bank", "resource.node-restarted", 1, false],
  ["another reason, as the initiator has it that waited in vain", "telco", "transport.partner-away", 1, false],
])("%s", async (_, party, code, attempt, detailed) => {
  const failure = told(party, code);
  expect(await withOwnDetail(side, JOB, failure, "train", attempt)).toEqual(detailed ? own : failure);
});
