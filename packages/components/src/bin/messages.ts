/** Around the sums over bins: what a host's columns look like before, and the merges of their bins after. */
import { nameOnScreen, TomboloError } from "@tombolo/base";
import { json, message } from "@tombolo/channel";
import { binCountOf, COLUMNS_MAX, FINE_BINS_MAX, type FineShape, MODES, SPECIAL_MAX } from "@tombolo/federated/binning";
import { messages as sumMessages } from "@tombolo/protocols/category-sums";
import { z } from "zod";

const count = z.number().int().min(0).max(FINE_BINS_MAX);
const columnShape = z
  .strictObject({
    ordered: z.boolean(),
    ordinary: count,
    special: z.number().int().min(0).max(SPECIAL_MAX),
    missing: z.boolean(),
    name: z
      .string()
      .min(1)
      .max(120)
      .refine((name) => nameOnScreen(name) === name)
      .nullable(),
  })
  .refine((shape) => binCountOf(shape) >= 1 && binCountOf(shape) <= FINE_BINS_MAX);
export type ColumnShape = FineShape & { readonly name: string | null };

/** Far beyond what smoothed counts of 10^8 rows can make. */
const WOE_MAX = 50;
const answer = z.strictObject({
  groups: z.array(z.number().int().min(0).max(FINE_BINS_MAX)).min(1).max(FINE_BINS_MAX),
  woe: z.array(z.number().min(-WOE_MAX).max(WOE_MAX)).max(FINE_BINS_MAX).nullable(),
});
const idedAnswer = answer.extend({
  id: z
    .number()
    .int()
    .min(0)
    .max(COLUMNS_MAX - 1),
});
/** Of one column: of each fine bin the merged one, and the merged bins' weights; null: they are not told. */
export type Answer = z.output<typeof answer>;
export type EditedAnswer = z.output<typeof idedAnswer>;

const checked = <S extends z.ZodType>(name: string, schema: S) =>
  json<z.output<S>>(name, (value) => {
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    throw new TomboloError("protocol.malformed", `not ${name} of columns`);
  });

export const binMessages = {
  columnShapes: message("host", "guest", checked("shapes", z.array(columnShape).max(COLUMNS_MAX)), {
    means: {
      en: "Of each column whether its bins have an order, how many are ordinary, special or of missing values, and its name where that is shown",
      zh: "各列的分箱是否有序，普通箱、特殊值箱与缺失箱的数目，以及公开时的列名",
    },
  }), // 1
  ...sumMessages, // 2
  merges: message("guest", "host", checked("merges", z.array(answer).max(COLUMNS_MAX)), {
    means: {
      en: "Which fine bins of each column go together and, where that is agreed, the weights of evidence of the merged ones",
      zh: "各列哪些细箱合并，以及（约定时）合并后各箱的 WOE",
    },
  }), // 3
};

const edited = z.strictObject({ mode: z.enum(MODES), columns: z.array(idedAnswer).max(COLUMNS_MAX) });
export const editMessages = {
  edits: message("guest", "host", checked("edits", edited), {
    means: {
      en: "Which fine bins of the edited columns go together now and, where that is agreed, the weights of evidence of the merged ones",
      zh: "被调整各列现在哪些细箱合并，以及（约定时）合并后各箱的 WOE",
    },
  }), // 1
};
