/** What reject inference says: how scores of accepted and rejected lie, and what was made of the rejected by band. */
import { z } from "zod";

const end = z.number().nullable();
const band = z.object({
  from: end,
  to: end,
  accepted: z.number(),
  yes: z.number(),
  rejected: z.number(),
  inferred: z.number().nullable(),
  weight: z.number().nullable(),
});
export type Band = z.infer<typeof band>;

export const rejectInference = z.object({
  method: z.enum(["accepted", "parcelling", "cutoff", "fuzzy", "reweighting"]),
  meaning: z.enum(["yes", "no"]),
  factor: z.number().nullable(),
  cutoff: z.number().nullable(),
  accepted: z.object({ rows: z.number(), yes: z.number() }),
  rejected: z.object({ rows: z.number(), yes: z.number().nullable() }),
  bands: z.array(band),
  distribution: z.array(z.object({ from: z.number(), to: z.number(), accepted: z.number(), rejected: z.number() })),
});
export type RejectInference = z.infer<typeof rejectInference>;

const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);

/** Shares of yes: among the accepted, inferred of the rejected, and of all; null where there is none. */
export function ratesOf({ accepted, rejected }: Pick<RejectInference, "accepted" | "rejected">) {
  const { yes } = rejected;
  return {
    accepted: share(accepted.yes, accepted.rows),
    rejected: yes === null ? null : share(yes, rejected.rows),
    all: yes === null ? null : share(accepted.yes + yes, accepted.rows + rejected.rows),
  };
}

/** Of a band; the rejected's null also where the band has none. */
export const bandRates = ({ accepted, yes, rejected, inferred }: Band) => ({
  accepted: share(yes, accepted),
  rejected: inferred === null ? null : share(inferred, rejected),
});

type Points = readonly (readonly [number, number])[];

/** For each score the share of the accepted, and of the rejected, that lie about it. */
export function distributionOf({
  distribution,
  accepted,
  rejected,
}: RejectInference): Record<"accepted" | "rejected", Points> {
  const points = (of: "accepted" | "rejected", whole: number): Points =>
    distribution.map((slice) => [(slice.from + slice.to) / 2, slice[of] / Math.max(1, whole)] as const);
  return { accepted: points("accepted", accepted.rows), rejected: points("rejected", rejected.rows) };
}

/** By band, from 1 on. */
export function rateLines(bands: readonly Band[]): Record<"accepted" | "rejected", Points> {
  const points = (of: "accepted" | "rejected"): Points =>
    bands.flatMap((each, i) => {
      const rate = bandRates(each)[of];
      return rate === null ? [] : [[i + 1, rate] as const];
    });
  return { accepted: points("accepted"), rejected: points("rejected") };
}
