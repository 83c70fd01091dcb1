/** The table that a party trains a regression on, as a file. */
import { TomboloError } from "@tombolo/base";
import type { TableFile, TaskContext } from "../component.ts";
import { alignedFile, distinctRows, featureColumns } from "../tables.ts";

/**
 * `groups`: rows at least of groups over which sums or counts are told; null: none are. Each party's own minimum binds both
 * (SECURITY.md, rule 9). Throws `consent.minimum-rows`.
 */
export async function trainingFile(context: TaskContext<unknown, unknown>, groups: number | null): Promise<TableFile> {
  const { policy, self } = context;
  if (groups !== null && groups < policy.minimumRows)
    throw new TomboloError("consent.minimum-rows", `the flow shows groups of ${groups} rows, too few for a party`, {
      remedy: `Set minimumRows to ${policy.minimumRows} or more.`,
      blame: self.party,
    });
  const data = await alignedFile(context, "data");
  if (data.rowCount >= distinctRows(policy.minimumRows, data)) return data;
  throw new TomboloError("consent.minimum-rows", "there are fewer rows than a party allows sums over", {
    remedy: "Match more rows.",
    blame: self.party,
  });
}

/** Minima of a training, on a table where a row may stand several times. */
export const onDistinctRows = <P extends { readonly minimumRows: number; readonly rowsPerTerm: number }>(
  parameters: P,
  data: TableFile,
): P => ({
  ...parameters,
  minimumRows: distinctRows(parameters.minimumRows, data),
  rowsPerTerm: distinctRows(parameters.rowsPerTerm, data),
});

/** Names of the columns that are features. `others`: those that are not, beside keys and label. Throws `input.columns`. */
export function featureNames(
  { self }: Pick<TaskContext<unknown, unknown>, "self">,
  data: TableFile,
  { chosen, others }: { readonly chosen: readonly string[] | null; readonly others: readonly (string | null)[] },
): string[] {
  const names = featureColumns(data, chosen).flatMap(({ name }) => (others.includes(name) ? [] : [name]));
  if (names.length === 0 && self.role === "host")
    throw new TomboloError("input.columns", "a host without columns has nothing to add", {
      remedy: "Read columns at the host, beside its ids.",
    });
  return names;
}
