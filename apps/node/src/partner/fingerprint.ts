/** What two people compare over the telephone before a contract counts. */
import { createHash } from "node:crypto";
import { concat, fromHex, utf8 } from "@tombolo/base";

export interface PartyKeys {
  readonly partyId: string;
  /** SHA-256 of the raw Ed25519 signing key, hex. */
  readonly signingKey: string;
  /** SHA-256 of the TLS certificate's DER, hex. */
  readonly certificate: string;
}

/** SHA-256 over both parties' ids and keys, in the order of their ids, as eight groups of five digits (132 bits). */
export function pairFingerprint(a: PartyKeys, b: PartyKeys): string {
  const [first, second] = a.partyId < b.partyId ? [a, b] : [b, a];
  const digest = createHash("sha256")
    .update(concat(utf8("tombolo/fingerprint/v1\0"), keyBytes(first), keyBytes(second)))
    .digest();
  const groups: string[] = [];
  for (let at = 0; at < 32; at += 4) groups.push(String(digest.readUInt32BE(at) % 100_000).padStart(5, "0"));
  return groups.join(" ");
}

/** As people type it: any separators, or none. */
export const sameDigits = (typed: string, fingerprint: string): boolean =>
  typed.replace(/[\s-]/g, "") === fingerprint.replace(/\s/g, "");

// The id is fixed at 32 bytes by zero padding, so that no two pairs give the same bytes.
const keyBytes = (keys: PartyKeys): Uint8Array =>
  concat(utf8(keys.partyId.padEnd(32, "\0")), fromHex(keys.signingKey), fromHex(keys.certificate));
