/** The palette's groups: what a component is for, by its name and what it makes. */
import type { Component } from "@tombolo/sdk";

export const GROUPS = ["data", "match", "features", "train", "score", "judge", "query", "serve"] as const;
export type Group = (typeof GROUPS)[number];

/** The first that fits. */
const NAMES: readonly (readonly [RegExp, Group])[] = [
  [/-serve(-hidden)?$/, "serve"],
  [/^(read-table|export|split|sample|union)$/, "data"],
  [/^(match-catalogue|match-lookup|query-|verify-)/, "query"],
  [/^(psi|match-|joint-count)/, "match"],
  [/(^|-)(evaluate|compare|cross-validate)$/, "judge"],
  [/-train(-|$)|-tabulate$/, "train"],
  [/-predict$|^scorecard/, "score"],
];

export const groupOf = ({ name }: Pick<Component, "name">): Group =>
  NAMES.find(([pattern]) => pattern.test(name))?.[1] ?? "features";

/** What a search finds: its words in the name, title or summary of either language, the best first. */
export function searched(components: readonly Component[], text: string): readonly Component[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const rank = ({ name, title, summary }: Component): number => {
    const heads = `${name} ${title.en} ${title.zh}`.toLowerCase();
    const whole = `${heads} ${summary.en} ${summary.zh}`.toLowerCase();
    if (!words.every((word) => whole.includes(word))) return 3;
    return words.every((word) => heads.includes(word))
      ? words[0] !== undefined && name.startsWith(words[0])
        ? 0
        : 1
      : 2;
  };
  return components
    .map((component) => ({ component, rank: rank(component) }))
    .filter(({ rank: found }) => found < 3)
    .sort((a, b) => a.rank - b.rank)
    .map(({ component }) => component);
}
