/** Questions one by one to a table that stays with its owner, as callers of a service ask them. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FlowDraft } from "../flows.ts";
import { catalogueFlow, questionServiceFlow } from "../lookup-flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";

const UNTIL = "2099-01-01T00:00:00Z";
const PHONES = Array.from({ length: 300 }, (_, i) => `1390000${String(i).padStart(4, "0")}`);
const COLUMNS = [{ column: "income" }, { column: "city", kind: "text", bytes: 12 }];
let folder: string;
let kept: Record<string, Kept>;
let services = 0;

const prepared = (task: string, parameters: Record<string, unknown>): FlowDraft =>
  flowOf({ [task]: { component: "query-prepare", inputs: { data: `${task}-rows.data` }, parameters } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-query-serve-hidden-"));
  kept = { bank: emptyKept(), telco: emptyKept() };
  const people = keyed(
    tableOf(
      texts(
        "name",
        PHONES.map((_, i) => `name ${i}`),
      ),
      texts("phone", PHONES),
      numbers(
        "income",
        PHONES.map((_, i) => (i === 1 ? Number.NaN : i / 2)),
      ),
      texts(
        "city",
        PHONES.map((_, i) => (i === 2 ? null : "苏州市")),
      ),
    ),
  );
  kept.telco!.tables["records-rows.data"] = { ...people, aligned: false, keys: ["phone"] };
  kept.telco!.tables["pairs-rows.data"] = { ...people, aligned: false, keys: ["name", "phone"] };
  const setting = { datasets: {}, modelFolders: folder };
  await runTask(prepared("records", { padTo: 100, columns: COLUMNS, idsMax: 5000 }), "records", kept, setting);
  await runTask(prepared("pairs", { padTo: 1000 }), "pairs", kept, setting);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Answer = (items: readonly unknown[]) => Promise<readonly unknown[]>;

const drawn = (): number => kept.telco!.draws[`serve-${services - 1} bank`] ?? 0;

async function serve(
  component: "query-serve-hidden" | "verify-serve-hidden",
  catalogue: string,
  parameters: Record<string, unknown>,
  call: (answer: Answer) => Promise<void>,
): Promise<void> {
  const columns = component === "query-serve-hidden" ? { columns: ["income", "city"] } : {};
  const name = `serve-${services++}`;
  const task = { component, inputs: { catalogue }, parameters: { until: UNTIL, ...columns, ...parameters } };
  await runTask(flowOf({ [name]: task }), name, kept, {
    datasets: {},
    ...{ modelFolders: folder, workFolders: join(folder, "work") },
    call: (_, answer) => call(answer),
  });
}
const items = (...ids: unknown[]) => ids.map((id) => ({ id }));

describe("query-prepare", () => {
  it("leaves no entry at who asks, tells the padded size, and keeps the key at the owner", async () => {
    const files = async (party: string, task: string) => readdir(await folderOf(party, task));
    expect((await files("bank", "records")).sort()).toEqual(["hint"]);
    expect((await files("telco", "records")).sort()).toEqual(["cells", "key"]);
    expect(kept.bank!.reports["records.report"]!.data).toMatchObject({ rows: 300 });
    expect(kept.bank!.reports["pairs.report"]!.data).toMatchObject({ rows: 1000 });
  });

  it("is refused where a catalogue of sealed entries is wanted, and the other way round", async () => {
    expect((await failureOf(serve("query-serve-hidden", "pairs.catalogue", {}, async () => {}))).code).toBe(
      "input.model",
    );
    const task = { component: "query-serve", inputs: { catalogue: "records.catalogue" } };
    const flow = flowOf({ wrong: { ...task, parameters: { until: UNTIL, columns: ["income", "city"] } } });
    const run = runTask(flow, "wrong", kept, { datasets: {}, modelFolders: folder });
    expect((await failureOf(run)).code).toBe("input.model");
  });
});

async function folderOf(party: string, task: string): Promise<string> {
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const file = all.find(
    ({ name, parentPath }) =>
      name === (party === "bank" ? "hint" : "cells") && parentPath.includes(task) && parentPath.includes(party),
  );
  return file!.parentPath;
}

describe("query-serve-hidden", () => {
  it("answers with the row's columns, or that there is none, each item in its place, also beyond one question", () =>
    serve("query-serve-hidden", "records.catalogue", { padTo: 3 }, async (answer) => {
      const [hit, none, bad, again, empty] = await answer(items(PHONES[7], "1", ["a", "b"], PHONES[7], " "));
      expect(hit).toEqual({ found: true, values: { income: 3.5, city: "苏州市" } });
      expect(none).toEqual({ found: false, values: null });
      expect(again).toEqual(hit);
      for (const each of [bad, empty]) expect(each).toMatchObject({ refusal: { code: "input.key" } });
      expect(await Promise.all([answer(items(PHONES[1])), answer(items(PHONES[2]))])).toEqual([
        [{ found: true, values: { income: null, city: "苏州市" } }],
        [{ found: true, values: { income: 1, city: null } }],
      ]);
      const many = await answer(items(...PHONES.slice(0, 70)));
      expect(many.map((each) => (each as { found: boolean }).found)).toEqual(Array(70).fill(true));
    }));

  it("refuses what callers would wait too long for, key by key, and has room again afterwards", () =>
    serve("query-serve-hidden", "records.catalogue", {}, async (answer) => {
      const busy = { refusal: expect.objectContaining({ code: "resource.busy" }) };
      const first = answer(items(...PHONES.slice(0, 250)));
      expect((await answer(items(...PHONES.slice(0, 8)))).slice(5)).toMatchObject([{ found: true }, busy, busy]);
      expect((await first).every((each) => (each as { found?: boolean }).found)).toBe(true);
      expect(await answer(items(PHONES[0]))).toMatchObject([{ found: true }]);
    }));

  it("answers the same where the asker keeps no hint", { timeout: 60_000 }, async () => {
    kept.telco!.tables["unhinted-rows.data"] = kept.telco!.tables["records-rows.data"]!;
    const making = prepared("unhinted", { padTo: 100, columns: COLUMNS, hint: "none" });
    await runTask(making, "unhinted", kept, { datasets: {}, modelFolders: folder });
    await serve("query-serve-hidden", "unhinted.catalogue", {}, async (answer) => {
      expect(await answer(items(PHONES[7], "1"))).toMatchObject([{ values: { income: 3.5 } }, { found: false }]);
    });
  });

  it("draws ahead, and no more than was agreed", async () => {
    const run = serve("query-serve-hidden", "records.catalogue", { idsMax: 10, drawnAhead: 6 }, async (answer) => {
      for (const expected of [6, 6, 10]) {
        await answer(items("1", "2", "3"));
        expect(drawn()).toBe(expected);
      }
      await answer(items("1", "2"));
    });
    expect((await failureOf(run)).code).toBe("consent.rows");
    expect(drawn()).toBe(10);
  });

  it("hands each question's references to who answers, part by part", async () => {
    const hashes = Array.from({ length: 66 }, (_, i) => i.toString(16).padStart(64, "0"));
    const authorised = hashes.map((hash, i) => ({ id: PHONES[i], authorisation: { hash, expires: UNTIL } }));
    await serve("query-serve-hidden", "records.catalogue", { authorisedFor: "credit" }, async (answer) => {
      expect((await answer(authorised)).every((each) => (each as { found?: boolean }).found)).toBe(true);
      expect(await answer(items("1"))).toMatchObject([{ refusal: { code: "consent.authorisation" } }]);
    });
    expect(kept.telco!.references!.slice(-66)).toEqual(hashes);
    expect(drawn()).toBe(66);
  });

  it("says so when what was prepared is not as it was left", async () => {
    const path = join(await folderOf("telco", "pairs"), "cells");
    await writeFile(path, "");
    const run = serve("verify-serve-hidden", "pairs.catalogue", { keyParts: 2 }, async () => {});
    expect((await failureOf(run)).code).toBe("state.catalogue");
  });
});

describe("verify-serve-hidden", () => {
  it("says yes where the parts stand together in one row", async () => {
    await runTask(prepared("pairs", { padTo: 1000 }), "pairs", kept, { datasets: {}, modelFolders: folder });
    await serve("verify-serve-hidden", "pairs.catalogue", { keyParts: 2 }, async (answer) => {
      const asked = items(["name 5", PHONES[5]], ["name 5", PHONES[6]], ["name 5"]);
      expect(await answer(asked)).toMatchObject([{ verified: true }, { verified: false }, { refusal: {} }]);
    });
  });
});

it("the forms make the flows: what stays is prepared, and served by retrieval", () => {
  const host = { partyId: "telco", datasetId: "ds-1", keys: ["phone"] };
  const making = catalogueFlow({ name: "x", host, previous: null, stays: true, parameters: {} }, "bank");
  expect(making.tasks.catalogue!.component).toBe("query-prepare");
  const form = { name: "x", catalogue: "m", keyParts: 1, stays: true, until: UNTIL, parameters: {} };
  const serving = (columns: string[]) => questionServiceFlow({ ...form, columns }, "bank", "telco").tasks.serve;
  expect(serving([])!.component).toBe("verify-serve-hidden");
  expect(serving(["income"])).toMatchObject({ component: "query-serve-hidden", parameters: { columns: ["income"] } });
});
