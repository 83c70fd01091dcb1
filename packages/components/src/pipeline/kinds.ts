/** Every kind of transform that a pipeline may hold. */
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { binning } from "../bin/transform.ts";
import { preparation } from "../prepare/transform.ts";
import { selection } from "../select/transform.ts";
import type { Fit, TransformKind } from "./transform.ts";

export const KINDS: Readonly<Record<string, TransformKind>> = {
  prepare: preparation,
  bin: binning,
  select: selection,
};

/** What fitting leaves as a model of its own, as `ModelSummary` names it; models trained after it hold it themselves. */
const MODELS: ReadonlySet<string> = new Set(["preparation", "binning", "selection"]);
export const isTransformModel = (kind: string): boolean => MODELS.has(kind);

/** Throws `input.model` for what no transform of this version has left. */
export function openTransform(kind: string, part: unknown): Fit {
  const known = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  try {
    if (known !== undefined) return known.open(part);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
  }
  throw new TomboloError("input.model", "a step of the pipeline is none of this version's", {
    remedy: "Use the version of the software that it was made with, or train again.",
    detail: { kind },
  });
}
