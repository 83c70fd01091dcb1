/** Two real nodes: a job that begins from what an earlier one left, what it says to whom, and who refuses it when. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dataPaths } from "../config/paths.ts";
import { hasEnded, until } from "../testing/cluster.ts";
import { consentBoth, creditScene, matchFlow, type Scene } from "../testing/joint-job.ts";

type Tasks = Record<string, Record<string, unknown>>;

describe("a job that begins from an earlier one", () => {
  let scene: Scene;
  let first: string;
  const longer = (testShare = 0.3): Record<string, unknown> => {
    const flow = matchFlow(scene);
    const split = { component: "split", inputs: { data: "match.data" }, parameters: { testShare } };
    return { ...flow, name: "Longer", tasks: { ...(flow.tasks as Tasks), split } };
  };
  const run = async (body: object): Promise<string> => {
    const analyst = await scene.cluster.node("bank").analyst();
    return (await analyst.call("submitJob", { body: { projectId: scene.projectId, flow: longer(), ...body } })).id;
  };
  const ended = async (id: string, status: string) => {
    const job = await scene.cluster.job("bank", id, "over", hasEnded, 120);
    expect(job.status, job.failure?.message).toBe(status);
    return job;
  };
  const folder = (party: string, job: string, task: string): string =>
    join(dataPaths(scene.cluster.node(party).directory).tasks, job, task, "1");

  beforeAll(async () => {
    scene = await creditScene(300);
    first = await run({ flow: matchFlow(scene) });
    await consentBoth(scene, first);
    await ended(first, "SUCCESS");
  }, 300_000);
  afterAll(async () => {
    await scene?.cluster[Symbol.asyncDispose]();
  });

  test("says what is not run again, asks anew, and runs the rest on it", async () => {
    const analyst = await scene.cluster.node("bank").analyst();
    const check = (body: object) =>
      analyst.call("checkFlow", { body: { projectId: scene.projectId, flow: longer(), ...body } });
    expect((await check({})).reused).toEqual([]);
    expect((await check({ reuse: { jobId: first } })).reused).toEqual(["read", "match"]);
    expect((await check({ reuse: { jobId: first, from: "match" } })).reused).toEqual(["read"]);
    const part = await check({ to: "match", reuse: { jobId: first } });
    expect(Object.keys((part.flow as { tasks: object }).tasks)).toEqual(["read", "match"]);
    await expect(check({ reuse: { jobId: "job-none" } })).rejects.toThrow(/no such job/);
    await expect(check({ to: "nothing" })).rejects.toThrow(/no task "nothing"/);

    const id = await run({ reuse: { jobId: first } });
    const approver = await scene.cluster.node("telco").approver();
    const request = await until("telco is asked", async () =>
      (await approver.call("listApprovals", { query: {} })).items.find(({ jobId }) => jobId === id),
    );
    const { statements } = await approver.call("getApproval", { params: { id: request.id } });
    expect(statements.map(({ en }) => en).join("\n")).toContain(`Not run again: read, match.`);
    expect(statements.map(({ zh }) => zh).join("\n")).toContain(first);
    await consentBoth(scene, id);
    const job = await ended(id, "SUCCESS");
    expect(job.tasks.map(({ name, reused }) => [name, reused])).toEqual([
      ["read", true],
      ["match", true],
      ["split", false],
    ]);
    expect(new Set(job.meter.map(({ task }) => task))).toEqual(new Set(["split"]));
    const rows = (of: typeof job, name: string) => of.tasks.find((task) => task.name === name)!.outputs;
    const before = await analyst.call("getJob", { params: { id: first } });
    expect(rows(job, "match").map(({ port, rows: count }) => [port, count])).toEqual(
      rows(before, "match").map(({ port, rows: count }) => [port, count]),
    );
    const split = rows(job, "split").reduce((sum, { rows: count }) => sum + (count ?? 0), 0);
    expect(split).toBe(rows(job, "match").find(({ port }) => port === "data")!.rows);
    const uses = (await approver.call("listGrants", {})).items.find((grant) => grant.id === scene.grantId)!;
    expect(uses.jobs).toEqual(expect.arrayContaining([first, id]));

    // From this one too: what it took over is still the first one's, what it made is its own.
    const changed = await analyst.call("checkFlow", {
      body: { projectId: scene.projectId, flow: longer(0.4), reuse: { jobId: id } },
    });
    expect(changed.reused).toEqual(["read", "match"]);
  });

  test("fails where a party's output was altered, and is refused where it is gone", async () => {
    const own = folder("telco", first, "match");
    const file = (await readdir(own)).find((name) => name.endsWith(".parquet"))!;
    const bytes = await readFile(join(own, file));
    await writeFile(join(own, file), Buffer.concat([bytes, Buffer.from([0])]));
    const altered = await run({ reuse: { jobId: first } });
    await consentBoth(scene, altered);
    expect((await ended(altered, "FAILED")).failure).toMatchObject({ code: "state.output-gone", party: "telco" });

    await rm(own, { recursive: true });
    const gone = await run({ reuse: { jobId: first } });
    expect((await ended(gone, "REJECTED")).failure).toMatchObject({
      party: "telco",
      message: expect.stringContaining("is not here any more"),
    });
    const whole = await run({});
    await consentBoth(scene, whole);
    expect((await ended(whole, "SUCCESS")).tasks.every(({ reused }) => !reused)).toBe(true);
  });
});
