/**
 * Contracts: two parties agreed to talk. One side makes an invite line, the other accepts it; both compare the
 * fingerprint out of band and confirm. Only a contract that both confirmed carries data, grants and jobs.
 *
 *   A invite   -> line with A's keys and a single-use secret, handed over by people
 *   B accept   -> applies at A over TLS pinned by the line, with the secret and B's keys
 *   A, B confirm(fingerprint), each tells the other; both: APPROVED
 *
 * Here what own people do; what the partner does is in contract-answers.ts.
 */
import { randomBytes } from "node:crypto";
import { fromBase64Url, safeText, TomboloError, toBase64Url } from "@tombolo/base";
import { z } from "zod";
import { sha256Hex } from "../config/keys.ts";
import type { Actor } from "../context.ts";
import { endGrantsWith } from "../grants/uses.ts";
import { endRequestsOf } from "../models/permits.ts";
import { holdSchedulesWith } from "../schedules/hold.ts";
import { version } from "../version.ts";
import { callPartner, openAnswer, signedRequest } from "./calls.ts";
import { applyAnswer, type applyBody, PATHS } from "./contract-messages.ts";
import { activeContract, type Contract, contractById, fingerprintOf, SUITE } from "./contract-rows.ts";
import { sameDigits } from "./fingerprint.ts";
import { newId } from "./ids.ts";
import { type InviteContent, inviteLine, parseInviteLine, secretHash } from "./invite.ts";
import type { Side } from "./side.ts";

export async function makeInvite(
  side: Side,
  actor: Actor,
  input: { note?: string | undefined; address?: string | undefined; hours: number },
) {
  const address = input.address ?? side.config.partner.publicAddress;
  if (address === undefined)
    throw new TomboloError("input.address", "the partner needs an address to dial, and this node has none", {
      remedy: "Set partner.publicAddress in node.yaml, give an address, or let the partner make the invite.",
    });
  const secret = randomBytes(32).toString("base64url");
  const id = newId("contract");
  const now = side.clock.now();
  const expires = new Date(now.getTime() + input.hours * 3_600_000);
  await side.store.transaction(async (tx) => {
    await tx
      .insertInto("contracts")
      .values({
        ...emptyContract(id, actor, now),
        name: "",
        status: "INVITED",
        direction: "they-dial",
        secret_hash: secretHash(secret),
        invite_expires_at: expires,
        note: input.note ?? null,
      })
      .execute();
    await side.journal.append(
      "contract.invited",
      actor,
      { en: "Made an invite line", zh: "生成邀请" },
      { contract: id },
    );
    changed(side, id);
  });
  const content: InviteContent = {
    contract: id,
    party: side.config.party,
    name: side.config.name,
    address,
    signingKey: side.keys.signing.fingerprint,
    certificate: side.keys.tls.fingerprint,
    suite: SUITE,
    secret,
    expires: expires.toISOString(),
  };
  return { contractId: id, line: inviteLine(content), expiresAt: expires.toISOString() };
}

export async function acceptInvite(
  side: Side,
  actor: Actor,
  input: { line: string; proxy?: string | undefined; note?: string | undefined },
): Promise<Contract> {
  const invite = parseInviteLine(input.line, side.clock.now());
  if (invite.party === side.config.party)
    throw new TomboloError("input.invite", "this invite line is your own", { remedy: "Hand it to the partner." });
  if (invite.suite !== SUITE)
    throw new TomboloError("input.suite", `the invite asks for the suite ${invite.suite}, which this node has not`);
  await refuseSecondContract(side, invite.party, invite.contract);
  // The node's own proxy is looked up at each dial: it may change.
  const proxy = input.proxy ?? null;
  const body: z.infer<typeof applyBody> = {
    contract_id: invite.contract,
    node_id: side.config.party,
    name: side.config.name,
    address: side.config.partner.publicAddress ?? null,
    signing_key: toBase64Url(side.keys.signing.publicKey),
    auth_type: "CERT",
    auth_credential: side.keys.tls.fingerprint,
    secret: invite.secret,
    suite: SUITE,
    system: "tombolo",
    system_version: version,
  };
  const request = signedRequest(side, invite.party, PATHS.apply, body);
  const response = await side.wire.requestAt(
    invite.party,
    { address: invite.address, certificate: invite.certificate, proxy },
    request,
  );
  const answer = openAnswer(invite.party, response, applyAnswer);
  if (answer.node_id !== invite.party || sha256Hex(fromBase64Url(answer.signing_key)) !== invite.signingKey)
    throw new TomboloError("auth.wrong-key", "who answered is not who made the invite line", { blame: invite.party });
  return storeAccepted(side, actor, invite, answer, proxy, input.note ?? null);
}

async function storeAccepted(
  side: Side,
  actor: Actor,
  invite: InviteContent,
  answer: z.infer<typeof applyAnswer>,
  proxy: string | null,
  note: string | null,
): Promise<Contract> {
  const contract = await side.store.transaction(async (tx) => {
    const values = {
      ...emptyContract(invite.contract, actor, side.clock.now()),
      party_id: invite.party,
      name: safeText(answer.name, "the partner's name", 200),
      status: "APPLIED" as const,
      direction: side.config.partner.publicAddress === undefined ? ("we-dial" as const) : ("both" as const),
      address: invite.address,
      proxy,
      signing_key: answer.signing_key,
      signing_key_fingerprint: invite.signingKey,
      certificate_fingerprint: invite.certificate,
      note,
    };
    const stored = await tx
      .insertInto("contracts")
      .values(values)
      .onConflict((conflict) => conflict.column("id").doUpdateSet(values))
      .returningAll()
      .executeTakeFirstOrThrow();
    await side.journal.append(
      "contract.applied",
      actor,
      { en: `Applied for a contract with ${invite.party}`, zh: `向 ${invite.party} 申请签约` },
      {
        contract: invite.contract,
        partner: invite.party,
        signingKey: invite.signingKey,
        certificate: invite.certificate,
      },
    );
    changed(side, invite.contract);
    return stored;
  });
  await side.wire.refresh();
  return contract;
}

export async function confirmContract(side: Side, actor: Actor, id: string, fingerprint: string): Promise<Contract> {
  const contract = await contractById(side, id);
  if (contract.party_id === null || !["APPLIED", "APPROVED"].includes(contract.status))
    throw new TomboloError("state.contract", `this contract is ${contract.status} and cannot be confirmed`);
  if (!sameDigits(fingerprint, fingerprintOf(side, contract) ?? ""))
    throw new TomboloError("auth.fingerprint", "the fingerprint is not that of this contract", {
      remedy:
        "Compare all eight groups with the partner by telephone. If they differ, somebody is in between: end the contract.",
    });
  const party = contract.party_id;
  await side.store.transaction(async (tx) => {
    await tx.updateTable("contracts").set({ own_confirmed: true }).where("id", "=", id).execute();
    await approveIfBoth(side, id);
    await side.journal.append(
      "contract.confirmed",
      actor,
      { en: `Confirmed the fingerprint of ${party}`, zh: `确认 ${party} 的指纹` },
      { contract: id, partner: party },
    );
    await tx
      .updateTable("approvals")
      .set({ status: "APPROVED", decided_by: actor.name, decided_by_id: actor.id, decided_at: side.clock.now() })
      .where("subject", "=", id)
      .where("status", "=", "WAITING")
      .execute();
    await side.outbox.post(side, party, PATHS.confirm, { contract_id: id });
  });
  await side.wire.refresh();
  return contractById(side, id);
}

export async function terminateContract(side: Side, actor: Actor, id: string, reason: string): Promise<Contract> {
  const contract = await contractById(side, id);
  if (contract.status === "TERMINATED" || contract.status === "REJECTED") return contract;
  const { party_id: party } = contract;
  // Told before it ends here, since nothing passes afterwards. A partner that is away meets a refusal later.
  if (party !== null)
    await callPartner(side, party, PATHS.terminate, { contract_id: id, reason }, z.unknown()).catch((error: unknown) =>
      side.log.warn({ partner: party, err: error }, "the partner could not be told that the contract ended"),
    );
  await endContract(side, actor, contract, reason);
  return contractById(side, id);
}

/** Once both have confirmed. */
export async function approveIfBoth(side: Side, id: string): Promise<void> {
  await side.store.db
    .updateTable("contracts")
    .set({ status: "APPROVED", secret_hash: null })
    .where("id", "=", id)
    .where("own_confirmed", "=", true)
    .where("partner_confirmed", "=", true)
    .where("status", "=", "APPLIED")
    .execute();
  changed(side, id);
}

export async function endContract(side: Side, actor: Actor, contract: Contract, reason: string): Promise<void> {
  await side.store.transaction(async (tx) => {
    const grants = contract.party_id === null ? [] : await endGrantsWith(side, contract.party_id);
    if (contract.party_id !== null) {
      await holdSchedulesWith(side, contract.party_id, `the contract with ${contract.party_id} has ended`);
      await endRequestsOf(side, contract.party_id);
    }
    await tx
      .updateTable("contracts")
      .set({ status: "TERMINATED", secret_hash: null, note: reason })
      .where("id", "=", contract.id)
      .execute();
    await tx
      .updateTable("approvals")
      .set({ status: "WITHDRAWN", reason })
      .where("subject", "=", contract.id)
      .where("status", "=", "WAITING")
      .execute();
    const partner = contract.party_id ?? "";
    await side.journal.append(
      "contract.terminated",
      actor,
      { en: `Ended the contract with ${partner}: ${reason}`, zh: `终止与 ${partner} 的签约：${reason}` },
      { contract: contract.id, partner, reason, grants },
    );
    changed(side, contract.id);
  });
  if (contract.party_id !== null)
    await side.driver.stopJobsWith(contract.party_id, `the contract with ${contract.party_id} has ended`);
  await side.wire.refresh();
}

export async function refuseSecondContract(side: Side, party: string, id: string): Promise<void> {
  const other = await activeContract(side, party);
  if (other !== undefined && other.id !== id)
    throw new TomboloError("state.contract-exists", `there is a contract with ${party} already`, {
      remedy: "End it first.",
    });
}

const emptyContract = (id: string, actor: Actor, now: Date) => ({
  id,
  party_id: null,
  name: "",
  status: "INVITED" as const,
  address: null,
  proxy: null,
  signing_key: null,
  signing_key_fingerprint: null,
  certificate_fingerprint: null,
  next_signing_key: null,
  next_certificate_fingerprint: null,
  own_next_fingerprint: null,
  own_confirmed: false,
  partner_confirmed: false,
  suite: SUITE,
  secret_hash: null,
  invite_expires_at: null,
  note: null,
  created_by: actor.name,
  created_at: now,
});

export const changed = (side: Side, id: string): void =>
  side.store.afterCommit(() => side.events.publish({ kind: "partner", id, data: null }));
