/**
 * What a party's table went through since it was read: fitted transforms in order, each with what it learnt. It stands beside
 * the table at its party, goes into the model that is trained on it, and is done again to raw rows that the model scores. It
 * never leaves the party: partners know of it what the consent says.
 */
import { createHash } from "node:crypto";
import { type Column, canonicalJson, type Json, TomboloError } from "@tombolo/base";
import { z } from "zod";
import type { TableNote } from "../component.ts";

const digests = z.array(z.string().regex(/^[0-9a-f]{64}$/)).max(32);

/** Of a transform that a table went through. */
export const fittedSchema = z.strictObject({
  kind: z.string().min(1).max(40),
  /** SHA-256 of the rest. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  /** Features as they came in, where known: what they are called and hold. */
  columns: z.array(z.strictObject({ name: z.string(), kind: z.enum(["number", "text"]) })),
  part: z.unknown(),
  after: digests.optional(),
});
export const pipelineSchema = z.array(fittedSchema).max(32);

export interface FittedTransform {
  readonly kind: string;
  readonly digest: string;
  readonly columns: readonly { readonly name: string; readonly kind: Column["kind"] }[];
  readonly part: unknown;
  /** Digests of what the rows that it was learnt on had gone through; absent: not known. It is no part of its own digest. */
  readonly after?: readonly string[] | undefined;
}
export type Pipeline = readonly FittedTransform[];

/** `columns`: the features that it was learnt on. `part` is JSON-able. */
export function fittedTransform(kind: string, columns: FittedTransform["columns"], part: unknown): FittedTransform {
  const stored = JSON.parse(
    JSON.stringify({ kind, columns: columns.map(({ name, kind: of }) => ({ name, kind: of })), part }),
  ) as {
    kind: string;
    columns: FittedTransform["columns"];
    part: Json;
  };
  const digest = createHash("sha256")
    .update(canonicalJson(stored as unknown as Json))
    .digest("hex");
  return { ...stored, digest };
}

export const digestsOf = ({ pipeline = [] }: Pick<TableNote, "pipeline">): string[] =>
  pipeline.map(({ digest }) => digest);

/**
 * Other rows have to come as those did that the transform was learnt on: edges of scaled values say nothing of raw ones. Throws
 * `input.pipeline`.
 */
export function requireLikeLearnt({ after, kind }: FittedTransform, data: Pick<TableNote, "pipeline">): void {
  const done = digestsOf(data);
  if (after === undefined || done.join() === after.join()) return;
  throw new TomboloError("input.pipeline", "the rows went through other steps than those that this was learnt on", {
    remedy: "Apply to them first what those rows went through before, in the same order.",
    detail: { kind, steps: done.length, learntAfter: after.length },
  });
}

/** Of a table that came out of `fitted`. Throws `input.pipeline` where it went through it before. */
export function through({ pipeline = [] }: Pick<TableNote, "pipeline">, fitted: FittedTransform): Pipeline {
  if (pipeline.every(({ digest }) => digest !== fitted.digest)) return [...pipeline, fitted];
  throw new TomboloError("input.pipeline", "the rows went through these steps before", {
    remedy: "Apply them to rows as they were read.",
    detail: { kind: fitted.kind },
  });
}

/**
 * What is left to do to a table before a model that was trained after `trained` sees it: nothing is done twice. Undefined: the
 * model is of a version that did not keep it, and takes the table as it is. Throws `input.pipeline`.
 */
export function leftToDo(
  trained: Pipeline | undefined,
  { pipeline: done = [] }: Pick<TableNote, "pipeline">,
): Pipeline {
  if (trained === undefined) return [];
  if (done.length <= trained.length && done.every(({ digest }, i) => digest === trained[i]!.digest))
    return trained.slice(done.length);
  throw new TomboloError(
    "input.pipeline",
    "the rows went through other steps than those that the model was trained after",
    {
      remedy: "Give the model raw rows: it prepares them itself.",
      detail: { done: done.map(({ kind }) => kind), trained: trained.map(({ kind }) => kind) },
    },
  );
}

/** Training goes on from an earlier version on rows that were made the same way. Throws `input.pipeline`. */
export function requireSame(earlier: Pipeline | undefined, data: Pick<TableNote, "pipeline">): void {
  if (leftToDo(earlier, data).length === 0) return;
  throw new TomboloError("input.pipeline", "the model to start from was trained on rows that went through more steps", {
    remedy: "Apply the same preparation first (prepare-apply), or train afresh.",
  });
}
