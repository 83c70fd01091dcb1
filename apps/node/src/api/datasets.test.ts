import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { removeOrphans } from "../datasets/datasets.ts";
import { type Person, type TestApi, testApi } from "../testing/test-api.ts";

let api: TestApi;
let analyst: Person;
beforeAll(async () => {
  api = await testApi({ config: { limits: { uploadBytesMax: 4096, diskFreeBytesMin: 0 } } });
  analyst = await api.person("ana", "analyst");
}, 60_000);
afterAll(() => api[Symbol.asyncDispose](), 60_000);

const CSV = `phone,age,income,default\n${Array.from({ length: 40 }, (_, i) => `0${1390000000 + i},${20 + (i % 30)},${1000 + i * 10},${i % 4 === 0 ? 1 : 0}`).join("\n")}\n`;
const upload = (text: string, query: { id?: string; label?: string } = {}, name = "customers") =>
  analyst.client.call(
    "uploadDataset",
    { query: { name, filename: `${name}.csv`, ...query }, body: new Blob([text]) },
    { contentType: "text/csv" },
  );
const files = () => readdirSync(api.context.paths.datasets);

test("a CSV file becomes a dataset with types, roles, statistics and a snapshot commitment", async () => {
  const dataset = await upload(CSV, { id: "phone", label: "default" });
  expect(dataset).toMatchObject({ name: "customers", owner: "bank", rowCount: 40, published: false });
  expect(dataset.snapshot).toMatch(/^[0-9a-f]{64}$/);
  expect(dataset.columns.map(({ name, type, role }) => [name, type, role])).toEqual([
    ["phone", "text", "id"],
    ["age", "integer", "feature"],
    ["income", "integer", "feature"],
    ["default", expect.any(String), "label"],
  ]);
  expect(dataset.columns[1]!.statistics).toMatchObject({ min: 20, max: 49 });
  const { columns, rows } = await analyst.client.call("previewDataset", { params: { id: dataset.id } });
  expect(columns).toEqual(["phone", "age", "income", "default"]);
  expect(rows[0]!.slice(0, 3)).toEqual(["01390000000", 20, 1000]);
});

test("the same file again has another commitment: equal content cannot be told from outside", async () => {
  const [a, b] = [await upload(CSV), await upload(CSV)];
  expect(a.snapshot).not.toBe(b.snapshot);
});

test("dictionary and visibility are edited and journalled", async () => {
  const { id } = await upload(CSV);
  const columns = [{ name: "income", role: "feature" as const, meaning: "monthly income", unit: "CNY" }];
  const edited = await analyst.client.call("updateDataset", {
    params: { id },
    body: { name: "Customers 2026", asOf: "2026-10-31", columns },
  });
  expect(edited).toMatchObject({ name: "Customers 2026", asOf: "2026-10-31" });
  expect(edited.columns[2]).toMatchObject({ meaning: "monthly income", unit: "CNY", type: "integer" });
  const visibility = { rowCount: true, fillRate: true, distinct: false, statistics: false, top: false };
  expect(
    await analyst.client.call("publishDataset", { params: { id }, body: { published: true, visibility } }),
  ).toMatchObject({ published: true, visibility });
  const kinds = (await api.context.journal.entries(2)).map((entry) => entry.kind);
  expect(kinds).toEqual(["dataset.published", "dataset.described"]);
});

test("a broken, oversize or mismatched file leaves nothing behind", async () => {
  const before = files().length;
  await expect(upload("a,b\n1,2\n3\n")).rejects.toMatchObject({
    status: 400,
    code: "input.csv",
    message: expect.stringMatching(/line 3/),
  });
  await expect(upload(CSV, { id: "nothing" })).rejects.toMatchObject({ code: "input.columns" });
  await expect(upload(`a,b\n${"1,2\n".repeat(2000)}`)).rejects.toMatchObject({ status: 413 });
  await expect(upload("")).rejects.toMatchObject({ status: 400 });
  expect(files().length).toBe(before);
});

test("deleting removes the file and is journalled with the snapshot", async () => {
  const { id, snapshot } = await upload(CSV);
  await analyst.client.call("deleteDataset", { params: { id } });
  expect(existsSync(join(api.context.paths.datasets, id))).toBe(false);
  const [entry] = await api.context.journal.entries(1);
  expect(entry).toMatchObject({ kind: "dataset.deleted", actor: "ana", body: { dataset: id, snapshot } });
  await expect(analyst.client.call("getDataset", { params: { id } })).rejects.toMatchObject({ status: 404 });
});

test("what a crash left of an import is removed at the next start", async () => {
  const { id } = await upload(CSV);
  await api.context.store.db.deleteFrom("datasets").where("id", "=", id).execute();
  await removeOrphans(api.context);
  expect(files()).not.toContain(id);
});

test("without space on the disk an upload is refused before it starts", async () => {
  api.context.config.limits.diskFreeBytesMin = Number.MAX_SAFE_INTEGER;
  await expect(upload(CSV)).rejects.toMatchObject({ status: 507, code: "resource.disk-full" });
  api.context.config.limits.diskFreeBytesMin = 0;
});
