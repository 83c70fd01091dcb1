/** What partners may announce as their next keys to a real listener, and what ends with their former ones. */
import { generateKeyPairSync } from "node:crypto";
import { once } from "node:events";
import { join } from "node:path";
import { toBase64Url } from "@tombolo/base";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createKeys, loadKeys, type NodeKeys, sha256Hex, signBytes, signingKeyOf } from "../config/keys.ts";
import { announcementBytes, tlsProof } from "../config/next-keys.ts";
import { connected, type Speaker, send, signed, speaker, type Target } from "../testing/intruder.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { PATHS } from "./contract-messages.ts";
import { SUITE } from "./contract-rows.ts";
import { KEYS_PATH } from "./key-rotation.ts";
import { type Services, startServices } from "./services.ts";

let bank: TestContext;
let services: Services;
let target: Target;
let telco: Speaker;
let shop: Speaker;

beforeAll(async () => {
  bank = await testContext({ config: { partner: { host: "127.0.0.1", port: 0 } } });
  services = await startServices(bank);
  target = { party: "bank", partnerPort: services.port };
  telco = await partner("telco");
  shop = await partner("shop");
}, 60_000);
afterAll(async () => {
  await services?.close();
  await bank?.[Symbol.asyncDispose]();
});

const keysIn = async (party: string, name: string): Promise<NodeKeys> => {
  const folder = join(bank.paths.temporary, name);
  await createKeys(folder, party, undefined);
  return loadKeys(folder, undefined);
};
const speaks = (party: string, keys: NodeKeys): Speaker => speaker(party, keys, () => bank.clock.now());

/** With a contract in force, the partner dialling. */
async function partner(party: string): Promise<Speaker> {
  const keys = await keysIn(party, `${party}-first`);
  await bank.store.db
    .insertInto("contracts")
    .values({
      ...{ id: `contract-${party}`, party_id: party, name: party, status: "APPROVED", direction: "they-dial" },
      ...{ address: null, proxy: null, next_signing_key: null, next_certificate_fingerprint: null },
      signing_key: toBase64Url(keys.signing.publicKey),
      signing_key_fingerprint: keys.signing.fingerprint,
      certificate_fingerprint: keys.tls.fingerprint,
      ...{ own_next_fingerprint: null, own_confirmed: true, partner_confirmed: true, suite: SUITE },
      ...{ secret_hash: null, invite_expires_at: null, note: null, created_by: "ann", created_at: bank.clock.now() },
    })
    .execute();
  await services.network.refresh();
  return speaks(party, keys);
}

/** `certificate`: another than that of the next keys. */
function announce(from: Speaker, next: NodeKeys, certificate = next.tls.fingerprint) {
  const { party } = from.config;
  const keys = {
    party,
    previous: { signingKey: from.keys.signing.fingerprint, certificate: from.keys.tls.fingerprint },
    signingKey: toBase64Url(next.signing.publicKey),
    certificate,
    at: bank.clock.now().toISOString(),
  };
  const bytes = announcementBytes(keys);
  const [signature, proof] = [from.keys, next].map(({ signing }) => toBase64Url(signBytes(signing, bytes)));
  const body = { contract_id: `contract-${party}`, keys, signature, proof, tls: tlsProof(next, bytes) };
  return send(target, from, signed(from, target, KEYS_PATH, body));
}
const query = (from: Speaker) =>
  send(target, from, signed(from, target, PATHS.query, { contract_id: `contract-${from.config.party}` }));
const announced = async (): Promise<number> => {
  const rows = await bank.store.db.selectFrom("journal_entries").select("entry").execute();
  return rows.filter(({ entry }) => entry.includes("contract.keys-announced")).length;
};
const otherSigning = (keys: NodeKeys): NodeKeys => ({
  ...keys,
  signing: signingKeyOf(generateKeyPairSync("ed25519").privateKey),
});
const CONTROL_PATH = "/v1/interconn/chan/control";
const wrong = { code: "auth.wrong-key" };

test("nobody announces a certificate that is not its own, nor keeps its owner out with it", async () => {
  const [telcoNext, shopNext] = [await keysIn("telco", "telco-next"), await keysIn("shop", "shop-next")];
  expect(await announce(shop, shopNext, telcoNext.tls.fingerprint)).toMatchObject(wrong);
  const stolen = { ...shopNext, tls: { ...shopNext.tls, certificatePem: telcoNext.tls.certificatePem } };
  expect(await announce(shop, stolen, telcoNext.tls.fingerprint)).toMatchObject(wrong);
  expect(await announce(telco, telcoNext)).toMatchObject({ status: 200 });
  // One who has the very key is told apart by its name, and may not have two names either.
  expect(await announce(shop, { ...shopNext, tls: telcoNext.tls })).toMatchObject(wrong);
  await bank.store.db
    .updateTable("contracts")
    .set({ next_certificate_fingerprint: telcoNext.tls.fingerprint, created_at: new Date(0) })
    .where("id", "=", "contract-shop")
    .execute();
  await services.network.refresh();
  expect(await query(speaks("telco", telcoNext))).toMatchObject({ status: 200 });
  telco = speaks("telco", telcoNext);
});

test("what is open under a former certificate ends with the first request under the next", async () => {
  const held = connected(target, telco);
  const { headers } = signed(telco, target, CONTROL_PATH, {});
  const control = held.request({ ":method": "POST", ":path": CONTROL_PATH, ...headers });
  const [answer] = (await once(control, "response")) as [Record<string, unknown>];
  expect(answer[":status"]).toBe(200);
  control.on("error", () => {});
  const closed = new Promise((resolve) => held.on("error", () => {}).once("close", resolve));
  const next = await keysIn("telco", "telco-third");
  expect(await announce(telco, next)).toMatchObject({ status: 200 });
  expect(held.closed).toBe(false);
  expect(await query(speaks("telco", next))).toMatchObject({ status: 200 });
  await closed;
  const former = telco.keys;
  telco = speaks("telco", next);
  // Retired keys do not come back, neither half of them.
  expect(await announce(telco, former)).toMatchObject(wrong);
  expect(await announce(telco, { ...next, signing: former.signing })).toMatchObject(wrong);
  expect(await announce(telco, otherSigning(former))).toMatchObject(wrong);
});

test("an announcement heard again leaves nothing; a day has room for ten", async () => {
  bank.clock.advance(24 * 60);
  const before = await announced();
  const next = await keysIn("telco", "telco-fourth");
  for (let i = 0; i < 3; i++) expect(await announce(telco, next)).toMatchObject({ status: 200 });
  expect(await announced()).toBe(before + 1);
  for (let i = 1; i < 10; i++) expect(await announce(telco, otherSigning(next))).toMatchObject({ status: 200 });
  expect(await announce(telco, otherSigning(next))).toMatchObject({ code: "state.too-many" });
  expect(await announced()).toBe(before + 10);
  bank.clock.advance(24 * 60);
  const last = otherSigning(next);
  expect(await announce(telco, last)).toMatchObject({ status: 200 });
  expect(await query(speaks("telco", last))).toMatchObject({ status: 200 });
  const { signing_key_fingerprint: known } = await bank.store.db
    .selectFrom("contracts")
    .select("signing_key_fingerprint")
    .where("id", "=", "contract-telco")
    .executeTakeFirstOrThrow();
  expect(known).toBe(sha256Hex(last.signing.publicKey));
});
