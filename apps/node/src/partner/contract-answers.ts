/** What a partner may do about the contract with it: apply with an invite, confirm, end, ask how it stands. */
import { timingSafeEqual } from "node:crypto";
import { fromBase64Url, fromHex, safeText, TomboloError, toBase64Url } from "@tombolo/base";
import type { z } from "zod";
import { sha256Hex } from "../config/keys.ts";
import { queueWebhook } from "../webhook/webhook.ts";
import type { applyBody, contractIdBody, terminateBody } from "./contract-messages.ts";
import { contractById, partnerActor, SUITE } from "./contract-rows.ts";
import { approveIfBoth, changed, endContract, refuseSecondContract } from "./contracts.ts";
import { newId } from "./ids.ts";
import type { Partner } from "./inbound.ts";
import { secretHash } from "./invite.ts";
import type { Side } from "./side.ts";
import { safeLines } from "./text.ts";

export async function onApply(side: Side, caller: Partner, body: z.infer<typeof applyBody>) {
  const row = await side.store.db
    .selectFrom("contracts")
    .selectAll()
    .where("id", "=", body.contract_id)
    .executeTakeFirst();
  // A repeat brings the keys of the first time: what people compare must not change under their eyes.
  const again =
    row?.status === "APPLIED" &&
    row.party_id === body.node_id &&
    row.signing_key === body.signing_key &&
    row.certificate_fingerprint === caller.certificate;
  if (row === undefined || row.secret_hash === null || !(row.status === "INVITED" || again)) throw badInvite();
  if (!timingSafeEqual(fromHex(row.secret_hash), fromHex(secretHash(body.secret)))) throw badInvite();
  if (row.invite_expires_at === null || row.invite_expires_at <= side.clock.now()) throw badInvite();
  const keysAgree =
    body.node_id === caller.party && body.auth_credential === caller.certificate && body.node_id !== side.config.party;
  if (!keysAgree) throw new TomboloError("auth.wrong-key", "the application's keys are not those it was sent with");
  if (body.suite !== SUITE) throw new TomboloError("input.suite", `this node has not the suite ${body.suite}`);
  await refuseSecondContract(side, body.node_id, body.contract_id);
  await side.store.transaction(async (tx) => {
    const name = safeText(body.name, "the partner's name", 200);
    await tx
      .updateTable("contracts")
      .set({
        party_id: body.node_id,
        name,
        status: "APPLIED",
        address: body.address,
        direction: body.address === null ? "they-dial" : "both",
        signing_key: body.signing_key,
        signing_key_fingerprint: sha256Hex(fromBase64Url(body.signing_key)),
        certificate_fingerprint: caller.certificate,
      })
      .where("id", "=", row.id)
      .execute();
    if (again) return;
    await side.journal.append(
      "contract.applied",
      partnerActor(body.node_id),
      { en: `${body.node_id} applied for a contract`, zh: `${body.node_id} 申请签约` },
      { contract: row.id, partner: body.node_id, certificate: caller.certificate },
    );
    await tx
      .insertInto("approvals")
      .values(contractApproval(side, row.id, body.node_id, name))
      .execute();
    await queueWebhook(side, { event: "approval.waiting", kind: "contract", title: name });
    changed(side, row.id);
  });
  await side.wire.refresh();
  return {
    contract_id: row.id,
    node_id: side.config.party,
    name: side.config.name,
    signing_key: toBase64Url(side.keys.signing.publicKey),
    suite: SUITE,
  };
}

export async function onConfirm(side: Side, caller: Partner, body: z.infer<typeof contractIdBody>): Promise<void> {
  mustBeOf(caller, body.contract_id);
  await side.store.transaction(async (tx) => {
    await tx.updateTable("contracts").set({ partner_confirmed: true }).where("id", "=", body.contract_id).execute();
    await approveIfBoth(side, body.contract_id);
  });
  await side.wire.refresh();
}

export async function onTerminate(side: Side, caller: Partner, body: z.infer<typeof terminateBody>): Promise<void> {
  mustBeOf(caller, body.contract_id);
  const contract = await contractById(side, body.contract_id);
  await endContract(side, partnerActor(caller.party), contract, safeLines(body.reason, "the reason", 4000));
}

export async function onQuery(side: Side, caller: Partner, body: z.infer<typeof contractIdBody>) {
  mustBeOf(caller, body.contract_id);
  const contract = await contractById(side, body.contract_id);
  return {
    contract_id: contract.id,
    status: contract.status,
    confirmed: contract.own_confirmed,
    suite: contract.suite,
  };
}

function mustBeOf(caller: Partner, id: string): void {
  if (caller.contractId !== id) throw new TomboloError("auth.wrong-contract", "this is not your contract");
}

const contractApproval = (side: Side, contract: string, party: string, name: string) => ({
  id: newId("approval"),
  kind: "contract" as const,
  title: name,
  message: "",
  requested_by: party,
  requested_by_id: null,
  requested_party: party,
  status: "WAITING" as const,
  subject: contract,
  created_at: side.clock.now(),
  expires_at: new Date(side.clock.now().getTime() + 7 * 86_400_000),
});

const badInvite = (): TomboloError =>
  new TomboloError("auth.invite", "the invite is unknown, used or expired", { remedy: "Ask for a new invite line." });
