import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { countYoungBytes } from "./young-memory.ts";

test("each 8 MiB of buffers lead to one collection of the young generation, and none of the whole heap", async () => {
  const forced: number[] = [];
  const observer = new PerformanceObserver((list) => {
    // The types lack what entries of this type have.
    for (const entry of list.getEntries() as (PerformanceEntry & { detail: { kind: number; flags: number } })[]) {
      const { kind, flags } = entry.detail;
      if ((flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0) forced.push(kind);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
  for (let i = 0; i < 4 * 32; i++) countYoungBytes(256 * 1024);
  while (forced.length < 4) await turn();
  observer.disconnect();
  expect(forced).toEqual(Array.from({ length: 4 }, () => constants.NODE_PERFORMANCE_GC_MINOR));
  expect("gc" in globalThis).toBe(false);
});
