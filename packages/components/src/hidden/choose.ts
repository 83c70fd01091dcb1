/**
 * Which form a private query takes, and why: chosen before consent from public sizes alone, written into the flow, never changed by a
 * runner. Figures are measured (docs/benchmarks.md, private queries); they are for a person who decides whether to wait, not a promise.
 */
import { TABLE_BYTES_MAX, ROWS_MAX as TRANSFER_ROWS_MAX } from "@tombolo/protocols/pir/oblivious-transfer";
import { DIMENSION, layoutFor, rowsOf } from "@tombolo/protocols/pir/simple";
import { SEAL_BYTES } from "@tombolo/protocols/psi/unbalanced";
import type { Text } from "../component.ts";
import { ROWS_MAX_HIDDEN } from "../query-hidden/index.ts";
import { type Reason, reasonText } from "./reasons.ts";

export const QUERY_FORMS = ["keyword", "simple", "two-server", "oblivious-transfer"] as const;
export type QueryForm = (typeof QUERY_FORMS)[number];

export interface QuerySize {
  /** Of the partner's table; null: not shown to us. */
  readonly rows: number | null;
  /** Of the columns that are asked for, a row; 0: none. */
  readonly recordBytes: number;
  /** Different keys, padding included. */
  readonly keys: number;
  /** Between the parties. */
  readonly linkMbps: number;
  /** The asker keeps a catalogue of the table. */
  readonly catalogue: boolean;
  /** A third party keeps a copy. */
  readonly copies: boolean;
  /** The table may not leave its owner, even sealed. */
  readonly stays: boolean;
  /** Which keys the table has is no secret. */
  readonly keysPublic: boolean;
}

export interface QueryEstimate {
  readonly seconds: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
}
export interface QueryPlan {
  readonly form: QueryForm;
  readonly reason: Reason;
  readonly why: Text;
  /** Null where the row count is not known. */
  readonly estimate: QueryEstimate | null;
}

/** Tables up to this are sent whole for each row. */
const TRANSFER_BYTES = 2 ** 20;
const HIDDEN_KEYS_MAX = 10_000;
const TAG_BYTES = 11;
const POINT_BYTES = 32;
/** One core: an evaluation of the function, a pass over a byte of the table, a query made ahead, a row by transfer. */
const SECONDS = { function: 25e-6, byte: 1 / 6e9, hintByte: 1 / 15e9, prepare: 0.046, transfer: 0.03 } as const;

export function planQuery(size: QuerySize, named: QueryForm | null): QueryPlan {
  const [form, reason] = named === null ? choose(size) : [named, "asked" as const];
  return { form, reason, why: reasonText(reason), estimate: estimateQuery(size, form) };
}

function choose(size: QuerySize): readonly [QueryForm, Reason] {
  const { rows, recordBytes, keys, catalogue, copies, stays, keysPublic } = size;
  if (catalogue) return ["keyword", "catalogue"];
  const bytes = rows === null ? Number.POSITIVE_INFINITY : rows * recordBytes;
  const small =
    rows !== null && rows <= TRANSFER_ROWS_MAX && bytes <= TRANSFER_BYTES && keys * bytes <= TABLE_BYTES_MAX;
  if (keysPublic && small && recordBytes > 0) return ["oblivious-transfer", "small"];
  if (copies) return ["two-server", "copies"];
  if (stays) return ["simple", "stays"];
  if (rows === null) return ["keyword", "unknown"];
  const fits = rows <= ROWS_MAX_HIDDEN && keys <= HIDDEN_KEYS_MAX;
  const [hidden, kept] = [estimateQuery(size, "simple")!, estimateQuery(size, "keyword")!];
  return fits && hidden.seconds < kept.seconds ? ["simple", "few"] : ["keyword", "many"];
}

export function estimateQuery(
  { rows, recordBytes, keys, linkMbps, catalogue }: QuerySize,
  form: QueryForm,
): QueryEstimate | null {
  if (rows === null) return null;
  const sealed = recordBytes === 0 ? 0 : SEAL_BYTES + recordBytes;
  const layout = layoutFor(rows, sealed);
  const words = rowsOf(layout);
  const table = words * layout.columns;
  const asked = { out: keys * POINT_BYTES, in: keys * POINT_BYTES, seconds: keys * 3 * SECONDS.function };
  const taken = ((): { out: number; in: number; seconds: number } => {
    const made = rows * SECONDS.function;
    if (form === "oblivious-transfer")
      return {
        out: keys * 8192,
        in: 16 * rows + keys * (4096 + rows * recordBytes),
        seconds: keys * SECONDS.transfer,
      };
    if (form === "keyword")
      return {
        ...asked,
        ...(catalogue ? {} : { in: asked.in + rows * (TAG_BYTES + sealed), seconds: asked.seconds + made }),
      };
    if (form === "two-server")
      return {
        out: asked.out + 2 * keys * layout.columns,
        // The copy goes to the keeper, over as wide a link.
        in: asked.in + table + 2 * keys * words,
        seconds: asked.seconds + made + 2 * keys * table * SECONDS.byte,
      };
    return {
      out: asked.out + 4 * keys * layout.columns,
      in: asked.in + 4 * DIMENSION * words + 4 * keys * words,
      seconds:
        asked.seconds + made + DIMENSION * table * SECONDS.hintByte + keys * (table * SECONDS.byte + SECONDS.prepare),
    };
  })();
  const sending = (8 * (taken.out + taken.in)) / (linkMbps * 1e6);
  return { seconds: taken.seconds + sending, bytesOut: taken.out, bytesIn: taken.in };
}
