import { createHash } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import { atWindows, type Me, runWorld, tamperEvery } from "@tombolo/test-kit";
import { describe, expect, it } from "vitest";
import { guest, host, IDS_MAX_CHOSEN, idPrefix, messages } from "./index.ts";

const WIDTH = 6;
const KEYS = ["a", "b", "c", "d", "e"];
const recordOf = (key: string): Uint8Array => new Uint8Array(Buffer.from(`of ${key}`.padEnd(WIDTH)));
const digestsOf = (keys: readonly string[], binding: Uint8Array): Uint8Array =>
  Buffer.concat(keys.map((id) => createHash("sha256").update(idPrefix(binding)).update(id).digest().subarray(0, 16)));

interface Setting {
  readonly padTo?: number;
  readonly budget?: number;
  readonly width?: number;
  readonly held?: readonly string[];
}

async function play(me: Me, asked: readonly string[], setting: Setting = {}): Promise<unknown> {
  const { padTo = 1, budget = 100, width = WIDTH, held = KEYS } = setting;
  if (me.id === "bank") {
    const peer = await me.peer(messages, "guest", "telco", "host");
    const options = { secrets: me.secrets, recordBytes: width, bytesMax: 2 ** 20, padTo };
    const { found, records } = await guest(digestsOf(asked, peer.binding), peer, options);
    return asked.map((_, i) => (found[i] === 1 ? records.slice(i * width, (i + 1) * width) : null));
  }
  const peer = await me.peer(messages, "host", "bank", "guest");
  const admit = async (count: number): Promise<void> => {
    if (count > budget) throw new TomboloError("consent.budget", "too many rows");
  };
  const table = { digests: digestsOf(held, peer.binding), records: Buffer.concat(held.map(recordOf)) };
  return host({ ...table, recordBytes: WIDTH }, peer, { secrets: me.secrets, admit });
}
const run = (asked: readonly string[], setting: Setting = {}, world = {}) =>
  runWorld(["bank", "telco"], { seed: 1, ...world }, (me) => play(me, asked, setting));

describe("keyword query by oblivious transfer", () => {
  it("gets the rows asked for, none where there is none, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const world = await run(["d", "x", "a"], {}, { window });
      expect(world.result("bank")).toEqual([recordOf("d"), null, recordOf("a")]);
      expect(world.result("telco")).toBe(3);
      expect(world.cost.bytes).toBe(4 + 16 * 5 + 3 * (8 + 8192 + 4096 + 5 * WIDTH));
      expect(world.cost.rounds).toBeLessThanOrEqual(2 + 3 * 4);
    }));

  it("asks for as many as fill the step, and what is admitted", async () => {
    const world = await run(["d"], { padTo: 3 });
    expect(world.result("bank")).toEqual([recordOf("d")]);
    expect(world.result("telco")).toBe(3);
    expect((await run(["a", "b"], { budget: 1 })).error("bank").code).toBe("consent.budget");
    const many = Array.from({ length: IDS_MAX_CHOSEN + 1 }, (_, i) => `${i}`);
    expect((await run(many)).error("bank").code).toBe("input.rows");
  });

  it("refuses rows of another width, and a key that is there twice", async () => {
    expect((await run(["a"], { width: 4 })).error("bank")).toMatchObject({ code: "protocol.size", blame: "telco" });
    expect((await run(["a"], { held: ["a", "b", "a"] })).error("bank").code).toBe("protocol.order");
  });

  it("ends in an error, or in no row but one that was asked for, when any message is tampered with", async () => {
    await tamperEvery<unknown>({
      parties: ["bank", "telco"],
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => play(me, ["b", "d"]),
      check({ outcomes }) {
        if (!outcomes.bank!.ok) return;
        const rows = outcomes.bank!.value as (Uint8Array | null)[];
        for (const other of ["a", "c", "e"]) expect(rows).not.toContainEqual(recordOf(other));
      },
      tolerated: {
        keys: "a changed fingerprint is another key, which nothing proves",
        rows: "nothing proves a row",
      },
    });
  });
});
