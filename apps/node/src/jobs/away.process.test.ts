/** A partner that goes and does not come back in time: the job fails at both parties, each naming who and why. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasEnded, until } from "../testing/cluster.ts";
import { creditScene, type Scene, submitJoint, termsFor } from "../testing/joint-job.ts";

const AWAY_SECONDS = 6;
let scene: Scene;

beforeAll(async () => {
  scene = await creditScene(2000, { TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: String(AWAY_SECONDS) });
  await scene.cluster.grant("bank", "telco", termsFor(scene, { standing: true }));
  const approver = await scene.cluster.node("telco").approver();
  await approver.call("revokeGrant", { params: { id: scene.grantId }, body: { reason: "the standing one is used" } });
}, 180_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

async function training(): Promise<string> {
  const id = await submitJoint(scene, { trees: 200 });
  await scene.cluster.decide("bank", "job", id);
  await until(
    "it trains",
    async () => {
      const job = await scene.cluster.job("bank", id, "there", () => true);
      return job.tasks.find(({ name }) => name === "train")?.status === "RUNNING";
    },
    90,
  );
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
