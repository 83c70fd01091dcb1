/**
 * A host's columns as the guest sees them for linear answers: without names, in an order drawn once for the training. Columns that cannot
 * be split are left out.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Feature } from "./binning.ts";
import { permutation } from "./shuffle.ts";

export interface ColumnShape {
  readonly kind: Feature["kind"];
  /** The last is that of missing numbers. */
  readonly missing: boolean;
  readonly bins: number;
}

const KINDS = ["numeric", "one-hot", "category"] as const;

/** Text columns have one more code, of categories that training did not see. */
export function shapeOfColumn(feature: Feature): ColumnShape {
  if (feature.kind !== "numeric") return { kind: feature.kind, missing: false, bins: feature.members.length };
  return { kind: feature.kind, missing: feature.missingBin > feature.cuts.length, bins: feature.binCount };
}

/** Places of the columns that take part, in secret order. */
export const columnsInOrder = (features: readonly Feature[], secrets: Secrets): number[] =>
  permutation(features.length, secrets).filter((f) => shapeOfColumn(features[f]!).bins > 1);

/** Two bytes a column. */
export const encodeLayout = (shapes: readonly ColumnShape[]): Uint8Array =>
  Uint8Array.from(shapes.flatMap(({ kind, missing, bins }) => [KINDS.indexOf(kind) | (missing ? 4 : 0), bins]));

export function decodeLayout(bytes: Uint8Array, columns: number, binsMax: number): ColumnShape[] {
  const malformed = (): TomboloError => new TomboloError("protocol.malformed", "malformed columns");
  if (bytes.length % 2 !== 0 || bytes.length > 2 * columns) throw malformed();
  return Array.from({ length: bytes.length / 2 }, (_, i) => {
    const [head, bins] = [bytes[2 * i]!, bytes[2 * i + 1]!];
    const [kind, missing] = [KINDS[head & 3], (head & 4) !== 0];
    if (kind === undefined || head > 7 || (missing && kind !== "numeric")) throw malformed();
    if (bins < 2 || bins > binsMax + (missing ? 1 : 0)) throw malformed();
    return { kind, missing, bins };
  });
}

/** Where each column's bins start among all outputs; the last entry is their number. */
export function outputOffsets(shapes: readonly ColumnShape[]): Int32Array {
  const offsets = new Int32Array(shapes.length + 1);
  shapes.forEach(({ bins }, f) => {
    offsets[f + 1] = offsets[f]! + bins;
  });
  return offsets;
}
