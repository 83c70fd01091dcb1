/** The host's secret order of what it offers, fresh for every node: the guest cannot tell which sums share a column. */
import type { Secrets } from "@tombolo/base";
import type { Choice } from "./choose.ts";
import type { NodePlan } from "./split.ts";
import type { OfferShape } from "./wire.ts";

export interface ShuffledPlan {
  readonly plan: NodePlan;
  /** `singles[position offered]` is the position in the plan. */
  readonly singles: readonly number[];
  readonly groups: readonly { readonly group: number; readonly members: readonly number[] }[];
}

export function shufflePlan(plan: NodePlan, secrets: Secrets): ShuffledPlan {
  return {
    plan,
    singles: permutation(plan.singles.length, secrets),
    groups: permutation(plan.groups.length, secrets).map((group) => ({
      group,
      members: permutation(plan.groups[group]!.members.length, secrets),
    })),
  };
}

export const shapeOf = ({ singles, groups }: ShuffledPlan): OfferShape => ({
  singles: singles.length,
  groups: groups.map(({ members }) => members.length),
});

/** Positions of the plan's cells (single ones, then members group by group) in the order offered. */
export function offeredCells({ plan, singles, groups }: ShuffledPlan): number[] {
  const starts: number[] = [];
  let at = plan.singles.length;
  for (const { members } of plan.groups) {
    starts.push(at);
    at += members.length;
  }
  return [...singles, ...groups.flatMap(({ group, members }) => members.map((member) => starts[group]! + member))];
}

/** A choice by offered positions, back in the plan's. */
export function unshuffle(
  shuffled: ShuffledPlan,
  choice: Pick<Choice, "singles" | "groups">,
): Pick<Choice, "singles" | "groups"> {
  return {
    singles: choice.singles.map((position) => shuffled.singles[position]!),
    groups: choice.groups.map(({ group, left }) => {
      const { group: planned, members } = shuffled.groups[group]!;
      return { group: planned, left: left.map((member) => members[member]!) };
    }),
  };
}

/** Exactly uniform (Fisher, Yates), up to the quality of the secrets. */
export function permutation(length: number, secrets: Secrets): number[] {
  const order = Array.from({ length }, (_, i) => i);
  const bytes = secrets.bytes(8 * length);
  const random = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = length - 1; i > 0; i--) {
    const j = uniformBelow(i + 1, random.getBigUint64(8 * i, true), secrets);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/** `drawn` modulo the bound, drawn again above its last multiple: 64 bits modulo 2^22 alone would be 2^-42 off a draw. */
function uniformBelow(bound: number, drawn: bigint, secrets: Secrets): number {
  const limit = 2n ** 64n - (2n ** 64n % BigInt(bound));
  let value = drawn;
  while (value >= limit) {
    const bytes = secrets.bytes(8);
    value = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  }
  return Number(value % BigInt(bound));
}
