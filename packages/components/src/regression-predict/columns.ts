/** How few columns and hosts there are decides what totals tell. */
import { TomboloError } from "@tombolo/base";
import { classFamilyOf, columnsOf, type HostBinsModel } from "@tombolo/federated/vertical/regression";
import type { TaskContext } from "../component.ts";
import type { HostPart } from "../regression-train/model.ts";
import { hostsOf } from "../tables.ts";

/**
 * At the host, before a row of it is looked at. A column that a penalty set to 0 hides nothing in a total. Of several classes there
 * are several totals of the same columns: each beyond the first takes one column more to hide as much.
 */
export function requireColumns(
  { parameters, self }: TaskContext<{ readonly hostColumnsMin: number }, unknown>,
  part: HostPart,
): void {
  const { columns, totals } = telling(part);
  if (columns >= parameters.hostColumnsMin + totals - 1) return;
  throw new TomboloError("consent.few-columns", "the host brings too few columns for scores to be told", {
    remedy: "Train with more columns of the host, or lower hostColumnsMin, which its approver then sees.",
    blame: self.party,
  });
}

function telling(part: HostPart): { readonly columns: number; readonly totals: number } {
  if (part.kind === "regression/host-bins") return { columns: part.columns.length, totals: 1 };
  if (part.kind === "regression/host")
    return {
      columns: columnsOf({ terms: part.terms.filter(({ coefficient }) => coefficient !== 0) }).length,
      totals: 1,
    };
  const terms = part.terms.filter(({ coefficients }) => coefficients.some((coefficient) => coefficient !== 0));
  return { columns: columnsOf({ terms }).length, totals: classFamilyOf(part).toldTotals };
}

/** Columns of the table that a part takes. */
export const columnsTaken = (part: HostPart): string[] =>
  part.kind === "regression/host-bins" ? part.columns.map(({ column }) => column) : columnsOf(part);

/**
 * At the host of a model on shared bins: the guest knows what each bin adds, so a row's total tells which sets of bins it may be in, of few
 * columns the one. A total has some thousand values (federated, shared-bins/model.ts): there are to be more sets than that.
 */
export function requireBinSets(
  { parameters, self }: TaskContext<{ readonly binSetsMin: number }, unknown>,
  { columns }: HostBinsModel,
): void {
  if (columns.reduce((sets, { bins }) => sets * bins.length, 1) >= parameters.binSetsMin) return;
  throw new TomboloError("consent.few-columns", "a row's total would tell the bins that it is in", {
    remedy:
      "Ask for bands or decisions, train with more columns of the host, or lower binSetsMin, which its approver then sees.",
    blame: self.party,
  });
}

/** At a host whose total goes to the guest in a sum with those of others, and not by itself. */
export function requireAllHosts(context: TaskContext<unknown, unknown>, part: HostPart): void {
  if (part.kind === "regression/host-bins" || hostsOf(context).length >= part.hosts) return;
  throw new TomboloError("input.model", "the model was trained with more hosts than take part", {
    remedy: "Score with all hosts of the model: the guest then learns their sum alone.",
    blame: context.self.party,
  });
}
