/** Rows of a running service against a permit in a real database. */
import type { TomboloError } from "@tombolo/base";
import { RowsAhead } from "@tombolo/components";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Outbox } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import type { ModelPart } from "./part.ts";
import { ReservedRows } from "./reserved-rows.ts";
import { drawModelRows } from "./usable.ts";

const MODEL = "job-0123456789abcdef.train";
const HASH = "a".repeat(64);
const BY = { job: "job-0123456789abcdef", task: "serve", attempt: 1 };
let context: TestContext;
let side: Side;

beforeAll(async () => {
  context = await testContext({ party: "telco" });
  side = { ...context, outbox: new Outbox() } as unknown as Side;
  const { db } = context.store;
  const now = context.clock.now();
  await db
    .insertInto("jobs")
    .values({
      id: BY.job,
      name: "Joint",
      project_id: "project-1",
      initiator: "bank",
      status: "SUCCESS",
      document: toJson({}),
      consent_hash: HASH,
      flow_yaml: "",
      message: "",
      created_by: "ann",
      created_at: now,
      failure: toJson(null),
      fence: 0,
    })
    .execute();
  await db
    .insertInto("models")
    .values({
      id: MODEL,
      job_id: BY.job,
      task: "train",
      name: "Joint",
      summary: toJson({ kind: "boosting", objective: "binary", metrics: {} }),
      parties: toJson([{ party: "telco", role: "host" }]),
      file: "",
      derived_from_revoked: false,
      created_at: now,
    })
    .execute();
  await db.insertInto("model_entries").values({ id: "entry-1", name: "Joint", created_at: now }).execute();
  await db
    .insertInto("model_versions")
    .values({
      model_id: MODEL,
      attempt: 1,
      part: toJson({} as ModelPart),
      manifest: toJson(null),
      manifest_hash: HASH,
      entry_id: "entry-1",
      version: 1,
      notes: "",
      published: false,
      withdrawn: false,
      archived: false,
    })
    .execute();
}, 120_000);
afterAll(() => context?.[Symbol.asyncDispose]());

/** The one permit there is. */
async function permit(rows: number | null, days = 1): Promise<void> {
  const { db } = context.store;
  const now = context.clock.now();
  const expiresAt = new Date(now.getTime() + days * 86_400_000).toISOString();
  await db.deleteFrom("model_permits").execute();
  await db
    .insertInto("model_permits")
    .values({
      id: "permit-1",
      model_id: MODEL,
      manifest_hash: HASH,
      status: "ACTIVE",
      terms: toJson({ use: ["online"], purpose: "service", rowsMax: rows, expiresAt }),
      rows_left: rows,
      requested_party: "bank",
      requested_by: "ann",
      created_at: now,
    })
    .execute();
}

const left = async (): Promise<number | null> =>
  (await context.store.db.selectFrom("model_permits").select("rows_left").executeTakeFirstOrThrow()).rows_left;

const draw = (least: number, most = least) => drawModelRows(side, [MODEL], "online", { least, most }, BY);

describe("rows of a service", () => {
  it("are taken as far as there are any, and not at all where nothing limits them", async () => {
    await permit(100);
    expect(await draw(1, 60)).toBe(60);
    expect(await draw(40, 60)).toBe(40);
    await expect(draw(1)).rejects.toMatchObject({ code: "consent.permit-used-up" });
    await permit(null);
    expect(await draw(1, 1e9)).toBe(1e9);
    await permit(100, -1);
    await expect(draw(1)).rejects.toMatchObject({ code: "consent.permit-expired" });
  });

  it("are refused whole where too few are left, and nothing is drawn then", async () => {
    await permit(100);
    await expect(draw(101, 200)).rejects.toMatchObject({ code: "consent.permit-used-up" });
    expect(await left()).toBe(100);
  });

  it("are reserved in blocks before they are answered, and end the service when they are used up", async () => {
    const refusals: TomboloError[] = [];
    const reserved = new ReservedRows(side, BY, [MODEL], async (error) => void refusals.push(error));
    const rows = new RowsAhead((needed) => reserved.reserve(needed));
    await permit(3_000);
    await rows.take(10);
    expect(await left()).toBe(1_990);
    await Promise.all([rows.take(400), rows.take(600)]);
    expect(await left()).toBe(1_990);
    rows.giveBack(5);
    await rows.take(5);
    expect(await left()).toBe(1_990);
    await Promise.all([rows.take(1_000), rows.take(900)]);
    expect(await left()).toBe(0);
    expect(refusals).toEqual([]);
    await expect(rows.take(91)).rejects.toMatchObject({ code: "consent.permit-used-up" });
    expect(refusals).toMatchObject([{ code: "consent.permit-used-up", blame: "telco" }]);
    await rows.take(90);
  });
});
