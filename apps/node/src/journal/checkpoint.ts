/**
 * Signed checkpoints in the C2SP formats tlog-checkpoint and signed-note: origin, size, root, our time line, a blank
 * line, then one signature line per signer: own, and the cosignatures of partners that hold it.
 *
 *   tombolo.journal/bank
 *   42
 *   <base64 root>
 *   time 2026-11-21T09:00:00.000Z
 *
 *   — bank <base64(key id (4) || Ed25519 signature (64))>
 */
import { createHash } from "node:crypto";
import { concat, TomboloError, utf8 } from "@tombolo/base";
import { type SigningKey, signBytes, verifyBytes } from "../config/keys.ts";
import type { Hash } from "./merkle.ts";

export interface Checkpoint {
  readonly party: string;
  readonly size: number;
  readonly rootHash: Hash;
  readonly at: Date;
}

const ORIGIN = "tombolo.journal/";
const NOTE_LENGTH_MAX = 4096;
const TEXT = /^tombolo\.journal\/([a-z][a-z0-9-]{1,31})\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\ntime (\S{1,40})\n$/;
const SIGNATURE_LINE = /^— ([a-z][a-z0-9-]{1,31}) ([A-Za-z0-9+/]{91}=)$/;

export function checkpointText(checkpoint: Checkpoint): string {
  const root = Buffer.from(checkpoint.rootHash).toString("base64");
  return `${ORIGIN}${checkpoint.party}\n${checkpoint.size}\n${root}\ntime ${checkpoint.at.toISOString()}\n`;
}

/** The note with one more signature line by `signer`. */
export function signNote(note: string, signer: string, key: SigningKey): string {
  const text = textOf(note);
  const signature = concat(keyId(signer, key.publicKey), signBytes(key, utf8(text)));
  const lines = note.length > text.length ? note : `${text}\n`;
  return `${lines}— ${signer} ${Buffer.from(signature).toString("base64")}\n`;
}

/** The checkpoint in the note, if `signer` signed it with `publicKey`. Throws `protocol.checkpoint` otherwise. */
export function openNote(note: string, signer: string, publicKey: Uint8Array): Checkpoint {
  if (note.length > NOTE_LENGTH_MAX) throw malformed("it is too long");
  const text = textOf(note);
  const match = TEXT.exec(text);
  if (match === null) throw malformed("its text is not a checkpoint");
  const signature = signatureBy(note, signer, keyId(signer, publicKey));
  if (signature === undefined || !verifyBytes(publicKey, utf8(text), signature))
    throw malformed(`it has no valid signature by ${signer}`);
  const at = new Date(match[4]!);
  if (Number.isNaN(at.getTime())) throw malformed("its time is not a time");
  return { party: match[1]!, size: Number(match[2]), rootHash: Buffer.from(match[3]!, "base64"), at };
}

/** Base64 of the Ed25519 signature by `signer`, as the API shows it. */
export function signatureOf(note: string, signer: string, publicKey: Uint8Array): string {
  const signature = signatureBy(note, signer, keyId(signer, publicKey));
  return signature === undefined ? "" : Buffer.from(signature).toString("base64");
}

/** signed-note: SHA-256(name || 0x0A || 0x01 || public key)[:4] */
const keyId = (name: string, publicKey: Uint8Array): Uint8Array =>
  createHash("sha256").update(`${name}\n`).update(Uint8Array.of(1)).update(publicKey).digest().subarray(0, 4);

const textOf = (note: string): string => {
  const end = note.indexOf("\n\n");
  return end < 0 ? note : note.slice(0, end + 1);
};

function signatureBy(note: string, signer: string, id: Uint8Array): Uint8Array | undefined {
  for (const line of note.slice(textOf(note).length + 1).split("\n")) {
    const match = SIGNATURE_LINE.exec(line);
    if (match?.[1] !== signer) continue;
    const bytes = Buffer.from(match[2]!, "base64");
    if (bytes.length === 68 && bytes.subarray(0, 4).equals(id)) return bytes.subarray(4);
  }
  return undefined;
}

const malformed = (why: string): TomboloError =>
  new TomboloError("protocol.checkpoint", `a journal checkpoint was refused: ${why}`);
