import type { Dataset, QueryTable } from "@tombolo/sdk";
import { expect, test } from "vitest";
import { answerable, draftOf, emptyDraft, grantsOf, hasTexts, withDataset } from "./draft.ts";

const column = (name: string, type: string, role = "feature") => ({ name, type, role });
const dataset = {
  id: "d",
  columns: [
    column("phone", "text", "id"),
    column("income", "number"),
    column("city", "text"),
    column("born", "date"),
    column("note", "text", "ignored"),
  ],
} as unknown as Dataset;
const filled = {
  ...withDataset(emptyDraft(), dataset),
  ...{
    columns: ["income", "city"],
    partners: ["bank", "shop"],
    projectId: "p",
    purpose: " checks ",
    day: "2027-01-31",
  },
};

test("a grant for each partner, with its columns named and texts as long as said", () => {
  const made = grantsOf({ ...filled, bytes: 12 }, "telco")!;
  expect(made.map(({ partners, receivers }) => [partners, receivers])).toEqual([
    [["bank"], ["bank", "telco"]],
    [["shop"], ["shop", "telco"]],
  ]);
  expect(made[0]).toMatchObject({ owner: "telco", purpose: "checks", columns: ["phone", "income", "city"] });
  expect(made[0]!.components).toContain("query-serve");
  expect(made[0]!.query).toMatchObject({
    keys: ["phone"],
    columns: [
      { column: "income", kind: "number" },
      { column: "city", kind: "text", bytes: 12 },
    ],
    idsPerDay: 1000,
  });
  expect(grantsOf({ ...filled, columns: [] }, "telco")![0]!.components).toContain("verify-serve");
  expect(hasTexts(filled)).toBe(true);
  expect(answerable(dataset)).toEqual(["phone", "income", "city"]);
});

test("nothing is asked for while something is missing", () => {
  for (const missing of [{ keys: [] }, { partners: [] }, { projectId: undefined }, { purpose: " " }, { day: "" }])
    expect(grantsOf({ ...filled, ...missing }, "telco")).toBeUndefined();
  expect(grantsOf(withDataset(filled, undefined), "telco")).toBeUndefined();
});

test("an authorisation is demanded where the owner says so, and the next publication starts from it", () => {
  expect(grantsOf(filled, "telco")![0]!.query).not.toHaveProperty("authorisationRequired");
  const [terms] = grantsOf({ ...filled, authorisationRequired: true }, "telco")!;
  expect(terms!.query!.authorisationRequired).toBe(true);
  expect(draftOf({ grant: { terms } } as unknown as QueryTable, [dataset]).authorisationRequired).toBe(true);
});

test("what was published is taken up as it was", () => {
  const [terms] = grantsOf({ ...filled, bytes: 12, idsPerDay: null }, "telco")!;
  const again = draftOf({ grant: { terms } } as unknown as QueryTable, [dataset]);
  expect(grantsOf({ ...again, day: filled.day }, "telco")).toEqual([terms]);
});
