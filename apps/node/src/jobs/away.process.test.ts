/** A partner that goes and does not come back in time: the job fails at both parties, each naming who and why. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasEnded, until } from "../testing/cluster.ts";
import {
  consentBoth,
  creditScene,
  type Scene,
  serveFlow,
  serving,
  submitJoint,
  termsFor,
  untilTrains,
} from "../testing/joint-job.ts";
import { hasRedis, Redis } from "../testing/redis.ts";

const AWAY_SECONDS = 6;
let scene: Scene;
/** Where it is installed, the partner's rows are looked up there. */
let redis: Redis | undefined;

beforeAll(async () => {
  if (hasRedis) redis = await Redis.start();
  scene = await creditScene(2000, {
    TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: String(AWAY_SECONDS),
    ...(redis === undefined ? {} : { TOMBOLO_ONLINE_STORE_URL: redis.url }),
  });
  await scene.cluster.grant("bank", "telco", termsFor(scene, { standing: true }));
  const approver = await scene.cluster.node("telco").approver();
  await approver.call("revokeGrant", { params: { id: scene.grantId }, body: { reason: "the standing one is used" } });
}, 180_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
  await redis?.stop();
});

async function training(): Promise<string> {
  const id = await submitJoint(scene, { trees: 200 });
  await scene.cluster.decide("bank", "job", id);
  await untilTrains(scene, id);
  return id;
}

describe("a job whose partner stays away", () => {
  it.each([
    ["telco", "bank"],
    ["bank", "telco"],
  ])("%s: fails at %s within the deadline, and at the other once it is back", async (gone, left) => {
    const id = await training();
    await scene.cluster.node(gone).kill("SIGKILL");
    const here = await scene.cluster.job(left, id, "over", hasEnded, AWAY_SECONDS + 30);
    expect(here).toMatchObject({ status: "FAILED", failure: { code: "transport.partner-away", party: gone } });
    expect(here.failure?.remedy).toContain(gone);
    await until(`no runner is left at ${left}`, async () => (await scene.cluster.node(left).runners()).length === 0);
    await scene.cluster.node(gone).start();
    const there = await scene.cluster.job(gone, id, "over", hasEnded, 60);
    expect(there).toMatchObject({ status: "FAILED", failure: { code: "transport.partner-away", party: gone } });
    // The next job runs as if nothing had been.
    const next = await submitJoint(scene, { trees: 1 });
    await scene.cluster.decide("bank", "job", next);
    expect((await scene.cluster.job("bank", next, "over", hasEnded, 90)).status).toBe("SUCCESS");
  });
});

describe("a service whose partner stays away", () => {
  it.each(["telco", "bank"])("%s: waits for it, and serves at both once it is back", async (gone) => {
    const { cluster, projectId } = scene;
    const analyst = await cluster.node("bank").analyst();
    const [model] = (await analyst.call("listModels")).items.filter(({ task }) => task === "train");
    const { id } = await analyst.call("submitJob", { body: { projectId, flow: serveFlow(scene, model!.id) } });
    await consentBoth(scene, id);
    await serving(scene, id, 1);
    if (redis !== undefined) expect(await redis.size()).toBeGreaterThan(0);
    const left = gone === "bank" ? "telco" : "bank";
    await cluster.node(gone).kill("SIGKILL");
    const back = Date.now() + (AWAY_SECONDS + 4) * 1000;
    await until("it was away for longer than a job would wait", async () => Date.now() > back, AWAY_SECONDS + 10);
    expect((await cluster.job(left, id, "there", () => true)).status).toBe("RUNNING");
    await cluster.node(gone).start();
    await serving(scene, id, 2);
    await analyst.call("cancelJob", { params: { id }, body: { reason: "enough" } });
    await cluster.job("telco", id, "over", hasEnded, 40);
    await until("its rows are gone", async () => redis === undefined || (await redis.size()) === 0);
  });
});
