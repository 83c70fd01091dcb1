/**
 * What one party learns of its own columns and does again to every row that is scored: a preparation, bins, a selection. The
 * kinds stand in kinds.ts; a pipeline is a run of them.
 */
import type { ColumnTable } from "@tombolo/base";
import type { StepNote } from "@tombolo/federated/features";
import type { Text } from "../component.ts";

export interface TransformKind {
  readonly title: Text;
  /** Of a stored part, as JSON. Throws zod's error, or `input.model`, for what such a transform has not left. */
  open(part: unknown): Fit;
}

/** A transform with what it learnt. Row by row: a row alone becomes what it becomes among a million. */
export interface Fit {
  /** `table`: features alone, neither ids nor label. What rows hold that was not seen before is told. Throws `input.*`. */
  apply(table: ColumnTable, tell: (note: StepNote) => void): ColumnTable;
  /** What makes `wanted` of `takes`, and nothing more; columns that it leaves as they are stand in both. */
  narrow(wanted: ReadonlySet<string>): { readonly fit: Fit; readonly takes: ReadonlySet<string> };
  /** For its owner's people: what is done, in order and numbered as in notes, with own names and settings. */
  readonly steps: readonly string[];
}
