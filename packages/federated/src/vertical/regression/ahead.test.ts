import type { TomboloError } from "@tombolo/base";
import { runWorld, type WorldOptions } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { asGuest, asHost, type Hooks, type Options, sampleTable, trainWorld } from "./testing/world.ts";

const table = sampleTable(400);
const options: Options = { solver: "sgd", batchRows: 100, epochs: 11, rowsPerTerm: 5, l2: 0.01 };

async function errorsOf(world: WorldOptions, hooks: Hooks = {}): Promise<TomboloError[]> {
  const [guest, host] = [asGuest(table, options, hooks), asHost(table, options, hooks)];
  const run = await runWorld(["bank", "telco"], world, async (me) =>
    me.id === "bank" ? (await guest(me)).contributions : (await host(me)).contributions,
  );
  return [run.error("bank"), run.error("telco")];
}

describe("mini-batches with what they use up made ahead", () => {
  it("take rounds for their steps alone, and give what they gave", async () => {
    const [one, eight] = [
      await trainWorld(table, options, {}, { seed: 21, window: 1 }),
      await trainWorld(table, options, {}, { seed: 21, window: 8, latencyMs: 1 }),
    ];
    for (const side of ["guest", "host"] as const)
      one[side].contributions.forEach((value, i) => {
        // Of numbers up to 4. Steps are rounded by chance: two runs alike differ by 0.0004, now and then by 0.001; an epoch of four batches more moves them by 0.09.
        expect(Math.abs(value - eight[side].contributions[i]!)).toBeLessThan(5e-3);
      });
    const batches = 11 * 4;
    expect(eight.cost.rounds / batches).toBeLessThan(30);
    expect(eight.cost.laneRounds).toBeGreaterThan(batches);
  });

  it("end at both sides with what went wrong on a lane, whatever they wait for", async () => {
    for (const lane of [1, 2]) {
      let frames = 0;
      const tamper: WorldOptions["tamper"] = ({ link, from, frame }) => {
        const spoilt = link === lane && from === "telco" && ++frames === 30;
        return [spoilt ? frame.slice(0, 5) : frame];
      };
      for (const error of await errorsOf({ seed: 22, tamper }))
        expect(error).toMatchObject({ code: "protocol.frame", blame: "telco" });
    }
  });

  it("end at both sides when one is cancelled, or falls silent", async () => {
    const stop = new AbortController();
    const onStep = async () => stop.abort(new Error("stop"));
    const cancelled = await errorsOf({ seed: 23 }, { host: { signal: stop.signal, onStep } });
    for (const error of cancelled) expect(error).toMatchObject({ code: "state.internal", message: "stop" });
    let frames = 0;
    const tamper: WorldOptions["tamper"] = ({ link, frame }) => (link === 1 && ++frames > 60 ? [] : [frame]);
    for (const error of await errorsOf({ seed: 24, tamper, deadlineMs: 700 }))
      expect(["transport.timeout", "protocol.sequence"]).toContain(error.code);
  });
});
