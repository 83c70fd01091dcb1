import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { toJson } from "../store/columns.ts";
import { testContext } from "../testing/test-context.ts";
import { sweepWork } from "./work-folders.ts";

test("what tasks of jobs that are over left on disk is gone after a start; what runs on keeps it", async () => {
  await using context = await testContext();
  const work = (job: string): string => join(context.paths.tasks, job, "match", "work");
  const add = (id: string, status: string) =>
    context.store.db
      .insertInto("jobs")
      .values({
        ...{ id, name: id, project_id: "p", initiator: "bank", status, document: toJson({} as never) },
        ...{ consent_hash: id, flow_yaml: "", message: "", created_by: "a", created_at: context.clock.now() },
        failure: toJson(null),
      } as never)
      .execute();
  for (const [job, status] of [
    ["job-failed", "FAILED"],
    ["job-done", "SUCCESS"],
    ["job-running", "RUNNING"],
  ] as const) {
    await add(job, status);
    mkdirSync(work(job), { recursive: true });
    writeFileSync(join(work(job), "epoch"), "key");
  }
  mkdirSync(work("job-forgotten"), { recursive: true });
  await sweepWork(context);
  const left = ["job-failed", "job-done", "job-running", "job-forgotten"].filter((job) => existsSync(work(job)));
  expect(left).toEqual(["job-running"]);
}, 60_000);
