/** How few columns a host brings decides what its totals tell. */
import { TomboloError } from "@tombolo/base";
import { columnsOf, type HostModel } from "@tombolo/federated/vertical/regression";
import type { TaskContext } from "../component.ts";

/** At the host, before a row of it is looked at. */
export function requireColumns(
  { parameters, self }: TaskContext<{ readonly hostColumnsMin: number }, unknown>,
  part: HostModel,
): void {
  if (columnsOf(part).length >= parameters.hostColumnsMin) return;
  throw new TomboloError("consent.few-columns", "the host brings too few columns for scores to be told", {
    remedy: "Train with more columns of the host, or lower hostColumnsMin, which its approver then sees.",
    blame: self.party,
  });
}
