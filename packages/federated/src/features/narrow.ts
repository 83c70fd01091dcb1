/** Of learnt steps, those that some columns take: a row to be scored needs no more columns than end in the model. */
import { TomboloError } from "@tombolo/base";
import { type LearntStep, touchesOf } from "./pipeline.ts";

export interface NeededSteps {
  readonly steps: readonly LearntStep[];
  /** Columns that these steps read, or that none of them makes. */
  readonly takes: ReadonlySet<string>;
}

/**
 * What makes `wanted`, and nothing else: the same values as all steps make of them. Throws `input.model` for a column that a
 * step takes away.
 */
export function neededSteps(steps: readonly LearntStep[], wanted: ReadonlySet<string>): NeededSteps {
  const { places, takes } = needed(steps, wanted);
  const there = new Set(takes);
  const kept = steps.flatMap((each, i): LearntStep[] => {
    const step = each.step ?? i + 1;
    const touches = touchesOf(each);
    const gone: string[] = [];
    for (const [place, { makes, removes }] of touches.entries()) {
      const isKept = places[i]!.includes(place);
      if (!isKept) gone.push(...removes.filter((name) => there.has(name)));
      for (const name of removes) there.delete(name);
      if (isKept) for (const name of makes) there.add(name);
    }
    // What a step takes away has to go also where nothing that it makes is wanted: a later one may make it anew.
    const leftOut: LearntStep[] =
      gone.length === 0 ? [] : [{ spec: { kind: "drop", columns: gone }, learnt: null, step }];
    return places[i]!.length === 0 ? leftOut : [{ ...picked(each, places[i]!, touches.length), step }, ...leftOut];
  });
  return { steps: kept, takes };
}

/** From the last step to the first: of each, its places that make something needed. */
function needed(steps: readonly LearntStep[], wanted: ReadonlySet<string>) {
  const open = new Set(wanted);
  const places: number[][] = [];
  for (const step of steps.toReversed()) {
    const own: number[] = [];
    for (const [place, { reads, makes, removes }] of [...touchesOf(step).entries()].reverse()) {
      if (makes.some((name) => open.has(name))) {
        own.unshift(place);
        for (const name of makes) open.delete(name);
        requireLeft(removes, open);
        for (const name of reads) open.add(name);
      } else requireLeft(removes, open);
    }
    places.unshift(own);
  }
  return { places, takes: open };
}

function requireLeft(removes: readonly string[], open: ReadonlySet<string>): void {
  const column = removes.find((name) => open.has(name));
  if (column === undefined) return;
  throw new TomboloError("input.model", "a column of the model goes in its own preparation", {
    remedy: "Train again on columns that the preparation leaves, under names of their own.",
    detail: { column },
  });
}

/** Of a step with a list of columns, those at `places`. */
function picked({ spec, learnt }: LearntStep, places: readonly number[], count: number): LearntStep {
  if (places.length === count || !("columns" in spec)) return { spec, learnt };
  const columns = places.map((place) => spec.columns[place]!);
  return { spec: { ...spec, columns }, learnt: Array.isArray(learnt) ? places.map((place) => learnt[place]) : learnt };
}
