/** How often a party takes part in a task, in a real database. */
import { TASK_ATTEMPTS_MAX } from "@tombolo/base";
import type { Flow } from "@tombolo/scheduler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outbox } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { requireAttempts } from "./admission.ts";
import { type Job, jobById } from "./rows.ts";
import type { TaskOrder } from "./wire.ts";

const JOB = "job-0123456789abcdef";
const flow = {
  tasks: {
    train: { component: "boosting-train" },
    split: { component: "read-table" },
    serve: { component: "boosting-serve" },
  },
} as unknown as Flow;
let context: TestContext;
let side: Side;
let job: Job;

const left = (task: string): Promise<void> => requireAttempts(side, job, flow, { job_id: JOB, task } as TaskOrder);

async function attempted(task: string, numbers: readonly number[]): Promise<void> {
  const ended = { job_id: JOB, task, status: "FAILED", failure: toJson(null), outputs: toJson([]) } as const;
  const rows = numbers.map((attempt) => ({ ...ended, attempt, started_at: context.clock.now() }));
  await context.store.db.insertInto("attempts").values(rows).execute();
}

beforeAll(async () => {
  context = await testContext({ party: "telco" });
  side = { ...context, outbox: new Outbox() } as unknown as Side;
  const none = { flow_yaml: "", message: "", created_by: "ann", failure: toJson(null), fence: 0 };
  const parts = { project_id: "project-1", initiator: "bank", document: toJson({}), consent_hash: "a".repeat(64) };
  await context.store.db
    .insertInto("jobs")
    .values({ id: JOB, name: "Joint", status: "RUNNING", created_at: context.clock.now(), ...parts, ...none })
    .execute();
  job = await jobById(side, JOB);
});

afterAll(() => context.store.close());

describe("attempts of a task", () => {
  it("are counted at the party itself, whatever their numbers, and end at as many as its promises hold for", async () => {
    const last = TASK_ATTEMPTS_MAX - 1;
    await attempted(
      "train",
      Array.from({ length: last }, (_, i) => 1_000 * (i + 1)),
    );
    await expect(left("train")).resolves.toBeUndefined();
    await attempted("train", [7]);
    await expect(left("train")).rejects.toMatchObject({
      code: "consent.attempts",
      blame: "telco",
      remedy: "Submit the flow as a new job, which wants a new consent.",
    });
  });

  it("are as many as need be of steps that send nothing, and of services", async () => {
    for (const task of ["split", "serve"]) {
      await attempted(
        task,
        Array.from({ length: TASK_ATTEMPTS_MAX + 1 }, (_, i) => i + 1),
      );
      await expect(left(task)).resolves.toBeUndefined();
    }
  });
});
