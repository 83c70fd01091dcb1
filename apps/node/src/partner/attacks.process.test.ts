/** What a partner with a contract, or somebody with another's invite, could try. Real nodes; the test holds the keys. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toBase64Url } from "@tombolo/base";
import type { Role } from "@tombolo/sdk";
import { Client } from "@tombolo/sdk";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeys, loadKeys } from "../config/keys.ts";
import { PATHS as GRANTS } from "../grants/grant-rows.ts";
import { PATHS as JOBS } from "../jobs/wire.ts";
import { until } from "../testing/cluster.ts";
import { keysOf, send, signed, speaker } from "../testing/intruder.ts";
import { consentBoth, creditScene, matchFlow, type Scene, submitJoint } from "../testing/joint-job.ts";
import { LIST_PATH } from "./catalogue.ts";
import { PATHS } from "./contract-messages.ts";
import { SUITE } from "./contract-rows.ts";
import { newId } from "./ids.ts";
import { parseInviteLine } from "./invite.ts";
import { WAITING_MAX } from "./quota.ts";

let scene: Scene;
beforeAll(async () => {
  scene = await creditScene(4000);
}, 180_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

const ends = (id: string, status: string, message: string) => ({
  job_id: id,
  status,
  failure: { code: "aborted.job", message, party: "bank", task: null, stage: null, remedy: null, detail: null },
  tasks: [],
});

it("cannot put a running task out of its owner's reach by declaring the job finished", async () => {
  const telco = scene.cluster.node("telco");
  const id = await submitJoint(scene, { trees: 60 });
  await consentBoth(scene, id);
  const [client, bank] = [await telco.analyst(), await keysOf(scene.cluster.node("bank"))];
  // Reading and matching come first.
  const training = async (): Promise<boolean> =>
    (await client.call("getJob", { params: { id } })).tasks.some(
      (task) => task.name === "train" && task.status === "RUNNING",
    );
  await until("telco trains", training, 90);
  await until("its runner is there", async () => (await telco.runners()).length > 0);
  expect(await send(telco, bank, signed(bank, telco, JOBS.jobStop, ends(id, "SUCCESS", "done")))).toMatchObject({
    status: 200,
  });
  expect(await telco.runners()).toEqual([]);
  await scene.cluster.job("bank", id, "over", (status) => ["FAILED", "CANCELLED"].includes(status));
});

it("sends no character that steers a screen, wherever it is in a body", async () => {
  const [telco, bank] = [scene.cluster.node("telco"), await keysOf(scene.cluster.node("bank"))];
  const body = ends("job-0123456789abcdef", "FAILED", "\u001b[2Jall is well");
  expect(await send(telco, bank, signed(bank, telco, JOBS.jobStop, body))).toMatchObject({ code: "protocol.text" });
});

it("cannot fill the inbox", async () => {
  const [telco, bank] = [scene.cluster.node("telco"), await keysOf(scene.cluster.node("bank"))];
  const terms = {
    ...{ datasetId: scene.telcoData, partners: ["bank"], projectId: null, components: [], columns: [], filter: null },
    ...{ purpose: "more", use: ["train"], receivers: ["bank"], uses: 1, standing: false },
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  };
  const codes: (string | undefined)[] = [];
  for (let i = 0; i <= WAITING_MAX; i++) {
    const body = { audit_id: newId("grant"), terms, requested_by: "mallory", message: "" };
    codes.push((await send(telco, bank, signed(bank, telco, GRANTS.apply, body))).code);
  }
  expect(codes.slice(0, WAITING_MAX).every((code) => code === undefined)).toBe(true);
  expect(codes.at(-1)).toBe("state.too-many");
});

it("gets nothing for an invite alone, before both sides confirmed", async () => {
  const telco = scene.cluster.node("telco");
  const { line } = await (await telco.operator()).call("invitePartner", { body: {} });
  const folder = await mkdtemp(join(tmpdir(), "tombolo-invited-"));
  try {
    await createKeys(join(folder, "keys"), "mallory", undefined);
    const mallory = speaker("mallory", await loadKeys(join(folder, "keys"), undefined));
    const invite = parseInviteLine(line, new Date());
    const application = {
      ...{ contract_id: invite.contract, secret: invite.secret, node_id: "mallory", name: "M", address: null },
      ...{ signing_key: toBase64Url(mallory.keys.signing.publicKey), suite: SUITE },
      auth_credential: mallory.keys.tls.fingerprint,
      ...{ auth_type: "CERT", system: "tombolo", system_version: "1" },
    };
    const apply = (changes: object) =>
      send(telco, mallory, signed(mallory, telco, PATHS.apply, { ...application, ...changes }));
    // What is stored is dialled, at every start too: nothing but host and port comes in.
    for (const address of ["http://169.254.169.254/latest", "bank.example", "a:0", "a:99999", ""])
      expect(await apply({ address })).toMatchObject({ code: "protocol.body" });
    expect(await apply({})).toMatchObject({ status: 200 });
    const start = { job_id: "job-0123456789abcdef", fence: 1, consents: [], away_seconds: 40 };
    for (const [path, body] of [
      [LIST_PATH, {}],
      [JOBS.jobStart, start],
    ] as const)
      expect(await send(telco, mallory, signed(mallory, telco, path, body))).toMatchObject({
        code: "consent.no-contract",
      });
    const query = signed(mallory, telco, PATHS.query, { contract_id: invite.contract });
    expect(await send(telco, mallory, query)).toMatchObject({ status: 200 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

describe("an API key", () => {
  it("is no second pair of eyes for whoever made it", async () => {
    const bank = scene.cluster.node("bank");
    const person = await bank.person("everything", "admin", "analyst", "approver");
    const key = async (...roles: Role[]) => {
      const { secret } = await person.call("createApiKey", { body: { name: roles.join(), roles } });
      return new Client({ origin: `http://127.0.0.1:${bank.apiPort}`, apiKey: secret });
    };
    const [analystKey, approverKey] = [await key("analyst"), await key("approver")];
    for (const [asker, decider] of [
      [person, approverKey],
      [analystKey, person],
    ] as const) {
      const body = { projectId: scene.projectId, flow: matchFlow(scene) };
      const { id: job } = await asker.call("submitJob", { body });
      const item = (await decider.call("listApprovals", { query: {} })).items.find((each) => each.jobId === job)!;
      const { consentHash } = await decider.call("getApproval", { params: { id: item.id } });
      await expect(decider.call("approve", { params: { id: item.id }, body: { consentHash } })).rejects.toMatchObject({
        code: "consent.four-eyes",
      });
    }
  });
});
