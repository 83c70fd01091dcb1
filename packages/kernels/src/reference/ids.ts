/** Bulk handling of ids, one row at a time. */
import { fromUtf8, toHex, utf8 } from "@tombolo/base";
import { checkRoom, elementCount, messageCount, requireRange, sortedRecords } from "../checks.ts";
import { type AsciiRules, DIGEST_BYTES, GROUP_BITS_MAX, type IdKernels, RECORD_BYTES } from "../id-kernels.ts";

const ID_LENGTH_MAX = 1024;
const PHONE_LENGTH_MAX = 20;

export const normaliseIds: IdKernels["normaliseIds"] = async (messages, offsets, rules) => {
  const count = messageCount(messages, offsets);
  const fields = rules.length;
  requireRange(fields > 0 && count % fields === 0, "not a whole number of rows");
  const rows = count / fields;
  const [ids, usable, empty, beyondAscii]: [string[], number[], number[], number[]] = [[], [], [], []];
  for (let row = 0; row < rows; row++) {
    const texts = Array.from({ length: fields }, (_, f) => {
      const at = f * rows + row;
      return messages.subarray(offsets[at], offsets[at + 1]);
    });
    if (texts.some((text) => text.some((byte) => byte >= 0x80))) {
      beyondAscii.push(row);
      continue;
    }
    const normalised = texts.map((text, f) => normalise(fromUtf8(text), rules[f]!));
    if (normalised.includes("")) {
      empty.push(row);
      continue;
    }
    ids.push(normalised.map((text) => `${text.length}:${text}`).join(""));
    usable.push(row);
  }
  let end = 0;
  return {
    messages: utf8(ids.join("")),
    offsets: Uint32Array.from(["", ...ids], (id) => (end += id.length)),
    rows: Uint32Array.from(usable),
    empty: Uint32Array.from(empty),
    beyondAscii: Uint32Array.from(beyondAscii),
  };
};

/** "" where nothing usable is left. */
function normalise(value: string, rules: AsciiRules): string {
  if (value.length > ID_LENGTH_MAX) return "";
  const text = rules.trim ? value.trim() : value;
  if (rules.phone !== null) return normalisePhone(text, rules.phone);
  return rules.case === "lower" ? text.toLowerCase() : rules.case === "upper" ? text.toUpperCase() : text;
}

function normalisePhone(text: string, rules: NonNullable<AsciiRules["phone"]>): string {
  const plain = text.replace(/[\s().\-/]/g, "");
  if (!/^\+?[0-9]+$/.test(plain) || plain.length > PHONE_LENGTH_MAX) return "";
  const digits = plain.replace("+", "");
  if (rules.format === "digits" || plain.startsWith("+")) return digits;
  if (digits.startsWith("00")) return digits.slice(2);
  const { countryCode, nationalLength } = rules;
  const full = nationalLength !== null && digits.length === countryCode.length + nationalLength;
  return full && digits.startsWith(countryCode) ? digits : countryCode + digits.replace(/^0/, "");
}

export const groupRecords: IdKernels["groupRecords"] = async (digests, rows, bits) => {
  requireRange(elementCount(digests, DIGEST_BYTES) === rows.length, "one digest per row");
  requireRange(bits <= GROUP_BITS_MAX, "too many buckets");
  const buckets: Uint8Array[][] = Array.from({ length: 2 ** bits }, () => []);
  rows.forEach((row, i) => {
    const record = new Uint8Array(RECORD_BYTES);
    record.set(digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES));
    new DataView(record.buffer).setUint32(DIGEST_BYTES, row, true);
    const leading = new DataView(record.buffer).getUint32(0);
    buckets[Math.floor(leading / 2 ** (32 - bits))]!.push(record);
  });
  let end = 0;
  const sizes = buckets.map((bucket) => bucket.length);
  return {
    records: new Uint8Array(Buffer.concat(buckets.flat())),
    offsets: Uint32Array.from([0, ...sizes], (size) => (end += size)),
  };
};

export const sortRecords: IdKernels["sortRecords"] = async (records, bits, out = new Uint8Array(records.length)) => {
  requireRange(bits <= GROUP_BITS_MAX, "too many buckets");
  checkRoom(records, out);
  const entries = Array.from({ length: elementCount(records, RECORD_BYTES) }, (_, i) => {
    const record = records.slice(i * RECORD_BYTES, (i + 1) * RECORD_BYTES);
    return {
      digest: record.subarray(0, DIGEST_BYTES),
      key: toHex(record.subarray(0, DIGEST_BYTES)),
      row: new DataView(record.buffer).getUint32(DIGEST_BYTES, true),
    };
  });
  entries.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.row - b.row));
  const first = entries.filter(({ key }, i) => entries[i - 1]?.key !== key);
  const places = new Map(first.map(({ key }, place) => [key, place]));
  const repeated = entries.filter(({ key }, i) => entries[i - 1]?.key === key).sort((a, b) => a.row - b.row);
  first.forEach(({ digest, row }, i) => {
    out.set(digest, i * DIGEST_BYTES);
    new DataView(out.buffer, out.byteOffset).setUint32(first.length * DIGEST_BYTES + 4 * i, row, true);
  });
  return sortedRecords(out, {
    repeated: Uint32Array.from(repeated, ({ row }) => row),
    repeatedOf: Uint32Array.from(repeated, ({ key }) => places.get(key)!),
  });
};
