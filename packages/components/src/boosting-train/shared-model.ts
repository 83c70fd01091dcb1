/** A party's part of a model of level `shared` as it is stored, and as it is shown to its owner. */
import type { SharedGuestModel, SharedHostModel, SharedModel } from "@tombolo/federated/vertical/boosting/shared";
import { checkSharedGuestModel, checkSharedHostModel, isSharedPart } from "@tombolo/federated/vertical/boosting/shared";
import { type ImportanceRow, type StoredModel, storedModel } from "./model.ts";

export type StoredShared = StoredModel<SharedModel>;

export const isShared = (value: unknown): boolean => isSharedPart((value as { part?: unknown } | null)?.part);

/** Throws `input.model` for what training at this level did not leave. */
export const storedSharedGuest = (value: unknown): StoredModel<SharedGuestModel> =>
  storedModel(value, checkSharedGuestModel);
export const storedSharedHost = (value: unknown): StoredModel<SharedHostModel> =>
  storedModel(value, checkSharedHostModel);

/** Either side's part. */
export const storedSharedPart = (value: unknown): StoredShared =>
  storedModel<SharedModel>(value, (part) =>
    (part as { kind?: unknown } | null)?.kind === "boosting/shared-guest"
      ? checkSharedGuestModel(part)
      : checkSharedHostModel(part),
  );

/** How often each own column was taken, and at the guest how often the host's were, all together. Gains and covers nobody knows. */
export function sharedImportance({ party, part }: StoredShared): ImportanceRow[] {
  const taken = part.trees.flatMap((tree: SharedModel["trees"][number]) =>
    tree.splits.map(({ split }) => split.feature),
  );
  const row = (feature: string, count: number, of = party): ImportanceRow => ({
    feature,
    party: of,
    gain: 0,
    cover: null,
    count,
  });
  const own = part.features.map((feature) => row(feature, taken.filter((one) => one === feature).length));
  const rows = own.toSorted((a, b) => b.count - a.count);
  if (part.kind === "boosting/shared-host") return rows;
  const host = part.hosts[0]!;
  return [
    ...rows,
    row(
      host,
      part.trees.reduce((sum, tree) => sum + tree.hostNodes.length, 0),
      host,
    ),
  ];
}

/** Own splits with their thresholds, at the guest also which nodes are the host's; a share of a leaf's weight says nothing. */
export const sharedTrees = ({ part }: StoredShared): unknown =>
  part.kind === "boosting/shared-guest"
    ? {
        ...{ level: "shared", host: part.hosts[0]! },
        trees: part.trees.map(({ splits, hostNodes }) => ({ splits, hostNodes })),
      }
    : { level: "shared", host: null, trees: part.trees.map(({ splits }) => ({ splits })) };
