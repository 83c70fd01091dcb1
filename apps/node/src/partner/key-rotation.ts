/**
 * Keys that follow others (SECURITY.md rule 17). A party announces its next keys to every partner, signed with the present
 * signing key, the next one and the next TLS key; a partner takes either from then on, and the next alone once it has heard them used:
 *
 *   A rotate    -> keys.next, announcement                     journal keys.prepared
 *   A -> B      contract/keys { announcement }                 journal contract.keys-announced at B
 *   A restarts  once all partners have it: the next keys are the present ones   journal keys.changed
 *   A -> B      anything, signed with them: B retires the former             journal contract.keys-changed at B
 *
 * B's node decides, not its people: who has the present keys could sign anything in A's name already, and a rotation that
 * waited for approvers at every partner would not be done. People see it in the journal and may end the contract.
 * What was signed and consented to before holds: the chain of a contract's keys says who signed it.
 */
import { existsSync } from "node:fs";
import { fromBase64Url, TomboloError } from "@tombolo/base";
import { z } from "zod";
import { ownSigningKeys, sha256Hex, verifyBytes, verifyWithCertificate } from "../config/keys.ts";
import {
  type Announcement,
  announcementBytes,
  preparedKeys,
  prepareKeys,
  type SignedAnnouncement,
  signedAnnouncement,
} from "../config/next-keys.ts";
import { passphraseOf } from "../config/passphrase.ts";
import type { ConsentDocument } from "../consent/document.ts";
import type { Actor, NodeContext } from "../context.ts";
import {
  activeContract,
  type Contract,
  contractById,
  isSpentInvite,
  listContracts,
  partnerActor,
} from "./contract-rows.ts";
import type { KnownKeys, Partner } from "./inbound.ts";
import type { Side } from "./side.ts";

export const KEYS_PATH = "/v1/interconn/node/contract/keys";
const QUERY_PATH = "/v1/interconn/node/contract/query";
/** A rotation takes one. */
const ANNOUNCEMENTS_A_DAY = 10;
export const keysBody = signedAnnouncement.extend({ contract_id: z.string().max(96) });

export interface Rotation {
  /** Fingerprints of the next keys; null: none are prepared. */
  readonly next: { readonly signingKey: string; readonly certificate: string; readonly at: string } | null;
  readonly present: { readonly signingKey: string; readonly certificate: string };
  readonly partners: readonly { readonly party: string; readonly knows: boolean }[];
}

// ---- own keys

export async function rotation({ paths, keys, store }: NodeContext): Promise<Rotation> {
  const prepared = await preparedKeys(paths);
  const contracts = await store.db.selectFrom("contracts").selectAll().where("status", "=", "APPROVED").execute();
  const next = prepared && nextOf(prepared);
  return {
    present: { signingKey: keys.signing.fingerprint, certificate: keys.tls.fingerprint },
    next: next ?? null,
    partners: contracts.map(({ party_id, own_next_fingerprint: known }) => ({
      party: party_id ?? "",
      knows: next !== undefined && known === next.signingKey,
    })),
  };
}

/** Prepares the next keys unless they are there, and tells whoever does not know them yet. */
export async function rotateKeys(side: Side, actor: Actor, environment: NodeJS.ProcessEnv): Promise<Rotation> {
  if (!existsSync(side.paths.nextKeys)) {
    await refuseOpenContracts(side);
    const { config, keys, paths, clock } = side;
    const prepared = await prepareKeys(paths, config.party, passphraseOf(environment), keys, clock.now());
    await side.journal.append(
      "keys.prepared",
      actor,
      { en: "Prepared the next keys of this party", zh: "已准备本机构的新密钥" },
      { ...nextOf(prepared), previous: prepared.keys.previous },
    );
  }
  await announceKeys(side);
  return rotation(side);
}

/** What people compare by telephone must not change meanwhile. */
async function refuseOpenContracts(side: Side): Promise<void> {
  const open = (await listContracts(side)).some(
    (each) => each.status === "APPLIED" || (each.status === "INVITED" && !isSpentInvite(side, each)),
  );
  if (open)
    throw new TomboloError("state.contract", "a contract is being agreed on with the present keys", {
      remedy: "Confirm it at both sides, or end it, then rotate the keys.",
    });
}

/** At each start too: to partners that are new, or that were away for longer than messages wait. */
export async function announceKeys(side: Side): Promise<void> {
  const prepared = await preparedKeys(side.paths);
  if (prepared === undefined) return;
  const next = nextOf(prepared).signingKey;
  for (const { id, party_id: party, status, own_next_fingerprint: known } of await listContracts(side)) {
    if (status !== "APPROVED" || party === null || known === next) continue;
    await side.store.transaction(async (tx) => {
      await tx.deleteFrom("outbox").where("party", "=", party).where("path", "=", KEYS_PATH).execute();
      await side.outbox.post(side, party, KEYS_PATH, { ...prepared, contract_id: id });
    });
  }
}

/** A partner took the announcement. */
export async function keysDelivered(side: Side, party: string, body: unknown): Promise<void> {
  const { keys } = body as SignedAnnouncement;
  await side.store.db
    .updateTable("contracts")
    .set({ own_next_fingerprint: sha256Hex(fromBase64Url(keys.signingKey)) })
    .where("party_id", "=", party)
    .where("status", "=", "APPROVED")
    .execute();
}

/** After the keys were taken: partners retire the former ones as soon as they hear the next. */
export async function takeNewKeys(side: Side): Promise<void> {
  for (const { id, party_id: party, status, own_next_fingerprint: known } of await listContracts(side)) {
    if (status !== "APPROVED" || party === null || known !== side.keys.signing.fingerprint) continue;
    await side.store.transaction(async (tx) => {
      await tx.updateTable("contracts").set({ own_next_fingerprint: null }).where("id", "=", id).execute();
      await side.outbox.post(side, party, QUERY_PATH, { contract_id: id });
    });
  }
}

const nextOf = ({ keys }: SignedAnnouncement) => ({
  signingKey: sha256Hex(fromBase64Url(keys.signingKey)),
  certificate: keys.certificate,
  at: keys.at,
});

// ---- a partner's keys

export async function onKeys(side: Side, caller: Partner, body: z.infer<typeof keysBody>): Promise<void> {
  if (caller.contractId !== body.contract_id)
    throw new TomboloError("auth.wrong-contract", "this is not your contract");
  const { keys } = body;
  const contract = await contractById(side, body.contract_id);
  const are = (signingKey: string | null, certificate: string | null): boolean =>
    keys.signingKey === signingKey && keys.certificate === certificate;
  if (are(contract.signing_key, contract.certificate_fingerprint)) return;
  if (are(contract.next_signing_key, contract.next_certificate_fingerprint)) return;
  checkAnnouncement(caller, body);
  await side.store.transaction(async (tx) => {
    await refuseUsedKeys(side, contract, keys);
    await countAnnouncement(side, contract);
    await tx
      .updateTable("contracts")
      .set({ next_signing_key: keys.signingKey, next_certificate_fingerprint: keys.certificate })
      .where("id", "=", contract.id)
      .execute();
    const { signature, proof } = body;
    await side.journal.append(
      "contract.keys-announced",
      partnerActor(caller.party),
      { en: `${caller.party} announced its next keys`, zh: `${caller.party} 公告了新密钥` },
      { contract: contract.id, keys, signature, proof },
    );
    side.store.afterCommit(() => side.events.publish({ kind: "partner", id: contract.id, data: null }));
  });
  await side.wire.refresh();
}

/** Keys that count, count next at another party, or counted once: they would speak for two, or come back. */
async function refuseUsedKeys({ store }: Side, contract: Contract, keys: Announcement): Promise<void> {
  const contracts = await store.db
    .selectFrom("contracts")
    .select("id")
    .where((eb) =>
      eb.or([
        eb("certificate_fingerprint", "=", keys.certificate),
        eb.and([eb("next_certificate_fingerprint", "=", keys.certificate), eb("party_id", "<>", contract.party_id)]),
      ]),
    )
    .execute();
  const former = await store.db
    .selectFrom("former_keys")
    .select("contract_id")
    .where((eb) =>
      eb.or([eb("certificate_fingerprint", "=", keys.certificate), eb("signing_key", "=", keys.signingKey)]),
    )
    .execute();
  if (contracts.length > 0 || former.length > 0 || contract.signing_key === keys.signingKey)
    throw new TomboloError("auth.wrong-key", "the next keys must be new ones", { blame: contract.party_id! });
}

/** Each leaves an entry in the journal, which is not the partner's to fill. */
async function countAnnouncement({ store, clock }: Side, { id, party_id: party }: Contract): Promise<void> {
  const today = clock.now().toISOString().slice(0, 10);
  const counted = await store.db
    .updateTable("contracts")
    .set((eb) => ({
      keys_announced: eb
        .case()
        .when("keys_announced_on", "=", today)
        .then(eb("keys_announced", "+", 1))
        .else(1)
        .end(),
      keys_announced_on: today,
    }))
    .where("id", "=", id)
    .where((eb) => eb.or([eb("keys_announced_on", "<>", today), eb("keys_announced", "<", ANNOUNCEMENTS_A_DAY)]))
    .executeTakeFirst();
  if (counted.numUpdatedRows === 0n)
    throw new TomboloError("state.too-many", `${party} announced ${ANNOUNCEMENTS_A_DAY} next keys today already`);
}

function checkAnnouncement(caller: Partner, { keys, signature, proof, tls }: SignedAnnouncement): void {
  const certificate = fromBase64Url(tls.certificate);
  const bytes = announcementBytes(keys);
  const holds =
    keys.party === caller.party &&
    keys.previous.signingKey === sha256Hex(caller.signingKey) &&
    keys.previous.certificate === caller.certificate &&
    verifyBytes(caller.signingKey, bytes, fromBase64Url(signature)) &&
    verifyBytes(fromBase64Url(keys.signingKey), bytes, fromBase64Url(proof)) &&
    sha256Hex(certificate) === keys.certificate &&
    verifyWithCertificate(certificate, bytes, fromBase64Url(tls.proof));
  if (!holds)
    throw new TomboloError("auth.wrong-key", "the next keys are not signed with the present ones and themselves", {
      blame: caller.party,
    });
}

/** They were used: the former ones count no more, but for what was signed with them. */
export async function retireFormerKeys(side: Side, { contractId, party, next }: KnownKeys): Promise<void> {
  const retired = await side.store.transaction(async (tx) => {
    const contract = await contractById(side, contractId);
    // Another request of the same moment may have been first.
    if (next === undefined || contract.next_certificate_fingerprint !== next.certificate) return null;
    await tx.insertInto("former_keys").values(formerOf(contract, side.clock.now())).execute();
    await tx
      .updateTable("contracts")
      .set({
        signing_key: contract.next_signing_key,
        signing_key_fingerprint: sha256Hex(next.signingKey),
        certificate_fingerprint: next.certificate,
        ...{ next_signing_key: null, next_certificate_fingerprint: null },
      })
      .where("id", "=", contractId)
      .execute();
    await side.journal.append(
      "contract.keys-changed",
      partnerActor(party),
      { en: `${party} uses its new keys`, zh: `${party} 已启用新密钥` },
      { contract: contractId, signingKey: sha256Hex(next.signingKey), certificate: next.certificate },
    );
    side.store.afterCommit(() => side.events.publish({ kind: "partner", id: contractId, data: null }));
    return contract.certificate_fingerprint;
  });
  await side.wire.refresh();
  if (retired !== null) side.wire.dropCertificate(retired);
}

const formerOf = (contract: Contract, until: Date) => ({
  contract_id: contract.id,
  party: contract.party_id!,
  signing_key: contract.signing_key!,
  signing_key_fingerprint: contract.signing_key_fingerprint!,
  certificate_fingerprint: contract.certificate_fingerprint!,
  until,
});

// ---- what was signed before

/** Whether the keys that a job names are, or were, those of the contract in force with the party. */
export async function isKeyOfContract(
  context: NodeContext,
  party: string,
  named: { readonly signingKey: string; readonly certificate: string },
): Promise<boolean> {
  const contract = await activeContract(context, party);
  if (contract === undefined) return false;
  const is = (signingKey: string | null, certificate: string | null): boolean =>
    signingKey === named.signingKey && certificate === named.certificate;
  if (is(contract.signing_key_fingerprint, contract.certificate_fingerprint)) return true;
  const former = await context.store.db
    .selectFrom("former_keys")
    .selectAll()
    .where("contract_id", "=", contract.id)
    .execute();
  return former.some((each) => is(each.signing_key_fingerprint, each.certificate_fingerprint));
}

/**
 * The keys that may speak for a party about what it consented to under the key of this fingerprint: that key, and those
 * that followed it. A job goes on over a rotation, and what it left verifies ever after.
 */
export async function keysSince(context: NodeContext, party: string, fingerprint: string): Promise<Uint8Array[]> {
  const chain =
    party === context.config.party
      ? ownSigningKeys(context.keys).toSorted(
          (a, b) => (a.until?.getTime() ?? Infinity) - (b.until?.getTime() ?? Infinity),
        )
      : await partnerChain(context, party, fingerprint);
  const keys = chain.map(({ publicKey }) => publicKey);
  const first = keys.findIndex((key) => sha256Hex(key) === fingerprint);
  return first < 0 ? [] : keys.slice(first);
}

/** Of the contract that knew this key, oldest first, whether or not it is in force. */
async function partnerChain({ store }: NodeContext, party: string, fingerprint: string) {
  const rows = await store.db
    .selectFrom("former_keys")
    .selectAll()
    .where("party", "=", party)
    .orderBy("until")
    .execute();
  const contracts = await store.db.selectFrom("contracts").selectAll().where("party_id", "=", party).execute();
  const knew = rows.find((each) => each.signing_key_fingerprint === fingerprint)?.contract_id;
  const contract = contracts.find((each) => each.id === knew || each.signing_key_fingerprint === fingerprint);
  if (contract === undefined) return [];
  const former = rows.filter((each) => each.contract_id === contract.id).map((each) => each.signing_key);
  return [...former, contract.signing_key, contract.next_signing_key].flatMap((key) =>
    key === null ? [] : [{ publicKey: fromBase64Url(key) }],
  );
}

/** Whether this key may sign for a party of the job. */
export async function speaksFor(
  context: NodeContext,
  { parties }: Pick<ConsentDocument, "parties">,
  party: string,
  key: Uint8Array,
): Promise<boolean> {
  const named = parties.find((each) => each.party === party)?.signingKey;
  const own = sha256Hex(key);
  if (named === undefined || named === own) return named === own;
  return (await keysSince(context, party, named)).some((each) => sha256Hex(each) === own);
}
