import type { QueryTerms } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { countRefused, drawOnGrants } from "./grant-asks.ts";

let context: TestContext;
beforeAll(async () => {
  context = await testContext({ party: "telco" });
}, 60_000);
afterAll(() => context[Symbol.asyncDispose](), 60_000);

async function addGrant(id: string, query?: QueryTerms, owner = "telco"): Promise<void> {
  await context.store.db
    .insertInto("grants")
    .values({
      ...{ id, owner, terms: toJson({ query }), dataset_name: "d", status: "ACTIVE", uses_left: 1 },
      ...{ requested_party: "bank", requested_by: "a", created_at: context.clock.now() },
    })
    .execute();
}
const draw = (id: string, ids: number) => drawOnGrants(context, { party: "bank", ids }, [id]);
const daysOf = (id: string) =>
  context.store.db.selectFrom("grant_asks").selectAll().where("grant_id", "=", id).orderBy("day").execute();
const terms = (given: Partial<QueryTerms>): QueryTerms => ({
  ...{ keys: ["phone"], columns: [], padTo: 10, idsMax: 100, idsPerDay: null },
  ...given,
});
const refused = expect.objectContaining({ code: "consent.budget", blame: "telco" });

it("counts by day what is asked under a grant, one that is no query table's too, and none of partners'", async () => {
  await addGrant("plain");
  await addGrant("theirs", terms({}), "bank");
  for (const ids of [5, 7]) await draw("plain", ids);
  await draw("theirs", 5);
  await countRefused(context, { party: "bank", ids: 3 }, ["plain"]);
  expect(await daysOf("plain")).toEqual([{ grant_id: "plain", day: "2026-11-21", ids: 12, refused: 3 }]);
  expect(await daysOf("theirs")).toEqual([]);
});

it("refuses more than was allowed in all, over days too, and counts nothing for it", async () => {
  await addGrant("all", terms({ idsMax: 10 }));
  await draw("all", 6);
  context.clock.advance(24 * 60);
  await expect(draw("all", 5)).rejects.toThrow(refused);
  await draw("all", 4);
  await expect(draw("all", 1)).rejects.toThrow(refused);
  expect((await daysOf("all")).map(({ ids }) => ids)).toEqual([6, 4]);
});

it("refuses more than a day's, and takes what comes just before midnight for the next day's", async () => {
  await addGrant("daily", terms({ idsPerDay: 10 }));
  context.clock.time = new Date("2026-12-01T12:00:00Z");
  await draw("daily", 10);
  await expect(draw("daily", 1)).rejects.toThrow(refused);
  context.clock.time = new Date("2026-12-01T23:49:00Z");
  await expect(draw("daily", 1)).rejects.toThrow(refused);
  context.clock.time = new Date("2026-12-01T23:58:00Z");
  await draw("daily", 4);
  context.clock.time = new Date("2026-12-02T00:01:00Z");
  await expect(draw("daily", 7)).rejects.toThrow(refused);
  await draw("daily", 6);
  expect((await daysOf("daily")).map(({ day, ids }) => [day, ids])).toEqual([
    ["2026-12-01", 10],
    ["2026-12-02", 10],
  ]);
});
