import type { Flow } from "@tombolo/scheduler";
import type { GrantTerms } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Job } from "../jobs/rows.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { notAuthorised, refuseUnauthorised } from "./authorisations.ts";

let context: TestContext;
beforeAll(async () => {
  context = await testContext({ party: "telco" });
  await addGrant("grant-calls", "calls", "credit");
  await addGrant("grant-rents", "rents", "housing");
  await addGrant("grant-shops", "shops", "credit", { status: "REVOKED" });
  await addGrant("grant-theirs", "rents", "credit", { owner: "bank" });
}, 60_000);
afterAll(() => context[Symbol.asyncDispose](), 60_000);

async function addGrant(id: string, datasetId: string, purpose: string, more: object = {}): Promise<void> {
  const terms = { datasetId, purpose, partners: ["bank"] } as unknown as GrantTerms;
  await context.store.db
    .insertInto("grants")
    .values({
      ...{ id, owner: "telco", terms: toJson(terms), dataset_name: "d", status: "ACTIVE", uses_left: 1 },
      ...{ requested_party: "bank", requested_by: "a", created_at: context.clock.now() },
      ...more,
    })
    .execute();
}

const BEHIND = ["calls", "rents", "shops"];
const without = (scope: string | null): Promise<string[]> => {
  const authorisation = scope === null ? null : { hash: "a".repeat(64), scope, expires: "2099-01-01T00:00:00Z" };
  const ask = { component: "match-lookup", parameters: { authorisation } };
  const flow = { tasks: { ask } } as unknown as Flow;
  return notAuthorised(context, { initiator: "bank" } as Job, flow, "ask", { party: "bank", ids: 1 }, BEHIND);
};

it("holds for the dataset that it names, or those granted for its purpose, and for no other behind the task", async () => {
  expect(await without(null)).toEqual(BEHIND);
  expect(await without("rents")).toEqual(["calls", "shops"]);
  expect(await without("credit")).toEqual(["rents", "shops"]);
  await expect(without("research")).rejects.toMatchObject({ code: "consent.authorisation", blame: "bank" });
});

it("leaves those that are not covered to their owner's demand", async () => {
  await context.store.db
    .insertInto("ask_budgets")
    .values({
      ...{ partner: "bank", dataset_id: "rents", runs_max: null, ids_max: null, ids_day_max: null },
      ...{ runs_used: 0, ids_used: 0, updated_at: context.clock.now(), set_by: null, authorisation_required: true },
    })
    .execute();
  const refused = { code: "consent.authorisation", blame: "bank" };
  await expect(refuseUnauthorised(context, "bank", await without("credit"))).rejects.toMatchObject(refused);
  await refuseUnauthorised(context, "bank", await without("housing"));
  await refuseUnauthorised(context, "bank", await without("rents"));
});

it("demands one of a table where a grant behind the task says so", async () => {
  const demanding = { keys: ["phone"], columns: [], padTo: 1, idsMax: 1, idsPerDay: null, authorisationRequired: true };
  const terms = { datasetId: "calls", purpose: "credit", partners: ["bank"], query: demanding };
  await addGrant("grant-asked", "calls", "credit", { terms: toJson(terms as unknown as GrantTerms) });
  const behind = new Set(["grant-asked"]);
  const refused = { code: "consent.authorisation", blame: "bank" };
  await expect(refuseUnauthorised(context, "bank", ["calls"], behind)).rejects.toMatchObject(refused);
  await refuseUnauthorised(context, "bank", ["shops"], behind);
  await refuseUnauthorised(context, "bank", ["calls"]);
});
