/** A pipeline as its owner's people see it. */
import type { Text } from "../component.ts";
import { KINDS, openTransform } from "./kinds.ts";
import type { Pipeline } from "./pipeline.ts";

export interface PipelineStage {
  readonly kind: string;
  readonly title: Text;
  readonly digest: string;
  /** In order, with own names and settings. */
  readonly steps: readonly string[];
}

/** Throws `input.model`. */
export const stagesOf = (pipeline: Pipeline = []): PipelineStage[] =>
  pipeline.map(({ kind, digest, part }) => {
    const { steps } = openTransform(kind, part);
    return { kind, title: KINDS[kind]!.title, digest, steps };
  });
