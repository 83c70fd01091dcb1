/**
 * Keys that follow others, between two real nodes: prepared, announced, taken at a restart, the former ones retired; what
 * was signed before still verifies, work goes on, and a node with former keys is kept out and told what to do.
 */
import { execFile } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { toBase64Url } from "@tombolo/base";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createKeys, loadKeys, sha256Hex, signBytes } from "../config/keys.ts";
import { announcementBytes, tlsProof } from "../config/next-keys.ts";
import { dataPaths } from "../config/paths.ts";
import { ask } from "../operations/control.ts";
import { hasEnded, until } from "../testing/cluster.ts";
import { keysOf, type Speaker, send, signed } from "../testing/intruder.ts";
import { creditScene, type Scene, submitMatch } from "../testing/joint-job.ts";
import { LIST_PATH } from "./catalogue.ts";
import { KEYS_PATH, type Rotation } from "./key-rotation.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
let scene: Scene;
let former: Speaker;

beforeAll(async () => {
  scene = await creditScene(300);
}, 300_000);
afterAll(async () => {
  await scene?.cluster[Symbol.asyncDispose]();
});

const node = (party: string) => scene.cluster.node(party);
/** Asked for, and consented to by the bank alone. */
async function asked(): Promise<string> {
  const id = await submitMatch(scene);
  await scene.cluster.decide("bank", "job", id);
  return id;
}
async function done(id: string): Promise<void> {
  await scene.cluster.decide("telco", "job", id);
  for (const party of ["bank", "telco"])
    expect(await scene.cluster.job(party, id, "over", hasEnded, 300)).toMatchObject({
      status: "SUCCESS",
      failure: null,
    });
}
const rotation = async (verb: "keys" | "rotateKeys"): Promise<Rotation> =>
  (await ask(node("telco").directory, verb, {})) as Rotation;
const kinds = async (party: string): Promise<string[]> =>
  (await (await node(party).approver()).call("journal", { query: { limit: 100 } })).items.map(({ kind }) => kind);
const verified = async (party: string) => (await node(party).approver()).call("verifyJournal", {});

it("takes no next keys but those that the present ones and they themselves sign", async () => {
  const telco = await keysOf(node("telco"));
  const [contract] = (await (await node("bank").operator()).call("listPartners")).items;
  const folder = join(node("bank").directory, "tmp", "forged");
  await createKeys(folder, "telco", undefined);
  const next = await loadKeys(folder, undefined);
  const keys = {
    party: "telco",
    previous: { signingKey: telco.keys.signing.fingerprint, certificate: telco.keys.tls.fingerprint },
    signingKey: toBase64Url(next.signing.publicKey),
    certificate: next.tls.fingerprint,
    at: new Date().toISOString(),
  };
  const offer = (changed: Partial<typeof keys>, by = telco.keys.signing, proven = next.signing, shown = next) => {
    const bytes = announcementBytes({ ...keys, ...changed });
    const [signature, proof] = [signBytes(by, bytes), signBytes(proven, bytes)].map((each) => toBase64Url(each));
    const body = {
      contract_id: contract!.contractId,
      keys: { ...keys, ...changed },
      signature,
      proof,
      tls: tlsProof(shown, bytes),
    };
    return send(node("bank"), telco, signed(telco, node("bank"), KEYS_PATH, body));
  };
  const refused = { code: "auth.wrong-key" };
  expect(await offer({}, next.signing)).toMatchObject(refused);
  expect(await offer({}, telco.keys.signing, telco.keys.signing)).toMatchObject(refused);
  expect(await offer({ party: "bank" })).toMatchObject(refused);
  expect(await offer({ previous: { ...keys.previous, certificate: "00".repeat(32) } })).toMatchObject(refused);
  expect(await offer({ certificate: telco.keys.tls.fingerprint })).toMatchObject(refused);
  const present = [telco.keys.signing, next.signing, telco.keys] as const;
  expect(await offer({ certificate: telco.keys.tls.fingerprint }, ...present)).toMatchObject(refused);
  expect(await kinds("bank")).not.toContain("contract.keys-announced");
  await rm(folder, { recursive: true });
});

it("rotates: partners learn the next keys, also one that was away, and work goes on under a restart", async () => {
  const before = await asked();
  await until("telco is asked", async () =>
    (await (await node("telco").approver()).call("listApprovals", { query: {} })).items.some(
      (each) => each.jobId === before,
    ),
  );
  former = await keysOf(node("telco"));
  await node("bank").kill();
  const prepared = await rotation("rotateKeys");
  expect(prepared).toMatchObject({ partners: [{ party: "bank", knows: false }] });
  // Not everybody knows them: a restart changes nothing.
  await node("telco").kill("SIGTERM");
  await node("telco").start();
  expect((await rotation("keys")).present.signingKey).toBe(former.keys.signing.fingerprint);
  await node("bank").start();
  await until("the bank knows", async () => (await rotation("keys")).partners[0]?.knows === true, 120);
  expect((await rotation("rotateKeys")).next).toEqual(prepared.next);
  await node("telco").kill();
  await node("telco").start();
  expect(await rotation("keys")).toMatchObject({ next: null, present: { signingKey: prepared.next!.signingKey } });
  await until("the bank retires the former", async () => (await kinds("bank")).includes("contract.keys-changed"), 120);
  // Its document names the former keys; it runs under the new ones.
  await done(before);
}, 600_000);

it("keeps out who comes with the former keys, whose private halves are gone", async () => {
  const bank = node("bank");
  expect(await send(bank, former, signed(former, bank, LIST_PATH, {}))).toMatchObject({ code: "auth.unknown-party" });
  const present = await keysOf(node("telco"));
  const mixed: Speaker = { ...present, keys: { ...present.keys, signing: former.keys.signing } };
  expect(await send(bank, mixed, signed(mixed, bank, LIST_PATH, {}))).toMatchObject({ code: "auth.unknown-key" });
  expect(await send(bank, present, signed(present, bank, LIST_PATH, {}))).toMatchObject({ status: 200 });
  const paths = dataPaths(node("telco").directory);
  expect(existsSync(paths.nextKeys)).toBe(false);
  expect(existsSync(`${paths.keys}.retired`)).toBe(false);
  const shown = new X509Certificate(await readFile(join(paths.keys, "tls-certificate.pem"), "utf8"));
  expect(sha256Hex(shown.raw)).toBe(present.keys.tls.fingerprint);
});

it("verifies what was signed before, and signs what comes after", async () => {
  for (const party of ["bank", "telco"]) expect(await verified(party)).toMatchObject({ ok: true, problems: [] });
  const proven = (await verified("telco")).provenUpTo[0]?.size ?? 0;
  await done(await asked());
  await until(
    "the bank holds a later checkpoint",
    async () => ((await verified("telco")).provenUpTo[0]?.size ?? 0) > proven,
    120,
  );
  const { items } = await (await node("telco").operator()).call("listPartners");
  expect(items[0]?.fingerprint).toBe(
    (await (await node("bank").operator()).call("listPartners")).items[0]?.fingerprint,
  );
}, 600_000);

it("a node with keys of before the rotation is told what to do", async () => {
  const telco = node("telco");
  await telco.kill("SIGTERM");
  const { keys } = dataPaths(telco.directory);
  const aside = `${keys}.of-now`;
  await cp(keys, aside, { recursive: true });
  const pem = (key: "signing" | "tls") =>
    key === "signing"
      ? former.keys.signing.privateKey.export({ type: "pkcs8", format: "pem" })
      : former.keys.tls.privateKeyPem;
  await writeFile(join(keys, "signing-key.pem"), pem("signing"));
  await writeFile(join(keys, "tls-key.pem"), pem("tls"));
  await writeFile(join(keys, "tls-certificate.pem"), former.keys.tls.certificatePem);
  await rm(join(keys, "former-keys.json"));
  await telco.start();
  const failed = (await promisify(execFile)(process.execPath, [MAIN, "doctor", "--dir", telco.directory]).catch(
    (error: unknown) => error,
  )) as { stdout: string };
  expect(failed.stdout).toContain("put the keys folder of a later backup in the place of its own");
  await telco.kill("SIGTERM");
  await rm(keys, { recursive: true });
  await cp(aside, keys, { recursive: true });
  await telco.start();
  await until("the partners are connected again", async () =>
    (await (await telco.operator()).call("listPartners")).items.every(({ connection }) => connection?.state === "up"),
  );
}, 180_000);
