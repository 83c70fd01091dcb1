/** A flow by the clock at two real nodes: approved once at its own party, run under a standing grant of the other. */

import type { Role } from "@tombolo/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasEnded, until } from "../testing/cluster.ts";
import { creditScene, matchFlow, type Scene } from "../testing/joint-job.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await creditScene(300, { TOMBOLO_JOBS_SCHEDULE_SECONDS_MIN: "1" });
  await scene.cluster.grant("bank", "telco", { datasetId: scene.telcoData, standing: true, uses: 2 });
}, 120_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

describe("a schedule", () => {
  const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();
  const ask = async (change: Record<string, unknown> = {}) => {
    const analyst = await scene.cluster.node("bank").analyst();
    const body = {
      name: "Match daily",
      projectId: scene.projectId,
      flow: matchFlow(scene),
      cron: "0 6 * * *",
      timeZone: "Asia/Shanghai",
      until: tomorrow(),
      ...change,
    };
    return analyst.call("createSchedule", { body });
  };
  const shown = async (id: string) =>
    (await scene.cluster.node("bank").analyst()).call("getSchedule", { params: { id } });
  const runs = (id: string, count: number) =>
    until(`${count} runs have been submitted or refused`, async () => {
      const found = (await shown(id)).runs.filter(({ jobId, failure }) => jobId !== null || failure !== null);
      return found.length === count && found;
    });

  it("runs only after another person's yes, then without asking, and keeps its history", async () => {
    const analyst = await scene.cluster.node("bank").analyst();
    const { id, status } = await ask();
    expect(status).toBe("WAITING");
    await expect(analyst.call("runSchedule", { params: { id } })).rejects.toMatchObject({ code: "state.schedule" });
    await scene.cluster.decide("bank", "schedule", id);
    expect(await shown(id)).toMatchObject({ status: "ACTIVE", approvedBy: "approver" });
    expect(Date.parse((await shown(id)).nextRunAt!)).toBeGreaterThan(Date.now());

    await analyst.call("runSchedule", { params: { id } });
    const [first] = await runs(id, 1);
    const job = await scene.cluster.job("bank", first!.jobId!, "over", hasEnded);
    expect(job.status).toBe("SUCCESS");
    expect(job.consents.map(({ by }) => by)).toEqual([
      `schedule ${id}, approved by approver`,
      expect.stringMatching(/^standing rule of grant/),
    ]);
    expect((await shown(id)).runs[0]).toMatchObject({ jobId: job.id, jobStatus: "SUCCESS", failure: null });

    await analyst.call("pauseSchedule", { params: { id }, body: { reason: "audit week" } });
    expect(await shown(id)).toMatchObject({ status: "PAUSED", reason: "audit week", nextRunAt: null });
    await expect(analyst.call("runSchedule", { params: { id } })).rejects.toMatchObject({ code: "state.schedule" });
    await analyst.call("resumeSchedule", { params: { id } });
    expect((await shown(id)).status).toBe("ACTIVE");
    const approver = await scene.cluster.node("bank").approver();
    await approver.call("pauseSchedule", { params: { id }, body: { reason: "let me look" } });
    const resume = { params: { id } };
    await expect(analyst.call("resumeSchedule", resume)).rejects.toMatchObject({ code: "consent.four-eyes" });
    expect((await approver.call("resumeSchedule", resume)).status).toBe("ACTIVE");

    // After a restart of the node it goes on. The standing grant allows two uses; then a person of telco is asked again.
    await scene.cluster.node("bank").kill();
    await scene.cluster.node("bank").start();
    await analyst.call("runSchedule", { params: { id } });
    const [second] = await runs(id, 2);
    expect((await scene.cluster.job("bank", second!.jobId!, "over", hasEnded)).status).toBe("SUCCESS");
    await analyst.call("runSchedule", { params: { id } });
    const [third] = await runs(id, 3);
    const waiting = await analyst.call("getJob", { params: { id: third!.jobId! } });
    expect(waiting.consents).toMatchObject([{ status: "APPROVED" }, { party: "telco", status: "WAITING" }]);

    // Two runs never overlap, and one by hand leaves a moment after the one before.
    await until("it may run again", () => analyst.call("runSchedule", { params: { id } }).catch(() => undefined));
    const [fourth] = await runs(id, 4);
    expect(fourth).toMatchObject({ jobId: null, failure: { code: "state.overlap" } });

    await analyst.call("deleteSchedule", { params: { id } });
    await expect(shown(id)).rejects.toMatchObject({ code: "state.unknown" });
  }, 120_000);

  it("is refused with its fault when it cannot be proposed", async () => {
    await expect(ask({ cron: "* * * * *" })).rejects.toMatchObject({ code: "input.cron" });
    await expect(ask({ until: "2020-01-01T00:00:00Z" })).rejects.toMatchObject({ code: "input.until" });
    await expect(ask({ flow: { version: "1" } })).rejects.toMatchObject({ code: "input.flow" });
  });

  it("ends when an approver takes the yes back", async () => {
    const { id } = await ask({ name: "Match until told not to" });
    await scene.cluster.decide("bank", "schedule", id);
    const [analyst, approver] = [
      await scene.cluster.node("bank").analyst(),
      await scene.cluster.node("bank").approver(),
    ];
    const withdraw = { params: { id }, body: { reason: "another purpose" } };
    await expect(analyst.call("withdrawSchedule", withdraw)).rejects.toMatchObject({ code: "auth.forbidden" });
    await approver.call("withdrawSchedule", withdraw);
    expect(await shown(id)).toMatchObject({ status: "WITHDRAWN", reason: "another purpose", approvedBy: null });
    await expect(analyst.call("resumeSchedule", { params: { id } })).rejects.toMatchObject({ code: "state.schedule" });
  });

  it("waits for a new yes once whoever gave it is no approver any more", async () => {
    const { id } = await ask({ name: "Match until the approver leaves" });
    await scene.cluster.decide("bank", "schedule", id);
    const node = scene.cluster.node("bank");
    const [analyst, admin] = [await node.analyst(), await node.person("head", "admin")];
    const approver = (await admin.call("listUsers")).items.find(({ username }) => username === "approver")!;
    const roles = (body: { roles: Role[] }) => admin.call("updateUser", { params: { id: approver.id }, body });
    await roles({ roles: ["auditor"] });
    await analyst.call("runSchedule", { params: { id } });
    const [run] = await runs(id, 1);
    expect(run).toMatchObject({ jobId: null, failure: { code: "consent.approver" } });
    expect(await shown(id)).toMatchObject({ status: "WAITING", approvedBy: null, nextRunAt: null });
    await roles({ roles: approver.roles });
    await scene.cluster.decide("bank", "schedule", id);
    expect(await shown(id)).toMatchObject({ status: "ACTIVE", approvedBy: "approver" });
  });

  it("ends with a refusal", async () => {
    const { id } = await ask({ name: "Match never" });
    await scene.cluster.decide("bank", "schedule", id, "not needed");
    expect(await shown(id)).toMatchObject({ status: "REJECTED", reason: "not needed", nextRunAt: null });
  });
});
