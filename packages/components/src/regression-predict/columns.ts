/** How few columns and hosts there are decides what totals tell. */
import { TomboloError } from "@tombolo/base";
import { classFamilyOf, columnsOf } from "@tombolo/federated/vertical/regression";
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
  const { counting, totals } =
    part.kind === "regression/host"
      ? { counting: part.terms.filter(({ coefficient }) => coefficient !== 0), totals: 1 }
      : {
          counting: part.terms.filter(({ coefficients }) => coefficients.some((coefficient) => coefficient !== 0)),
          totals: classFamilyOf(part).toldTotals,
        };
  if (columnsOf({ terms: counting }).length >= parameters.hostColumnsMin + totals - 1) return;
  throw new TomboloError("consent.few-columns", "the host brings too few columns for scores to be told", {
    remedy: "Train with more columns of the host, or lower hostColumnsMin, which its approver then sees.",
    blame: self.party,
  });
}

/** At a host whose total goes to the guest in a sum with those of others, and not by itself. */
export function requireAllHosts(context: TaskContext<unknown, unknown>, part: HostPart): void {
  if (hostsOf(context).length >= part.hosts) return;
  throw new TomboloError("input.model", "the model was trained with more hosts than take part", {
    remedy: "Score with all hosts of the model: the guest then learns their sum alone.",
    blame: context.self.party,
  });
}
