/** Who has the table that is asked, and hands none of it over: entries under a key of this task alone. */
import { concat, TomboloError } from "@tombolo/base";
import { DIGEST_BYTES, ID_DIGEST_BYTES, idDigests, ristretto255 } from "@tombolo/crypto";
import { publicKeyOf } from "@tombolo/protocols/oprf";
import { type CatalogueHeader, entryBytes, idPrefix, signHeader, tagBytesFor } from "@tombolo/protocols/psi/unbalanced";
import { type AnswerOptions, beside, catalogueEntries } from "@tombolo/protocols/query/keyword";
import type { TaskContext } from "../component.ts";
import { encodeLabels } from "../match-label/labels.ts";
import { type Handed, labelWidth } from "../match-label/parameters.ts";
import { type encodedIds, encodedIds as readIds } from "../matching/ids.ts";
import { guestOf } from "../tables.ts";
import { reasonText, type Shared } from "./parameters.ts";

interface OwnerParameters extends Pick<Shared, "columns" | "idsMax"> {
  readonly normalise: Parameters<typeof encodedIds>[0]["parameters"]["normalise"];
  readonly duplicates: "refuse" | "remove";
  readonly empty: "refuse" | "remove";
}
type OwnerContext = TaskContext<OwnerParameters, unknown>;
type Context = TaskContext<OwnerParameters & Shared, unknown>;

/** What is told of the own row count. */
const ROWS_STEP = 1024;
const DAY_MS = 86_400_000;

export interface OwnTable {
  readonly rowCount: number;
  /** Its id columns. */
  readonly keys: readonly string[];
  readonly removed: unknown;
  /** 16 bytes a row under `prefix`. */
  digests(prefix: Uint8Array): Promise<Uint8Array>;
  readonly records: Uint8Array;
  readonly recordBytes: number;
}

export async function ownTable(context: OwnerContext, rowsMax: number): Promise<OwnTable> {
  const { columns } = context.parameters;
  const { data, ids } = await readIds(context);
  const count = ids.rows.length;
  if (count > rowsMax || count === 0)
    throw new TomboloError("input.rows", `this form asks tables of 1 to ${rowsMax} rows`, {
      remedy: "Make a catalogue of a larger table, and query by keyword.",
    });
  return {
    rowCount: count,
    keys: data.keys,
    removed: ids.removed,
    digests: (prefix) => idDigests(prefix, ids.messages, ids.offsets),
    records: encodeLabels(data, ids.rows, columns as Handed[]),
    recordBytes: labelWidth(columns as Handed[]),
  };
}

export interface Sealed {
  readonly header: CatalogueHeader;
  readonly signature: Uint8Array;
  readonly key: Uint8Array;
  readonly entries: Uint8Array;
}

interface Sealing {
  /** When the key answers no more. */
  readonly expiresAt: number;
  /** Entries that nobody's id has are put in, up to a multiple of so many; absent: none. */
  readonly fillTo?: number;
}

export async function sealedEntries(
  context: OwnerContext,
  table: OwnTable,
  { expiresAt, fillTo }: Sealing,
): Promise<Sealed> {
  const { secrets, parameters, progress } = context;
  const { rowCount, records, recordBytes } = table;
  const catalogue = secrets.bytes(DIGEST_BYTES).slice();
  const key = ristretto255.randomScalar(secrets);
  const step = fillTo ?? ROWS_STEP;
  const rows = Math.ceil(rowCount / step) * step;
  const shape = { tagBytes: tagBytesFor(rows, parameters.idsMax), recordBytes };
  const digests = await table.digests(idPrefix(catalogue));
  const sides = beside([digests, ID_DIGEST_BYTES], [records, recordBytes]);
  const parts: Uint8Array[] = [];
  let done = 0;
  for await (const part of catalogueEntries(recordBytes === 0 ? digests : sides, key, catalogue, shape)) {
    context.signal.throwIfAborted();
    parts.push(part);
    done += part.length / entryBytes(shape);
    progress({ stage: "seal", done, total: rowCount });
  }
  // Random bytes are what an entry looks like to who has not asked for it.
  if (fillTo !== undefined) parts.push(secrets.bytes((rows - rowCount) * entryBytes(shape)).slice());
  const header: CatalogueHeader = {
    ...shape,
    ...{ catalogue, version: 1, publicKey: await publicKeyOf(key), rows, added: rows, removed: 0 },
    ...{ snapshot: secrets.bytes(DIGEST_BYTES).slice(), previous: new Uint8Array(DIGEST_BYTES) },
    ...{ idsMax: parameters.idsMax, expiresAt },
  };
  return { header, key, entries: concat(...parts), signature: await signHeader(header, key, secrets) };
}

export const endOfDay = ({ startedAtMs }: Context): number => startedAtMs + DAY_MS;

/** Admits no more than was agreed, and draws it on the budgets. */
export function admission(context: Context): { readonly admit: AnswerOptions["admit"]; readonly asked: () => number } {
  const partner = guestOf(context).party;
  let asked = 0;
  return {
    asked: () => asked,
    async admit(count) {
      if (asked + count > context.parameters.idsMax)
        throw new TomboloError("consent.rows", "more keys are asked about than agreed", { blame: partner });
      asked += count;
      await context.draw(partner, count);
    },
  };
}

export async function reportAsked(
  context: Context,
  kind: string,
  { rowCount, removed }: OwnTable,
  asked: number,
): Promise<void> {
  const { reason, idsMax } = context.parameters;
  await context.outputs.report("report", {
    kind,
    title: { en: "Keys asked about", zh: "被查询键数" },
    data: { asked, idsMax, ownRows: rowCount, removed, form: kind, why: reasonText(reason) },
  });
}
