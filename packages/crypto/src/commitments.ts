/**
 * Hash commitments: SHA-256(label length || label || nonce || value) with a 32-byte secret nonce. Binding by collision
 * resistance, hiding with the hash as a random oracle. The label separates uses (SECURITY.md rule 5 puts the session
 * into it).
 */
import { concat, equalBytes, type Secrets, utf8 } from "@tombolo/base";
import { kernels } from "@tombolo/kernels";

export const COMMITMENT_BYTES = 32;
export const NONCE_BYTES = 32;
const LABEL_BYTES_MAX = 255;

export interface Opening {
  readonly nonce: Uint8Array;
  readonly value: Uint8Array;
}

export async function commit(
  label: string,
  value: Uint8Array,
  secrets: Secrets,
): Promise<{ readonly commitment: Uint8Array; readonly opening: Opening }> {
  const opening = { nonce: secrets.bytes(NONCE_BYTES), value };
  return { commitment: await digest(label, opening), opening };
}

export async function opensTo(commitment: Uint8Array, label: string, opening: Opening): Promise<boolean> {
  return opening.nonce.length === NONCE_BYTES && equalBytes(commitment, await digest(label, opening));
}

function digest(label: string, { nonce, value }: Opening): Promise<Uint8Array> {
  const name = utf8(label);
  if (name.length > LABEL_BYTES_MAX) throw new RangeError(`a label has at most ${LABEL_BYTES_MAX} bytes`);
  const message = concat(Uint8Array.of(name.length), name, nonce, value);
  return kernels.sha256Batch(message, Uint32Array.of(0, message.length));
}
