/**
 * A snapshot's digest and its salted commitment. Hashed is the content, column by column: an owner who imports the same
 * rows again gets the same digest. The commitment hides the digest behind 256 random bits, since a small table could
 * be guessed.
 */
import { createHash } from "node:crypto";
import { type Column, canonicalJson, type Secrets, utf8 } from "@tombolo/base";
import { readColumns, type SchemaColumn } from "./read-columns.ts";
import type { ImportLimits, SnapshotCommitment } from "./types.ts";

const LABELS = {
  digest: "tombolo/snapshot/v1\0",
  commitment: "tombolo/snapshot-commitment/v1\0",
} as const;
const SALT_BYTES = 32;

/** So few columns are in memory at a time. */
const COLUMNS_AT_ONCE = 8;

export async function snapshotDigest(
  path: string,
  schema: readonly SchemaColumn[],
  options: { readonly limits?: ImportLimits; readonly signal?: AbortSignal } = {},
): Promise<Uint8Array> {
  const hash = createHash("sha256").update(LABELS.digest);
  for (let at = 0; at < schema.length; at += COLUMNS_AT_ONCE) {
    const part = schema.slice(at, at + COLUMNS_AT_ONCE);
    const names = part.map(({ name }) => name);
    const { columns } = await readColumns(path, names, options);
    part.forEach(({ name, type }, i) => {
      hash.update(canonicalJson([name, type])).update("\0");
      hashColumn(hash, columns[i]!);
    });
  }
  return new Uint8Array(hash.digest());
}

function hashColumn(hash: ReturnType<typeof createHash>, column: Column): void {
  const cells = column.kind === "number" ? column.values : column.codes;
  hash.update(lengthOf(cells.length)).update(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength));
  if (column.kind === "number") return;
  hash.update(lengthOf(column.categories.length));
  for (const category of column.categories) {
    const bytes = utf8(category);
    hash.update(lengthOf(bytes.length)).update(bytes);
  }
}

const lengthOf = (length: number): Uint8Array => new Uint8Array(new BigUint64Array([BigInt(length)]).buffer);

export function commitToSnapshot(digest: Uint8Array, secrets: Secrets): SnapshotCommitment {
  const salt = secrets.bytes(SALT_BYTES);
  return { salt, commitment: commitmentOf(digest, salt) };
}

/** To check a commitment against a snapshot once its owner opens it. */
export const commitmentOf = (digest: Uint8Array, salt: Uint8Array): Uint8Array =>
  new Uint8Array(createHash("sha256").update(LABELS.commitment).update(salt).update(digest).digest());
