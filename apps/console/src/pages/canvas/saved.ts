/** What of a drawing is saved at the node, and how two of the same flow differ. */
import type { Flow } from "@tombolo/scheduler";
import { draftFlowSchema } from "@tombolo/scheduler";
import type { KeptFlow } from "@tombolo/sdk";
import type { Draft } from "./draft.ts";
import { arranged, beside, freePlace, heightOf } from "./places.ts";
import type { Components } from "./ports.ts";

/** The kept flow that a drawing is of, as of the revision it began from. */
export interface NodeRef {
  readonly id: string;
  readonly revision: number;
  readonly changedBy: string;
  readonly changedAt: string;
  readonly projectId: string | null;
  /** `printOf` what that revision holds; undefined where the drawing has gone on since, nobody knows how far. */
  readonly print: string | undefined;
}

/** JSON with keys in order: the node writes a task's in another than a hand does. */
const text = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === "object" && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)))
      : each,
  );

/** Equal for drawings that a save would not tell apart. */
export const printOf = ({ flow, places }: Pick<KeptFlow, "flow" | "places"> | Draft): string => text([flow, places]);

export const refOf = (kept: KeptFlow, print: string | undefined): NodeRef => ({
  id: kept.id,
  revision: kept.revision,
  changedBy: kept.changedBy,
  changedAt: kept.changedAt,
  projectId: kept.projectId,
  print,
});

/** As it was kept; tasks that another hand put there without a place get one. */
export async function drawingOf(
  { flow, places }: Pick<KeptFlow, "flow" | "places">,
  components: Components,
): Promise<Draft> {
  const draft: Draft = { flow: draftFlowSchema.parse(flow), places };
  const tasks = Object.entries(draft.flow.tasks);
  const homeless = tasks.filter(([name]) => places[name] === undefined);
  if (homeless.length === 0) return draft;
  if (homeless.length === tasks.length) return { ...draft, places: await arranged(draft, components) };
  let all = { ...places };
  for (const [name, { component, inputs }] of homeless) {
    const feed = Object.values(inputs)
      .map((text) => text.split(".")[0]!)
      .find((task) => all[task] !== undefined);
    const height = heightOf(components.get(component));
    all = { ...all, [name]: feed === undefined ? freePlace(all, { x: 0, y: 0 }, height) : beside(all, feed, height) };
  }
  return { ...draft, places: all };
}

const SETTINGS = ["name", "description", "parties", "seed"] as const;
export type Setting = (typeof SETTINGS)[number];

export interface Differences {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly altered: readonly string[];
  readonly settings: readonly Setting[];
}

/** What `to` has otherwise than `from`. */
export function differences(from: Flow, to: Flow): Differences {
  const { tasks: before } = from;
  const { tasks: after } = to;
  return {
    added: Object.keys(after).filter((name) => before[name] === undefined),
    removed: Object.keys(before).filter((name) => after[name] === undefined),
    altered: Object.keys(after).filter(
      (name) => before[name] !== undefined && text(before[name]) !== text(after[name]),
    ),
    settings: SETTINGS.filter((key) => text(from[key]) !== text(to[key])),
  };
}

/** A name that no kept flow has, as the node compares them. */
export function freeFlowName(taken: readonly string[], wanted: string): string {
  const keyOf = (name: string): string => name.normalize("NFKC").trim().toLowerCase();
  const keys = new Set(taken.map(keyOf));
  if (!keys.has(keyOf(wanted))) return wanted;
  const stem = wanted.replace(/ \(\d+\)$/, "").slice(0, 190);
  for (let n = 2; ; n++) if (!keys.has(keyOf(`${stem} (${n})`))) return `${stem} (${n})`;
}
