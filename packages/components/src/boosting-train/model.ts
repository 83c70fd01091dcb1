/** A party's part of a boosting model as it is stored, and as it is shown to its owner. */
import { TomboloError } from "@tombolo/base";
import {
  CLASSES_MAX,
  checkGuestModel,
  checkHostModel,
  featureImportance,
  type GuestModel,
  type HostModel,
  hostFeatureUse,
  partSchema,
} from "@tombolo/federated/vertical/boosting";
import { isSharedPart, sharedPartSchema } from "@tombolo/federated/vertical/boosting/shared";
import { z } from "zod";
import { type Pipeline, pipelineSchema } from "../pipeline/pipeline.ts";

const stored = z.strictObject({
  kind: z.literal("boosting"),
  version: z.literal(1),
  party: z.string(),
  /** What counts as 1 where the label is not 0 and 1 itself; null at a host. */
  positive: z.string().nullable(),
  /** Names of several classes, in the order of their numbers; at the guest. */
  classes: z.array(z.string()).max(CLASSES_MAX).optional(),
  parameters: z.record(z.string(), z.unknown()),
  /** What this party's training rows went through; absent in what earlier versions left. */
  pipeline: pipelineSchema.optional(),
  part: z.unknown(),
});

/** As JSON, to be told to others. */
export const storedSchema = stored.extend({
  part: z.discriminatedUnion("kind", [...partSchema.options, ...sharedPartSchema.options]),
});

export interface StoredModel<P = GuestModel | HostModel> {
  readonly kind: "boosting";
  readonly version: 1;
  readonly party: string;
  readonly positive: string | null;
  readonly classes?: readonly string[] | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly pipeline?: Pipeline | undefined;
  readonly part: P;
}

/** Throws `input.model` for what training did not leave. */
export const storedGuestModel = (value: unknown): StoredModel<GuestModel> =>
  storedModel(value, (part) => standard(part, checkGuestModel));
export const storedHostModel = (value: unknown): StoredModel<HostModel> =>
  storedModel(value, (part) => standard(part, checkHostModel));

export function storedModel<P>(value: unknown, check: (part: unknown) => P): StoredModel<P> {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.model", "this is not a boosting model", {
      remedy: "Choose a model of boosting-train.",
    });
  return { ...parsed.data, part: check(parsed.data.part) };
}

function standard<P>(part: unknown, check: (part: unknown) => P): P {
  if (!isSharedPart(part)) return check(part);
  throw new TomboloError("input.model", "this model was trained at level shared: its leaves have no weights here", {
    remedy: "Score a table with it (boosting-predict, form sum-only), or train at level standard.",
  });
}

export interface ImportanceRow {
  readonly feature: string;
  readonly party: string;
  readonly gain: number;
  /** Over its splits, the sum of second derivatives of the rows there; null where the party does not know it. */
  readonly cover: number | null;
  readonly count: number;
}

/** The guest sees hosts' columns by number, or by name where they agreed; a host sees its own, without gains and covers. */
export function importanceRows({ party, part }: StoredModel): ImportanceRow[] {
  if (part.kind === "boosting/guest")
    return featureImportance(part).map(({ host, number: _, ...row }) => ({ ...row, party: host ?? party }));
  return hostFeatureUse(part).map(({ feature, count }) => ({ feature, party, gain: 0, cover: null, count }));
}

/** Trees with own thresholds; partners' splits are in them by number, with names where those agreed. */
export const treesOf = ({ part, classes }: StoredModel): unknown =>
  part.kind === "boosting/guest"
    ? { trees: part.trees, hosts: part.hosts, hostColumns: part.hostColumns ?? [], classes: classes ?? [] }
    : { trees: part.trees };

/** Either side's part. */
export const storedPart = (value: unknown): StoredModel =>
  storedModel(value, (part) =>
    (part as { kind?: unknown } | null)?.kind === "boosting/guest" ? checkGuestModel(part) : checkHostModel(part),
  );
