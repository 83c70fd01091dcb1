import { describe, expect, test } from "vitest";
import { BatchRun, isPassing } from "./batch-run.ts";

const keys = (count: number) => Array.from({ length: count }, (_, i) => [String(i)]);
const failure = (status: number, code: string) => Object.assign(new Error(code), { status, code });

/** A node that answers with the key itself, after what is `told` to go wrong call by call. */
function node(count: number, told: (unknown | undefined)[] = []) {
  const calls: { readonly first: string; readonly count: number; readonly attempt: string }[] = [];
  const waits: number[] = [];
  let before: () => void = () => undefined;
  const run = new BatchRun<string>({
    keys: keys(count),
    size: 10,
    ask: async (part, attempt, signal) => {
      calls.push({ first: part[0]![0]!, count: part.length, attempt });
      before();
      signal.throwIfAborted();
      const wrong = told.shift();
      if (wrong !== undefined) throw wrong;
      return part.map(([key]) => key!);
    },
    wait: async (ms) => void waits.push(ms),
    changed: () => undefined,
  });
  return {
    ...{ run, calls, waits },
    before: (work: () => void) => {
      before = work;
    },
  };
}

describe("a batch", () => {
  test("asks call after call, and has every answer in its place", async () => {
    const { run, calls, waits } = node(25);
    await run.go();
    expect(run).toMatchObject({ state: "DONE", done: 25, total: 25 });
    expect(run.answers).toEqual(keys(25).map(([key]) => key));
    expect(calls.map(({ first, count }) => [first, count])).toEqual([
      ["0", 10],
      ["10", 10],
      ["20", 5],
    ]);
    expect(new Set(calls.map(({ attempt }) => attempt)).size).toBe(3);
    expect(waits).toEqual([]);
  });

  test("waits longer each time for what passes, and asks the same again as the same call", async () => {
    const busy = failure(503, "resource.busy");
    const { run, calls, waits } = node(20, [undefined, busy, new TypeError("no network"), undefined]);
    await run.go();
    expect(run).toMatchObject({ state: "DONE", failures: 0, error: undefined });
    expect(waits).toEqual([1000, 2000]);
    expect(calls.map(({ first }) => first)).toEqual(["0", "10", "10", "10"]);
    expect(new Set(calls.map(({ attempt }) => attempt)).size).toBe(2);
  });

  test("is held by what does not pass, and by what goes on for too long; it goes on from there", async () => {
    const { run, calls, waits } = node(20, [undefined, failure(429, "auth.quota")]);
    await run.go();
    expect(run).toMatchObject({ state: "HELD", done: 10, error: { code: "auth.quota" } });
    expect(waits).toEqual([]);
    await run.go();
    expect(run).toMatchObject({ state: "DONE", done: 20 });
    expect(calls[2]!.attempt).toBe(calls[1]!.attempt);
    const long = node(5, Array(8).fill(failure(504, "transport.timeout")));
    await long.run.go();
    expect(long.run.state).toBe("HELD");
    expect(long.waits).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test("is paused within a call and goes on with it; cancelled, it keeps what it has", async () => {
    const { run, calls, before } = node(30);
    before(() => calls.length === 2 && run.pause());
    await run.go();
    expect(run).toMatchObject({ state: "PAUSED", done: 10 });
    before(() => calls.length === 4 && run.cancel());
    await run.go();
    expect(run).toMatchObject({ state: "CANCELLED", done: 20 });
    expect(calls.map(({ first }) => first)).toEqual(["0", "10", "10", "20"]);
    expect(run.answers.filter((each) => each !== undefined)).toHaveLength(20);
    await run.go();
    expect(calls).toHaveLength(4);
  });
});

test("what passes: busy, starting, late, too fast, nobody there; not a quota, not a refusal", () => {
  for (const each of [failure(503, "state.service-starting"), failure(429, "auth.rate"), new TypeError("x")])
    expect(isPassing(each)).toBe(true);
  for (const each of [failure(429, "auth.quota"), failure(409, "consent.budget"), failure(400, "input.key")])
    expect(isPassing(each)).toBe(false);
});
