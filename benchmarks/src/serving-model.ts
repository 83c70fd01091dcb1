/** A model of full trees with splits at random, half of them the host's, and rows to score with it. */
import { seededSampling } from "@tombolo/base";
import type { GuestModel, HostModel } from "@tombolo/federated/vertical/boosting";

export const COLUMNS = 10;
const DEPTH = 4;

const stored = (party: string, part: GuestModel | HostModel): unknown => ({
  kind: "boosting",
  version: 1,
  party,
  positive: null,
  parameters: {},
  part,
});

export function servingModel(trees: number): { readonly guest: unknown; readonly host: unknown } {
  const sampling = seededSampling(7);
  const uniform = (): number => sampling.next();
  const split = (feature: string) => ({
    kind: "numeric" as const,
    feature,
    threshold: uniform(),
    missingLeft: uniform() < 0.5,
  });
  const parts = Array.from({ length: trees }, () => {
    const nodes = Array.from({ length: 2 ** DEPTH - 1 }, (_, i) => {
      const column = Math.floor(uniform() * COLUMNS);
      return { node: i + 1, own: uniform() < 0.5, column, split: split(`x${column}`) };
    });
    return {
      guest: {
        splits: nodes.map(({ node, own, column, split }) =>
          own ? { node, owner: "guest" as const, gain: 1, split } : { node, owner: 0, gain: 1, feature: column + 1 },
        ),
        leaves: Array.from({ length: 2 ** DEPTH }, (_, i) => ({ node: 2 ** DEPTH + i, weight: uniform() - 0.5 })),
      },
      host: { splits: nodes.filter(({ own }) => !own).map(({ node, split }) => ({ node, split })) },
    };
  });
  const names = Array.from({ length: COLUMNS }, (_, i) => `x${i}`);
  const modelId = "0".repeat(32);
  return {
    guest: stored("bank", {
      kind: "boosting/guest",
      version: 1,
      modelId,
      objective: "binary",
      baseMargin: 0,
      features: names,
      hosts: ["telco"],
      trees: parts.map(({ guest }) => guest),
    }),
    host: stored("telco", {
      kind: "boosting/host",
      version: 1,
      modelId,
      featureNumbers: Object.fromEntries(names.map((name, i) => [name, i + 1])),
      trees: parts.map(({ host }) => host),
    }),
  };
}

export const idOf = (row: number): string => `1380000${String(row).padStart(7, "0")}`;

/** The value of a column of a row, within 0 to 1. */
export const cellOf = (row: number, column: number): number => ((row * 7919 + column * 104_729) % 100_003) / 100_003;
