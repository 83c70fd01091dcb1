/** A party's part of a regression model as it is stored. */
import { TomboloError } from "@tombolo/base";
import {
  binsPartSchema,
  CLASSES_MOST,
  checkGuestBinsModel,
  checkGuestClassModel,
  checkGuestModel,
  checkHostBinsModel,
  checkHostClassModel,
  checkHostModel,
  classPartSchema,
  type GuestBinsModel,
  type GuestClassModel,
  type GuestModel,
  type HostBinsModel,
  type HostClassModel,
  type HostModel,
  partSchema,
} from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { type Pipeline, pipelineSchema } from "../pipeline/pipeline.ts";
import { type Inference, inferenceShape } from "./inference.ts";

const stored = z.strictObject({
  kind: z.literal("regression"),
  version: z.literal(1),
  party: z.string(),
  /** What counts as 1 where the label is not 0 and 1 itself; null at a host. */
  positive: z.string().nullable(),
  /** Names of several classes, in the order of their numbers; at the guest. */
  classes: z.array(z.string()).max(CLASSES_MOST).nullable().default(null),
  parameters: z.record(z.string(), z.unknown()),
  inference: inferenceShape.nullable().default(null),
  /** What this party's training rows went through; absent in what earlier versions left. */
  pipeline: pipelineSchema.optional(),
  part: z.unknown(),
});

export type GuestPart = GuestModel | GuestClassModel | GuestBinsModel;
export type HostPart = HostModel | HostClassModel | HostBinsModel;

/** As JSON, to be told to others. */
export const storedSchema = stored.extend({
  part: z.discriminatedUnion("kind", [...partSchema.options, ...classPartSchema.options, ...binsPartSchema.options]),
});

export interface StoredRegression<P = GuestPart | HostPart> {
  readonly kind: "regression";
  readonly version: 1;
  readonly party: string;
  readonly positive: string | null;
  readonly classes: readonly string[] | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inference: Inference | null;
  readonly pipeline?: Pipeline | undefined;
  readonly part: P;
}

/** Of one score. Throws `input.model` for what training did not leave, and for several classes. */
export const storedGuestModel = (value: unknown): StoredRegression<GuestModel | GuestBinsModel> =>
  storedModel<GuestModel | GuestBinsModel>(value, (part) => {
    requireOneScore(part);
    return kindOf(part) === "regression/guest-bins" ? checkGuestBinsModel(part) : checkGuestModel(part);
  });
export const storedHostModel = (value: unknown): StoredRegression<HostModel | HostBinsModel> =>
  storedModel<HostModel | HostBinsModel>(value, (part) => {
    requireOneScore(part);
    return kindOf(part) === "regression/host-bins" ? checkHostBinsModel(part) : checkHostModel(part);
  });

/** Of one score or of several classes, on own columns or on shared bins. */
export const storedGuestPart = (value: unknown): StoredRegression<GuestPart> => storedModel(value, guestPart);
export const storedHostPart = (value: unknown): StoredRegression<HostPart> => storedModel(value, hostPart);

/** On columns of the parties' own, to start a training from. Throws `input.model` for one on shared bins. */
export const plainGuestPart = (value: unknown): StoredRegression<GuestModel | GuestClassModel> => {
  const { part, ...rest } = storedGuestPart(value);
  if (part.kind === "regression/guest-bins") throw onSharedBins();
  return { ...rest, part };
};
export const plainHostPart = (value: unknown): StoredRegression<HostModel | HostClassModel> => {
  const { part, ...rest } = storedHostPart(value);
  if (part.kind === "regression/host-bins") throw onSharedBins();
  return { ...rest, part };
};

const onSharedBins = (): TomboloError =>
  new TomboloError("input.model", "this is a model on bins whose weights stay with the guest", {
    remedy: "Train afresh, or start from a model on bins of the mode host-learns-woe.",
  });

function guestPart(part: unknown): GuestPart {
  if (kindOf(part) === "regression/guest-classes") return checkGuestClassModel(part);
  return kindOf(part) === "regression/guest-bins" ? checkGuestBinsModel(part) : checkGuestModel(part);
}

function hostPart(part: unknown): HostPart {
  if (kindOf(part) === "regression/host-classes") return checkHostClassModel(part);
  return kindOf(part) === "regression/host-bins" ? checkHostBinsModel(part) : checkHostModel(part);
}

const kindOf = (part: unknown): unknown => (part as { kind?: unknown } | null)?.kind;

function requireOneScore(part: unknown): void {
  if (!String(kindOf(part)).endsWith("-classes")) return;
  throw new TomboloError("input.model", "this is a model of several classes", {
    remedy: "Choose a model of one score.",
  });
}

function storedModel<P>(value: unknown, check: (part: unknown) => P): StoredRegression<P> {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.model", "this is not a regression model", {
      remedy: "Choose a model of regression-train.",
    });
  return { ...parsed.data, part: check(parsed.data.part) };
}

/** Either side's part. */
export const storedPart = (value: unknown): StoredRegression =>
  String(kindOf((value as { part?: unknown } | null)?.part)).startsWith("regression/guest")
    ? storedGuestPart(value)
    : storedHostPart(value);
