/** Which columns are edited, and how their fine bins go together. */
import { COLUMNS_MAX, FINE_BINS_MAX } from "@tombolo/federated/binning";
import { z } from "zod";
import type { ParameterFault, Participant } from "../component.ts";
import { field } from "../fields.ts";

export const parameters = z.strictObject({
  merges: field(
    z
      .array(
        z.strictObject({
          party: z.string().min(1).max(64),
          column: z
            .number()
            .int()
            .min(0)
            .max(COLUMNS_MAX - 1),
          groups: z
            .array(
              z
                .number()
                .int()
                .min(0)
                .max(FINE_BINS_MAX - 1),
            )
            .min(1)
            .max(FINE_BINS_MAX),
        }),
      )
      .min(1)
      .max(1000),
    { en: "Merges", zh: "合并方案" },
    {
      en: "Of each edited column: whose it is, its number in the report, and for each fine bin the number of its merged bin, from 0 in order.",
      zh: "每个被调整的列：所属方、报告中的编号，以及每个细箱所归的合并箱编号（从 0 起依次编号）。",
    },
  ),
});
export type EditParameters = z.output<typeof parameters>;

export type Merge = EditParameters["merges"][number];
const keyOf = ({ party, column }: Merge): string => JSON.stringify([party, column]);

export function editFaults({ merges }: EditParameters, participants: readonly Participant[]): ParameterFault[] {
  const isStray = merges.some(({ party }) => participants.every((each) => each.party !== party));
  const isRepeated = new Set(merges.map(keyOf)).size < merges.length;
  if (!isStray && !isRepeated) return [];
  return [
    {
      parameter: "merges",
      message: isStray ? "a merge is of a party that takes no part" : "a column is edited twice",
      remedy: "Give one merge for each edited column of a party that takes part.",
      zh: {
        message: isStray ? "合并方案所属方未参与任务" : "同一列给出了两个合并方案",
        remedy: "每个被调整的列只给出一个合并方案，且其所属方须参与任务。",
      },
    },
  ];
}
