/**
 * What a version of a catalogue is: its key, its size, what it was made from, when its epoch ends; signed with the
 * catalogue's own key.
 *
 * The signature of a header is k·H(header) with a proof that this k is that of the public key (Goh, Jarecki, EUROCRYPT
 * 2003, with the proof of RFC 9497 2.2.1). H has a tag of its own, so this says nothing of k·H(id).
 */
import { concat, equalBytes, type Secrets, TomboloError, utf8 } from "@tombolo/base";
import { DIGEST_BYTES, POINT_BYTES, ristretto255, sha256 } from "@tombolo/crypto";
import { onPoints } from "../../on-points.ts";
import { PROOF_BYTES, prove, verify } from "../../oprf/index.ts";

export const STAGE = "psi/unbalanced";
export const ROWS_MAX = 2 ** 31;
export const IDS_MAX = 2 ** 40;
const TAG_BYTES_MAX = 16;
/** Of what stands beside a tag, unsealed. */
export const RECORD_BYTES_MAX = 2 ** 12;
/** What sealing adds to a record; see query/keyword. */
export const SEAL_BYTES = 16;
const LABEL = { header: "tombolo-psi-unbalanced-2-header-ristretto255_XMD:SHA-512_R255MAP_RO_" } as const;

export interface CatalogueHeader {
  /** 32 bytes, fresh for each epoch: with it, all of an epoch's hashes differ from those of any other. */
  readonly catalogue: Uint8Array;
  /** 1, 2, ... within an epoch. */
  readonly version: number;
  /** k·G */
  readonly publicKey: Uint8Array;
  readonly tagBytes: number;
  /** Bytes of the record beside each tag, as its owner wrote it; 0: tags alone. */
  readonly recordBytes: number;
  /** Tags in this version, dummies included. */
  readonly rows: number;
  /** Tags that are new in it, and that are no longer in it. */
  readonly added: number;
  readonly removed: number;
  /** Commitment to the ids it was made of. */
  readonly snapshot: Uint8Array;
  /** Hash of the version before; zeros for the first. */
  readonly previous: Uint8Array;
  /** The epoch ends after so many ids asked, and at this time (ms since 1970, by the maker's clock). */
  readonly idsMax: number;
  readonly expiresAt: number;
}

const NUMBERS_BYTES = 1 + 2 + 4 + 5 * 8;
export const HEADER_BYTES = 4 * DIGEST_BYTES + NUMBERS_BYTES;
export const SIGNATURE_BYTES = POINT_BYTES + PROOF_BYTES;

export function encodeHeader(header: CatalogueHeader): Uint8Array {
  const numbers = new DataView(new ArrayBuffer(NUMBERS_BYTES));
  numbers.setUint8(0, header.tagBytes);
  numbers.setUint16(1, header.recordBytes, true);
  numbers.setUint32(3, header.version, true);
  [header.rows, header.added, header.removed, header.idsMax, header.expiresAt].forEach((value, i) => {
    numbers.setFloat64(7 + 8 * i, value, true);
  });
  const { catalogue, publicKey, snapshot, previous } = header;
  return concat(catalogue, publicKey, snapshot, previous, new Uint8Array(numbers.buffer));
}

export function decodeHeader(bytes: Uint8Array): CatalogueHeader {
  if (bytes.length !== HEADER_BYTES) throw malformed("a catalogue header of wrong length");
  const part = (i: number): Uint8Array => bytes.slice(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES);
  const numbers = new DataView(bytes.buffer, bytes.byteOffset + 4 * DIGEST_BYTES, NUMBERS_BYTES);
  const value = (i: number, max: number): number => {
    const found = numbers.getFloat64(7 + 8 * i, true);
    if (!Number.isInteger(found) || found < 0 || found > max || Object.is(found, -0))
      throw malformed("an impossible number in a catalogue header");
    return found;
  };
  const header = {
    ...{ catalogue: part(0), publicKey: part(1), snapshot: part(2), previous: part(3) },
    ...{ tagBytes: numbers.getUint8(0), recordBytes: numbers.getUint16(1, true), version: numbers.getUint32(3, true) },
    ...{ rows: value(0, ROWS_MAX), added: value(1, ROWS_MAX), removed: value(2, ROWS_MAX) },
    ...{ idsMax: value(3, IDS_MAX), expiresAt: value(4, 2 ** 52) },
  };
  const { tagBytes, recordBytes, version, idsMax } = header;
  if (tagBytes < 5 || tagBytes > TAG_BYTES_MAX || recordBytes > RECORD_BYTES_MAX || version < 1 || idsMax < 1)
    throw malformed("an impossible number in a catalogue header");
  return header;
}

export const headerHash = (header: CatalogueHeader): Promise<Uint8Array> => sha256(encodeHeader(header));

/** At least 40 + log2(rows · ids asked) bits, so that no tag is met by chance in an epoch but with 2^-40 (rule 14). */
export const tagBytesFor = (rows: number, idsMax: number): number =>
  Math.ceil((40 + Math.log2(Math.max(1, rows)) + Math.log2(Math.max(1, idsMax))) / 8);

/** Of one entry of the catalogue: a tag and, where there are records, the sealed one behind it. */
export const entryBytes = ({ tagBytes, recordBytes }: Pick<CatalogueHeader, "tagBytes" | "recordBytes">): number =>
  tagBytes + (recordBytes === 0 ? 0 : SEAL_BYTES + recordBytes);

export async function signHeader(header: CatalogueHeader, key: Uint8Array, secrets: Secrets): Promise<Uint8Array> {
  const point = await headerPoint(header);
  const evaluated = await ristretto255.multiply(point, key);
  const statement = { publicKey: header.publicKey, blinded: point, evaluated };
  return concat(evaluated, await prove(statement, key, ristretto255.randomScalar(secrets)));
}

export async function checkSignature(header: CatalogueHeader, signature: Uint8Array, party: string): Promise<void> {
  const evaluated = signature.slice(0, POINT_BYTES);
  await onPoints(STAGE, party, undefined, () => ristretto255.validate(concat(header.publicKey, evaluated)));
  const statement = { publicKey: header.publicKey, blinded: await headerPoint(header), evaluated };
  if (signature.length !== SIGNATURE_BYTES || !(await verify(statement, signature.slice(POINT_BYTES))))
    throw refused("signature", "the catalogue is not signed by its key", party);
}

/** That `next` is the version after `before`, of the same epoch; throws if it is not. */
export async function checkSuccessor(
  before: CatalogueHeader | null,
  next: CatalogueHeader,
  party: string,
): Promise<void> {
  const rows = (before?.rows ?? 0) + next.added - next.removed;
  const previous = before === null ? new Uint8Array(DIGEST_BYTES) : await headerHash(before);
  const same =
    before === null ||
    (equalBytes(before.catalogue, next.catalogue) &&
      equalBytes(before.publicKey, next.publicKey) &&
      before.tagBytes === next.tagBytes &&
      before.recordBytes === next.recordBytes &&
      before.idsMax === next.idsMax &&
      before.expiresAt === next.expiresAt);
  if (
    !same ||
    next.version !== (before?.version ?? 0) + 1 ||
    next.rows !== rows ||
    !equalBytes(next.previous, previous)
  )
    throw refused("version", "the catalogue is not the version after the one that is here", party);
  if (next.tagBytes < tagBytesFor(next.rows, next.idsMax))
    throw refused("tag-size", "the catalogue's tags are too short for its size", party);
}

const headerPoint = (header: CatalogueHeader): Promise<Uint8Array> => {
  const bytes = encodeHeader(header);
  return ristretto255.hashToGroup(bytes, Uint32Array.of(0, bytes.length), utf8(LABEL.header));
};

const malformed = (what: string): TomboloError => new TomboloError("protocol.malformed", what, { stage: STAGE });

export const refused = (code: string, what: string, party: string): TomboloError =>
  new TomboloError(`protocol.${code}`, what, { stage: STAGE, blame: party });
