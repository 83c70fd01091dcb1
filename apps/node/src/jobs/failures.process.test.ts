/** What a job of two real nodes survives: runners and nodes that are killed, a partner that is away, inputs that are gone. */
import { readFile, rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../testing/cluster.ts";
import {
  creditScene,
  endedAtBoth,
  type Scene,
  submitJoint,
  submitMatch,
  termsFor,
  untilTrains,
} from "../testing/joint-job.ts";

/** All a runner may see: no passphrase, no database URL, no proxy. */
const RUNNER_ENVIRONMENT = [
  ...["HOME", "TMPDIR", "PATH", "LANG", "LC_ALL", "TZ", "RAYON_NUM_THREADS", "TOMBOLO_KERNELS"],
  ...["NODE_COMPILE_CACHE", "NODE_CHANNEL_FD", "NODE_CHANNEL_SERIALIZATION_MODE"],
];
let scene: Scene;

beforeAll(async () => {
  scene = await creditScene(4000, { TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: "40" });
  await scene.cluster.grant("bank", "telco", termsFor(scene, { standing: true }));
}, 600_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

describe("failures", { timeout: 600_000 }, () => {
  const training = async (trees: number) => {
    const id = await submitJoint(scene, { trees });
    await scene.cluster.decide("bank", "job", id);
    await untilTrains(scene, id, ({ lanes }) => (lanes[0]?.bytesOut ?? 0) > 0);
    return id;
  };

  it("a killed runner costs an attempt, not the job", async () => {
    const id = await training(6);
    const [runner] = await until("telco runs a task", async () => {
      const found = await scene.cluster.node("telco").runners();
      return found.length > 0 ? found : undefined;
    });
    const seen = (await readFile(`/proc/${runner}/environ`, "utf8")).split("\0").map((each) => each.split("=")[0]!);
    expect(seen.filter((name) => name !== "" && !RUNNER_ENVIRONMENT.includes(name))).toEqual([]);
    process.kill(runner!, "SIGKILL");
    const { bank } = await endedAtBoth(scene, id);
    expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
    expect(bank.tasks.find(({ name }) => name === "train")?.attempt).toBeGreaterThan(1);
    expect(bank.tasks.find(({ name }) => name === "match")?.attempt).toBe(1);
  });

  it.each(["telco", "bank"])("%s's node killed and started again goes on from what was agreed", async (party) => {
    const id = await training(6);
    await scene.cluster.node(party).kill("SIGKILL");
    await scene.cluster.node(party).start();
    const { bank } = await endedAtBoth(scene, id);
    expect(bank).toMatchObject({ status: "SUCCESS", failure: null });
    expect(bank.tasks.find(({ name }) => name === "match")?.attempt).toBe(1);
    expect(bank.tasks.find(({ name }) => name === "train")?.attempt).toBeGreaterThan(1);
  });

  it("what was acknowledged while the partner was away is delivered when it is back", async () => {
    const telco = scene.cluster.node("telco");
    const id = await submitMatch(scene);
    await scene.cluster.job("telco", id, "asked for", () => true);
    await telco.kill("SIGKILL");
    await expect(submitMatch(scene)).rejects.toMatchObject({ code: "input.flow" });
    await scene.cluster.decide("bank", "job", id);
    await telco.start();
    expect((await endedAtBoth(scene, id)).bank.status).toBe("SUCCESS");
  });

  it("are rerun from what failed, and the rest is reused", async () => {
    const id = await submitJoint(scene, { trees: 3 });
    await scene.cluster.decide("bank", "job", id);
    const analyst = await scene.cluster.node("bank").analyst();
    await untilTrains(scene, id);
    await analyst.call("cancelJob", { params: { id }, body: { reason: "wrong day" } });
    expect((await endedAtBoth(scene, id)).bank).toMatchObject({
      status: "CANCELLED",
      failure: { code: "aborted.cancelled" },
    });
    await analyst.call("rerunJob", { params: { id } });
    const bank = await scene.cluster.job("bank", id, "rerun", (status) => status === "SUCCESS", 90);
    expect(bank.tasks.filter(({ reused }) => reused).map(({ name }) => name)).toEqual(["read", "match", "split"]);
    const logs = (await analyst.call("jobLogs", { params: { id }, query: {} })).items;
    expect(logs.some(({ message }) => message.includes("reused"))).toBe(true);
  });

  it("name the missing input", async () => {
    const id = await submitMatch(scene);
    await rm(`${scene.cluster.node("bank").directory}/datasets/${scene.bankData}`, { recursive: true });
    await scene.cluster.decide("bank", "job", id);
    const { bank, telco } = await endedAtBoth(scene, id);
    expect(bank).toMatchObject({ status: "FAILED", failure: { party: "bank", task: "read" } });
    expect(telco.failure).toMatchObject({ party: "bank", task: "read", detail: null });
  });
});
