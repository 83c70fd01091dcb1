import type { Dataset, DatasetColumn } from "@tombolo/sdk";
import { expect, test } from "vitest";
import { boostingOf, type Draft, emptyDraft, formOf, objectiveOf } from "./draft.ts";

const column = (name: string, type: DatasetColumn["type"], distinct: number): DatasetColumn => ({
  ...{ name, type, distinct, role: "feature", meaning: "", unit: "" },
  ...{ fillRate: null, statistics: null, top: null },
});
const dataset: Dataset = {
  ...{ id: "d1", name: "loans", description: "", owner: "bank", rowCount: 100, asOf: null, published: false },
  columns: [
    column("id", "text", 100),
    column("y", "integer", 2),
    column("kind", "text", 4),
    column("cost", "number", 90),
  ],
  visibility: { rowCount: true, fillRate: true, distinct: true, statistics: false, top: false },
  ...{ sourceFile: null, bytes: null, snapshot: "s", createdAt: "2026-11-21T00:00:00Z", origin: null },
  derivedFromRevoked: false,
};
const draft = (next: Partial<Draft>): Draft => ({
  ...emptyDraft,
  projectId: "p1",
  own: { dataset, keys: ["id"], columns: ["cost", "kind"] },
  label: "y",
  ...next,
});

test("the label's column suggests what is predicted, and how many classes there are", () => {
  expect(["y", "kind", "cost"].map((label) => objectiveOf(draft({ label })))).toEqual([
    ...["binary", "multi-class", "regression"],
  ]);
  expect(boostingOf(draft({ label: "kind" }))).toEqual({ classes: 4 });
  expect(boostingOf(draft({ label: "kind", boosting: { classes: 3, forest: true } }))).toEqual({
    classes: 3,
    forest: true,
  });
  expect(objectiveOf(draft({ objective: "tweedie" }))).toBe("tweedie");
});

test("the form carries what was chosen besides", () => {
  const form = formOf(
    draft({ boosting: { forest: true }, weight: "cost", rising: ["cost"], start: "job-1.train" }),
    "Name",
  )!;
  expect(form).toMatchObject({
    guest: { weight: "cost", rising: ["cost"], falling: [] },
    boosting: { forest: true },
    start: "job-1.train",
  });
});
