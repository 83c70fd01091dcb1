/** Contracts in the store: who the partners are, which keys count, and how one is shown. */
import { fromBase64Url, TomboloError } from "@tombolo/base";
import type { Partner as PartnerView } from "@tombolo/sdk";
import type { Selectable } from "kysely";
import type { Actor, NodeContext } from "../context.ts";
import type { PartnerTables } from "../store/tables/partners.ts";
import { pairFingerprint } from "./fingerprint.ts";
import type { KnownKeys } from "./inbound.ts";
import type { Side } from "./side.ts";

export type Contract = Selectable<PartnerTables["contracts"]>;
export const SUITE = "international-1";

/** The contract in force with a party. Throws `consent.no-contract`. */
export async function contractWith(context: NodeContext, party: string): Promise<Contract> {
  const contract = await activeContract(context, party);
  if (contract?.status === "APPROVED") return contract;
  throw new TomboloError("consent.no-contract", `there is no contract in force with ${party}`, {
    blame: party,
    remedy: "Both sides have to compare and confirm the fingerprint first.",
  });
}

export async function activeContract({ store }: NodeContext, party: string): Promise<Contract | undefined> {
  return store.db
    .selectFrom("contracts")
    .selectAll()
    .where("party_id", "=", party)
    .where("status", "in", ["APPLIED", "APPROVED"])
    .executeTakeFirst();
}

export const listContracts = ({ store }: NodeContext): Promise<Contract[]> =>
  store.db.selectFrom("contracts").selectAll().orderBy("created_at").execute();

/** An invite that nobody used in time, or that was withdrawn, concerns nobody any more; the journal keeps it. */
export const isSpentInvite = ({ clock }: NodeContext, contract: Contract): boolean =>
  contract.party_id === null &&
  (contract.status !== "INVITED" || contract.invite_expires_at === null || contract.invite_expires_at <= clock.now());

/** Keys of a party whose contract is agreed or being agreed. */
export async function findKeys(context: NodeContext, party: string): Promise<KnownKeys | undefined> {
  const contract = await activeContract(context, party);
  if (contract?.signing_key == null || contract.certificate_fingerprint === null) return undefined;
  return {
    party,
    contractId: contract.id,
    signingKey: fromBase64Url(contract.signing_key),
    certificate: contract.certificate_fingerprint,
    confirmed: contract.status === "APPROVED",
    ...(contract.next_signing_key === null || contract.next_certificate_fingerprint === null
      ? {}
      : {
          next: {
            signingKey: fromBase64Url(contract.next_signing_key),
            certificate: contract.next_certificate_fingerprint,
          },
        }),
  };
}

export async function contractById({ store }: NodeContext, id: string): Promise<Contract> {
  const contract = await store.db.selectFrom("contracts").selectAll().where("id", "=", id).executeTakeFirst();
  if (contract === undefined) throw new TomboloError("state.unknown", "there is no such contract");
  return contract;
}

export function fingerprintOf({ config, keys }: NodeContext, contract: Contract): string | null {
  if (
    contract.party_id === null ||
    contract.signing_key_fingerprint === null ||
    contract.certificate_fingerprint === null
  )
    return null;
  return pairFingerprint(
    { partyId: config.party, signingKey: keys.signing.fingerprint, certificate: keys.tls.fingerprint },
    {
      partyId: contract.party_id,
      signingKey: contract.signing_key_fingerprint,
      certificate: contract.certificate_fingerprint,
    },
  );
}

export function contractView(side: Side, contract: Contract): PartnerView {
  const connection =
    contract.party_id === null || contract.status === "TERMINATED" ? null : side.wire.connection(contract.party_id);
  return {
    contractId: contract.id,
    partyId: contract.party_id,
    name: contract.name,
    status: contract.status,
    fingerprint: fingerprintOf(side, contract),
    ownFingerprintConfirmed: contract.own_confirmed,
    partnerFingerprintConfirmed: contract.partner_confirmed,
    direction: contract.direction,
    address: contract.address,
    connection: connection === null ? null : { ...connection, since: connection.since.toISOString() },
    suite: contract.suite,
    createdAt: contract.created_at.toISOString(),
    inviteExpiresAt: contract.status === "INVITED" ? (contract.invite_expires_at?.toISOString() ?? null) : null,
    note: contract.note,
  };
}

export const partnerActor = (party: string): Actor => ({ kind: "partner", id: party, name: party });
