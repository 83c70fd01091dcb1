/** What the partner port refuses, and what it survives. Two real nodes; the test speaks with their keys and others. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPtpTransport } from "@tombolo/transport-ptp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createKeys, loadKeys } from "../config/keys.ts";
import { type Cluster, startCluster, until } from "../testing/cluster.ts";
import { keysOf, type Speaker, send, signed, speaker } from "../testing/intruder.ts";
import { LIST_PATH } from "./catalogue.ts";
import { PATHS } from "./contract-messages.ts";
import { parseInviteLine } from "./invite.ts";

let cluster: Cluster;
let bank: Speaker;
let folder: string;
let stranger: Speaker;

beforeAll(async () => {
  cluster = await startCluster(["bank", "telco"]);
  folder = await mkdtemp(join(tmpdir(), "tombolo-stranger-"));
  await createKeys(join(folder, "keys"), "bank", undefined);
  stranger = speaker("bank", await loadKeys(join(folder, "keys"), undefined));
  bank = await keysOf(cluster.node("bank"));
}, 180_000);
afterAll(async () => {
  await cluster?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

describe("contracts", () => {
  it("come from an invite line that works once, and count when both compared the fingerprint", async () => {
    const [here, there] = [await cluster.node("bank").operator(), await cluster.node("telco").operator()];
    const telco = cluster.node("telco");
    const list = signed(bank, telco, LIST_PATH, {});
    expect(await send(telco, bank, list)).toMatchObject({ code: "auth.unknown-party" });
    const { line, contractId } = await there.call("invitePartner", { body: {} });
    const accepted = await here.call("acceptInvite", { body: { line } });
    expect(accepted).toMatchObject({ status: "APPLIED", partyId: "telco", ownFingerprintConfirmed: false });
    const seen = (await there.call("listPartners")).items.find((each) => each.contractId === contractId)!;
    expect(seen.fingerprint).toBe(accepted.fingerprint);
    const params = { id: contractId };
    await expect(
      here.call("confirmPartner", { params, body: { fingerprint: "00000 ".repeat(8) } }),
    ).rejects.toMatchObject({
      code: "auth.fingerprint",
    });
    await here.call("confirmPartner", { params, body: { fingerprint: accepted.fingerprint! } });
    // One side's word is not enough.
    await expect(here.call("partnerDatasets", { params })).rejects.toMatchObject({ code: "consent.no-contract" });
    await there.call("confirmPartner", { params, body: { fingerprint: seen.fingerprint!.replaceAll(" ", "") } });
    for (const client of [here, there])
      await until(
        "the contract is in force",
        async () => (await client.call("listPartners")).items[0]?.status === "APPROVED",
      );
    expect((await here.call("checkPartner", { params })).ok).toBe(true);
    await expect(here.call("acceptInvite", { body: { line } })).rejects.toMatchObject({ code: "auth.invite" });
  });
});

describe("the partner port refuses", () => {
  it("a replayed request, also after a restart", async () => {
    const telco = cluster.node("telco");
    const request = signed(bank, telco, LIST_PATH, {});
    expect(await send(telco, bank, request)).toEqual({ status: 200, code: undefined });
    expect(await send(telco, bank, request)).toMatchObject({ status: 401, code: "auth.replayed" });
    await telco.kill("SIGKILL");
    await telco.start();
    expect(await send(telco, bank, request)).toMatchObject({
      status: 401,
      code: expect.stringMatching(/^auth\.(replayed|expired)$/),
    });
    expect(await send(telco, bank, signed(bank, telco, LIST_PATH, {}))).toMatchObject({ status: 200 });
  });

  it("an altered request", async () => {
    const telco = cluster.node("telco");
    const request = signed(bank, telco, LIST_PATH, {});
    const altered = { ...request, body: new TextEncoder().encode('{"x":1}') };
    expect(await send(telco, bank, altered)).toMatchObject({ code: "auth.bad-digest" });
    const elsewhere = { ...request, path: PATHS.query };
    expect(await send(telco, bank, elsewhere)).toMatchObject({ code: "auth.bad-signature" });
    const unsigned = { ...request, headers: { ...request.headers, signature: "sig=::" } };
    expect(await send(telco, bank, unsigned)).toMatchObject({ code: "auth.unsigned" });
  });

  it("a request of another time", async () => {
    const telco = cluster.node("telco");
    const late = speaker("bank", bank.keys, () => new Date(Date.now() - 120_000));
    expect(await send(telco, bank, signed(late, telco, LIST_PATH, {}))).toMatchObject({ code: "auth.expired" });
    const early = speaker("bank", bank.keys, () => new Date(Date.now() + 120_000));
    expect(await send(telco, bank, signed(early, telco, LIST_PATH, {}))).toMatchObject({ code: "auth.expired" });
  });

  it("an unknown certificate, even with the right signing key, and the right certificate with another key", async () => {
    const telco = cluster.node("telco");
    const wrongCertificate = speaker("bank", { ...bank.keys, tls: stranger.keys.tls });
    expect(await send(telco, wrongCertificate, signed(bank, telco, LIST_PATH, {}))).toMatchObject({
      code: "auth.unknown-party",
    });
    const wrongKey = speaker("bank", { ...bank.keys, signing: stranger.keys.signing });
    expect(await send(telco, bank, signed(wrongKey, telco, LIST_PATH, {}))).toMatchObject({ code: "auth.unknown-key" });
  });

  it("an application without an invite", async () => {
    const telco = cluster.node("telco");
    const body = {
      contract_id: "contract-0000000000000000",
      node_id: "bank",
      name: "Bank",
      address: null,
      signing_key: Buffer.from(stranger.keys.signing.publicKey).toString("base64url"),
      auth_type: "CERT",
      auth_credential: stranger.keys.tls.fingerprint,
      secret: "s".repeat(43),
      suite: "international-1",
      system: "tombolo",
      system_version: "0.1.0",
    };
    expect(await send(telco, stranger, signed(stranger, telco, PATHS.apply, body))).toMatchObject({
      code: "auth.invite",
    });
    expect(await send(telco, stranger, signed(stranger, telco, LIST_PATH, {}))).toMatchObject({
      code: "auth.unknown-party",
    });
  });

  it("unknown resources and malformed bodies, and goes on", async () => {
    const telco = cluster.node("telco");
    expect(await send(telco, bank, signed(bank, telco, "/v1/interconn/nothing", {}))).toMatchObject({
      code: "protocol.unknown-resource",
    });
    expect(await send(telco, bank, signed(bank, telco, PATHS.query, { contract_id: 5 }))).toMatchObject({
      code: "protocol.body",
    });
    expect(await send(telco, bank, signed(bank, telco, LIST_PATH, {}))).toMatchObject({ status: 200 });
    expect(telco.log).toContain("refused a partner's request");
  });
});

describe("ending a contract", () => {
  it("closes the door at both sides", async () => {
    const here = await cluster.node("bank").operator();
    const [contract] = (await here.call("listPartners")).items;
    await here.call("terminatePartner", { params: { id: contract!.contractId }, body: { reason: "over" } });
    const there = await cluster.node("telco").operator();
    await until("telco knows", async () => (await there.call("listPartners")).items[0]?.status === "TERMINATED");
    const telco = cluster.node("telco");
    expect(await send(telco, bank, signed(bank, telco, LIST_PATH, {}))).toMatchObject({ code: "auth.unknown-party" });
  });

  it("severs at once what a partner holds open that alone dials", async () => {
    const telco = cluster.node("telco");
    const there = await telco.operator();
    const invite = parseInviteLine((await there.call("invitePartner", { body: {} })).line, new Date());
    const shop = speaker("shop", stranger.keys);
    const signingKey = Buffer.from(shop.keys.signing.publicKey).toString("base64url");
    const body = {
      ...{ contract_id: invite.contract, node_id: "shop", name: "Shop", address: null, signing_key: signingKey },
      ...{ auth_type: "CERT", auth_credential: shop.keys.tls.fingerprint, secret: invite.secret },
      ...{ suite: invite.suite, system: "tombolo", system_version: "0.1.0" },
    };
    expect(await send(telco, shop, signed(shop, telco, PATHS.apply, body))).toMatchObject({ status: 200 });
    const transport = createPtpTransport({
      ...{ self: "shop", techProviderCode: "tombolo", addressPolicy: { allowPrivate: true } },
      tls: { key: shop.keys.tls.privateKeyPem, cert: shop.keys.tls.certificatePem },
      ...{ authorise: () => null, sessionAllowed: () => false },
      onRequest: async () => ({ status: 200, headers: {}, body: new TextEncoder().encode('{"code":0,"data":{}}') }),
    });
    try {
      const address = { host: "127.0.0.1", port: telco.partnerPort, fingerprint: invite.certificate };
      transport.connect({ partyId: "telco", ...address });
      const connected = async () =>
        (await there.call("listPartners")).items.find(({ partyId }) => partyId === "shop")?.connection?.state === "up";
      await until("the shop is connected", async () => (await connected()) && transport.status("telco").state === "up");
      await there.call("terminatePartner", { params: { id: invite.contract }, body: { reason: "over" } });
      await until("the shop's connection is gone", async () => transport.status("telco").state !== "up");
      await until("and refused since", async () => transport.status("telco").lastError?.code.startsWith("auth."));
      expect(await connected()).toBe(false);
    } finally {
      await transport.close();
    }
  });
});
