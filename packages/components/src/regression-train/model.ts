/** A party's part of a regression model as it is stored. */
import { TomboloError } from "@tombolo/base";
import {
  checkGuestModel,
  checkHostModel,
  type GuestModel,
  type HostModel,
} from "@tombolo/federated/vertical/regression";
import { z } from "zod";
import { type Inference, inferenceShape } from "./inference.ts";

const stored = z.strictObject({
  kind: z.literal("regression"),
  version: z.literal(1),
  party: z.string(),
  /** What counts as 1 where the label is not 0 and 1 itself; null at a host. */
  positive: z.string().nullable(),
  parameters: z.record(z.string(), z.unknown()),
  inference: inferenceShape.nullable().default(null),
  part: z.unknown(),
});

export interface StoredRegression<P = GuestModel | HostModel> {
  readonly kind: "regression";
  readonly version: 1;
  readonly party: string;
  readonly positive: string | null;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly inference: Inference | null;
  readonly part: P;
}

/** Throws `input.model` for what training did not leave. */
export const storedGuestModel = (value: unknown): StoredRegression<GuestModel> => storedModel(value, checkGuestModel);
export const storedHostModel = (value: unknown): StoredRegression<HostModel> => storedModel(value, checkHostModel);

function storedModel<P>(value: unknown, check: (part: unknown) => P): StoredRegression<P> {
  const parsed = stored.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.model", "this is not a regression model", {
      remedy: "Choose a model of regression-train.",
    });
  return { ...parsed.data, part: check(parsed.data.part) };
}
