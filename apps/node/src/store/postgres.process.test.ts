/** The store's suite on a real PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../testing/cluster.ts";
import { hasPostgres, Postgres } from "../testing/postgres.ts";
import { storeSuite } from "../testing/store-suite.ts";
import { testContext } from "../testing/test-context.ts";
import { openStore } from "./store.ts";

describe.skipIf(!hasPostgres)("store on PostgreSQL", () => {
  let postgres: Postgres;

  beforeAll(async () => {
    postgres = await Postgres.start();
  }, 120_000);
  afterAll(() => postgres?.stop());

  storeSuite(() => testContext({ databaseUrl: `${postgres.url}/postgres` }));

  test("two nodes that open the same empty database migrate it once", async () => {
    const url = await postgres.createDatabase("twice");
    const open = () => openStore({ folder: "/nowhere", url });
    const [first, second] = await Promise.all([open(), open()]);
    expect(await second.db.selectFrom("journal_head").select("size").execute()).toEqual([{ size: 0 }]);
    await first.close();
    await second.close();
  });
});

test("an unreachable PostgreSQL is named with what to check", async () => {
  const [port] = await freePorts(1);
  const opening = openStore({ folder: "/nowhere", url: `postgres://tombolo@127.0.0.1:${port}/x` });
  await expect(opening).rejects.toMatchObject({
    code: "resource.database",
    remedy: expect.stringContaining("database.url"),
  });
});

test.runIf(!hasPostgres)("store on PostgreSQL is skipped: its server is not installed here", () => {
  expect(hasPostgres).toBe(false);
});
