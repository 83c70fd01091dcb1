/** Among a service's counts: rows that held what no step of the model's preparation had seen in training. */
import type { ReplayNote } from "../pipeline/replay.ts";
import type { Observed } from "../service.ts";

const NAME = /^note:(\d+)\.([a-z-]+)\.(\d+):([a-z]+):(.*)$/su;
const WHAT = ["unseen", "outside", "undefined", "missing"] as const satisfies readonly ReplayNote["what"][];

export const noteCounts = (notes: readonly ReplayNote[]): Observed =>
  Object.fromEntries(
    notes.map(({ transform, kind, step, what, column, rows }) => [
      `note:${transform}.${kind}.${step}:${what}:${column}`,
      [rows],
    ]),
  );

/** Back from counts, other ones left out; in the order of the steps. */
export const servedNotes = (counts: Observed): ReplayNote[] =>
  Object.entries(counts)
    .flatMap(([name, [rows = 0]]): ReplayNote[] => {
      const [, transform, kind = "", step, said, column = ""] = NAME.exec(name) ?? [];
      const what = WHAT.find((each) => each === said);
      if (what === undefined) return [];
      return [{ transform: Number(transform), kind, step: Number(step), what, column, rows }];
    })
    .sort((a, b) => a.transform - b.transform || a.step - b.step);
