/** Who asks a table that stays with its owner. */
import { TomboloError, takeTable } from "@tombolo/base";
import { firstOccurrences, ID_DIGEST_BYTES, idDigests } from "@tombolo/crypto";
import type { IdRules } from "@tombolo/protocols/psi/ids";
import { encodeIds } from "@tombolo/protocols/psi/ids";
import { type CatalogueHeader, checkSignature } from "@tombolo/protocols/psi/unbalanced";
import type { Answers, Asking } from "@tombolo/protocols/query/keyword";
import type { TaskContext, TaskTable } from "../component.ts";
import { decodeLabels } from "../match-label/labels.ts";
import { type Handed, labelWidth } from "../match-label/parameters.ts";
import { columnNamed, hostsOf } from "../tables.ts";
import { reasonText, type Shared } from "./parameters.ts";

type Context = TaskContext<Shared & { readonly normalise: IdRules }, unknown>;

export interface OwnKeys {
  readonly data: TaskTable;
  /** Rows of `data` with a usable key. */
  readonly rows: Uint32Array;
  digests(prefix: Uint8Array): Promise<Uint8Array>;
}

export async function ownKeys(context: Context): Promise<OwnKeys> {
  const data = await context.inputs.table("data");
  const rules = context.parameters.normalise;
  const keys = data.keys.map((name) => ({ column: columnNamed(data, name), rules }));
  const ids = encodeIds(keys, { duplicates: "keep", empty: "remove" });
  return { data, rows: ids.rows, digests: (prefix) => idDigests(prefix, ids.messages, ids.offsets) };
}

/** Each different one once, in questions of at most `most`; the answer for each digest. Throws `input.rows`. */
export async function askOnce(
  digests: Uint8Array,
  { idsMax, padTo }: Pick<Shared, "idsMax" | "padTo">,
  recordBytes: number,
  most: number,
  ask: Asking,
): Promise<Answers> {
  const first = await firstOccurrences(digests, ID_DIGEST_BYTES);
  const distinct = first.filter((position, i) => position === i);
  if (Math.ceil(distinct.length / padTo) * padTo > idsMax)
    throw new TomboloError("input.rows", `more than ${idsMax} keys would be asked about, padding included`, {
      remedy: "Ask about fewer, raise the limit, or make a catalogue and query by keyword.",
    });
  const out = { found: new Uint8Array(first.length), records: new Uint8Array(first.length * recordBytes) };
  const record = (of: Uint8Array, i: number): Uint8Array => of.subarray(i * recordBytes, (i + 1) * recordBytes);
  // Once at least: the partner waits for a question, also for an empty one.
  for (let from = 0; from === 0 || from < distinct.length; from += most) {
    const places = distinct.subarray(from, from + most);
    const asked = new Uint8Array(places.length * ID_DIGEST_BYTES);
    places.forEach((place, i) => {
      asked.set(digests.subarray(place * ID_DIGEST_BYTES, (place + 1) * ID_DIGEST_BYTES), i * ID_DIGEST_BYTES);
    });
    const answers = await ask(asked);
    places.forEach((place, i) => {
      out.found[place] = answers.found[i]!;
      out.records.set(record(answers.records, i), place * recordBytes);
    });
  }
  first.forEach((position, i) => {
    out.found[i] = out.found[position]!;
    out.records.set(record(out.records, position), i * recordBytes);
  });
  return out;
}

/** That it is what the consent names, and no larger. */
export async function checkHeader(
  { parameters }: TaskContext<Pick<Shared, "columns">, unknown>,
  header: CatalogueHeader,
  signature: Uint8Array,
  rowsMax: number,
  party: string,
): Promise<void> {
  await checkSignature(header, signature, party);
  if (header.recordBytes !== labelWidth(parameters.columns as Handed[]))
    throw new TomboloError("consent.changed", "the partner's records hold other columns than those consented to", {
      blame: party,
    });
  if (header.rows > rowsMax + 1024)
    throw new TomboloError("consent.rows", "the partner's table has more rows than agreed", { blame: party });
}

/** The rows that are there, with the columns that came. */
export async function keepFound(
  context: Context,
  kind: string,
  { data, rows }: OwnKeys,
  { found, records }: Answers,
): Promise<void> {
  const { reason, columns } = context.parameters;
  const partner = hostsOf(context)[0]!.party;
  const width = labelWidth(columns as Handed[]);
  const hits = Array.from(rows.keys()).filter((i) => found[i] === 1);
  const kept = new Uint8Array(hits.length * width);
  hits.forEach((hit, i) => {
    kept.set(records.subarray(hit * width, (hit + 1) * width), i * width);
  });
  const handed = decodeLabels(kept, columns as Handed[], (column) => `${partner}.${column}`, partner);
  const own = takeTable(
    data,
    hits.map((i) => rows[i]!),
  );
  await context.outputs.report("report", {
    kind,
    title: { en: "Keys found", zh: "查询结果" },
    data: {
      matched: hits.length,
      ownRows: data.rowCount,
      removed: { empty: data.rowCount - rows.length, duplicates: 0 },
      form: kind,
      why: reasonText(reason),
    },
  });
  await context.outputs.table("data", { ...data, ...own, columns: [...own.columns, ...handed], aligned: false });
}
