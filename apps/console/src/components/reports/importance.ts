import { z } from "zod";

const row = z.object({
  feature: z.string(),
  party: z.string(),
  gain: z.number(),
  /** Sum of second derivatives over its splits; unknown at hosts and of older models. */
  cover: z.number().nullish(),
  count: z.number(),
});
export const importance = z.array(row);
export type ImportanceRow = z.infer<typeof row>;

/** The number that stands for a partner's column without a name here; undefined for a column with one. */
export function maskedNumber({ feature, party }: Pick<ImportanceRow, "feature" | "party">): number | undefined {
  const [before, number] = [
    feature.slice(0, party.length),
    feature.slice(party.length).match(/^: feature (\d+)$/)?.[1],
  ];
  return before === party && number !== undefined ? Number(number) : undefined;
}

export const MEASURES = ["gain", "perSplit", "cover", "splits"] as const;
export type Measure = (typeof MEASURES)[number];

/** How much a column counts by a measure; undefined where this party does not know. */
export function measureOf({ gain, cover, count }: ImportanceRow, measure: Measure): number | undefined {
  switch (measure) {
    case "gain":
      return gain;
    case "perSplit":
      return count === 0 ? 0 : gain / count;
    case "cover":
      return cover ?? undefined;
    case "splits":
      return count;
  }
}

/** What there is to choose from: a host knows how often its columns split, and no gain. */
export function knownMeasures(rows: readonly ImportanceRow[]): Measure[] {
  const gains = rows.some(({ gain }) => gain > 0);
  const covers = rows.length > 0 && rows.every(({ cover }) => cover !== null && cover !== undefined);
  return MEASURES.filter((measure) => measure === "splits" || (measure === "cover" ? covers : gains));
}
