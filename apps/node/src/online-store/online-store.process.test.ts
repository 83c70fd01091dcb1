/** What a runner may count on, at each kind of online store, on a real server. */
import { KEY_BYTES, type RowStore } from "@tombolo/components";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkConfig } from "../config/config.ts";
import type { NodeContext } from "../context.ts";
import { ownReport } from "../doctor/own-checks.ts";
import { RunnerRowStore } from "../runner/row-store.ts";
import { freePorts } from "../testing/cluster.ts";
import { hasPostgres, Postgres } from "../testing/postgres.ts";
import { hasRedis, Redis } from "../testing/redis.ts";
import type { Place } from "./backend.ts";
import { type OnlineStore, openOnlineStore } from "./online-store.ts";

const config = (url: string, party = "bank") => checkConfig({ party, name: party, onlineStore: { url } });
const keys = (...numbers: number[]): Uint8Array => {
  const bytes = new Uint8Array(numbers.length * KEY_BYTES);
  numbers.forEach((number, i) => {
    bytes.fill(number, i * KEY_BYTES, (i + 1) * KEY_BYTES);
  });
  return bytes;
};
const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const plain = (values: readonly (Uint8Array | null)[] | null) => values?.map((value) => value && [...value]);

/** As a runner has it, without the process between. */
function runnerOf(store: OnlineStore, place: Place): RowStore {
  const rows: RunnerRowStore = new RunnerRowStore((message) => {
    if (message.type !== "rows") throw new Error("assertion failed: it asks for rows");
    store.call(place, message.rows).then(
      (answer) => rows.answered(message.call, answer, null),
      (error) => rows.answered(message.call, null, error.toPublic()),
    );
  });
  return rows;
}

function contract(kind: string, start: () => Promise<{ readonly url: string; stop(): Promise<void> | void }>): void {
  let server: Awaited<ReturnType<typeof start>>;
  let store: OnlineStore;
  const place = { job: "job-1", task: "serve" };

  beforeAll(async () => {
    server = await start();
    store = (await openOnlineStore(config(server.url)))!;
  }, 120_000);
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  test("rows count once they are marked; then they are found, replaced and removed by key", async () => {
    const rows = runnerOf(store, place);
    await rows.write(keys(1, 255, 0), [bytes(1, 2), bytes(0, 255, 10, 13), bytes()], null);
    expect(await rows.get(keys(1))).toBeNull();
    expect(await rows.mark()).toBeNull();
    await rows.write(bytes(), [], '{"rows":3}');
    expect(await rows.mark()).toBe('{"rows":3}');
    expect(plain(await rows.get(keys(255, 7, 1, 0, 1)))).toEqual([[0, 255, 10, 13], null, [1, 2], [], [1, 2]]);
    await rows.write(keys(1, 255, 8), [bytes(9), null, null], "other");
    expect(plain(await rows.get(keys(255, 1)))).toEqual([null, [9]]);
    await rows.write(keys(2), [bytes(2)], null);
    expect(await rows.mark()).toBe("other");
    expect(await rows.get(bytes())).toEqual([]);
  });

  test("tasks, jobs and parties are apart; a job's rows go with it", async () => {
    const other = (await openOnlineStore(config(server.url, "telco")))!;
    try {
      const mine = runnerOf(store, { job: "job-10", task: "serve" });
      const beside = runnerOf(store, { job: "job-10", task: "other" });
      const theirs = runnerOf(other, { job: "job-10", task: "serve" });
      for (const [i, rows] of [mine, beside, theirs].entries()) await rows.write(keys(1), [bytes(i)], "all");
      expect([...(await store.jobs())].sort()).toEqual(["job-1", "job-10"]);
      await mine.clear();
      expect([await mine.get(keys(1)), await mine.mark()]).toEqual([null, null]);
      expect(plain(await beside.get(keys(1)))).toEqual([[1]]);
      await store.remove("job-10");
      expect(await beside.get(keys(1))).toBeNull();
      expect(plain(await theirs.get(keys(1)))).toEqual([[2]]);
      expect(await store.jobs()).toEqual(["job-1"]);
      await other.remove("job-10");
      expect(await other.jobs()).toEqual([]);
    } finally {
      await other.close();
    }
  });

  test("what is no key, no row or too much is refused before it is sent", async () => {
    const rows = runnerOf(store, place);
    await expect(rows.get(bytes(1))).rejects.toMatchObject({ code: "input.rows" });
    await expect(rows.get(new Uint8Array(2_001 * KEY_BYTES))).rejects.toMatchObject({ code: "input.rows" });
    await expect(rows.write(keys(1), [], null)).rejects.toMatchObject({ code: "input.rows" });
    await expect(rows.write(keys(1), [new Uint8Array(70_000)], null)).rejects.toMatchObject({ code: "input.rows" });
  });

  test("the doctor asks it; once its server is gone it is away, and says nothing of its URL", async () => {
    // Its other steps fail without the rest of a node, and are not looked at.
    const step = async () => (await ownReport({ onlineStore: store } as NodeContext)).steps.find(isOurs);
    expect(await step()).toMatchObject({ ok: true, message: expect.stringContaining(store.kind) });
    await server.stop();
    const error = await runnerOf(store, place)
      .get(keys(1))
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "resource.online-store" });
    const shown = JSON.stringify([error, String(error), await step()]);
    expect(shown).toContain(kind === "Redis" ? "(redis)" : "(postgresql)");
    for (const secret of ["not-to-be-shown", "127.0.0.1", new URL(server.url).port])
      expect(shown).not.toContain(secret);
    server = { url: server.url, stop: () => {} };
  }, 60_000);
}

const isOurs = ({ step }: { readonly step: string }): boolean => step === "online store";

describe.skipIf(!hasPostgres)("rows in PostgreSQL", () =>
  contract("PostgreSQL", async () => {
    const postgres = await Postgres.start();
    return { url: `${postgres.url}/postgres`, stop: () => postgres.stop() };
  }),
);

describe.skipIf(!hasRedis)("rows in Redis", () => contract("Redis", () => Redis.start()));

test("one that is not there when the node starts is named with what to check; what is no URL is a fault", async () => {
  const [port] = await freePorts(1);
  for (const url of [`redis://:secret@127.0.0.1:${port}`, `postgres://me:secret@127.0.0.1:${port}/x`]) {
    const error: unknown = await openOnlineStore(config(url)).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: "resource.online-store", remedy: expect.stringContaining("onlineStore.url") });
    expect(JSON.stringify(error) + String(error)).not.toContain("secret");
  }
  for (const url of ["http://:secret@host/", "secret", "redis:///0"]) {
    const fault = (() => {
      try {
        return String(config(url));
      } catch (error) {
        return String(error);
      }
    })();
    expect(fault).toMatch(/onlineStore\.url: postgres:\/\//);
    expect(fault).not.toContain("secret");
  }
});

test.runIf(!hasPostgres || !hasRedis)("kinds whose server is not installed here are skipped", () => {
  expect(hasPostgres && hasRedis).toBe(false);
});
