/**
 * The generator of load of the soak, a process of its own: calls at a steady rate, each repeated after what may be
 * repeated (a refused or broken connection, 429, 502, 503, 504, a row the absent partner could not answer) until it has
 * its score. A call is lost when it gets any other answer, or none within a quarter of an hour.
 */
import { setTimeout as pause } from "node:timers/promises";

export interface SoakOrder {
  readonly url: string;
  readonly apiKey: string;
  readonly bodies: readonly string[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface SoakFigures {
  calls: number;
  /** Repeats by what caused them. */
  readonly repeats: Record<string, number>;
  readonly lost: string[];
  /** Calls whose score was not the one the same row had before. */
  changed: number;
  /** In ms, of calls that needed no repeat. */
  readonly took: number[];
}

const RETRY_MS = 250;
const GIVE_UP_MS = 900_000;
const REPEATABLE = [429, 502, 503, 504];

interface Answer {
  readonly rows?: readonly { readonly score?: number; readonly refusal?: { readonly code: string } }[];
  readonly error?: { readonly code: string };
}

async function soak({ url, apiKey, bodies, perSecond, seconds }: SoakOrder): Promise<SoakFigures> {
  const found: SoakFigures = { calls: 0, repeats: {}, lost: [], changed: 0, took: [] };
  const scores: number[] = [];
  const start = performance.now();
  const open = new Set<Promise<void>>();
  const ask = async (call: number): Promise<number | string> => {
    const headers = {
      "content-type": "application/json",
      authorization: `Bearer ${apiKey}`,
      "idempotency-key": `${call}`,
    };
    try {
      const signal = AbortSignal.timeout(GIVE_UP_MS);
      const response = await fetch(url, { method: "POST", headers, body: bodies[call % bodies.length]!, signal });
      const { rows, error } = (await response.json()) as Answer;
      const [row] = rows ?? [];
      if (row?.score !== undefined) return row.score;
      const code = error?.code ?? row?.refusal?.code ?? "nothing";
      return response.ok || REPEATABLE.includes(response.status) ? code : `!${response.status} ${code}`;
    } catch (error) {
      return (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
    }
  };
  const one = async (call: number): Promise<void> => {
    const due = performance.now();
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(call);
      if (typeof answer === "number") {
        scores[call % bodies.length] ??= answer;
        if (scores[call % bodies.length] !== answer) found.changed++;
        if (attempt === 1) found.took.push(performance.now() - due);
        return;
      }
      if (answer.startsWith("!") || performance.now() - due > GIVE_UP_MS) return void found.lost.push(answer);
      found.repeats[answer] = (found.repeats[answer] ?? 0) + 1;
      await pause(RETRY_MS);
    }
  };
  for (; performance.now() - start < seconds * 1000; found.calls++) {
    const early = start + (found.calls * 1000) / perSecond - performance.now();
    if (early > 0) await pause(early);
    const under = one(found.calls).finally(() => open.delete(under));
    open.add(under);
  }
  await Promise.all(open);
  return found;
}

process.once("message", async (order: SoakOrder) => {
  const figures = await soak(order);
  process.send!(figures, () => process.disconnect());
});
