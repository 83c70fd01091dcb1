import { expect, it } from "vitest";
import { noteCounts, servedNotes } from "./notes.ts";

const note = { transform: 2, kind: "bin", step: 1, column: "home: old", what: "unseen", rows: 3 } as const;

it("finds notes among other counts, in the order of the steps, whatever a column is called", () => {
  const first = { ...note, transform: 1, kind: "prepare", step: 4, column: "age\nof", what: "outside" } as const;
  const counts = { "column:age": [1, 2], rows: [9], ...noteCounts([note, first]) };
  expect(servedNotes(counts)).toEqual([first, note]);
});

it("leaves out what no step says", () => {
  expect(servedNotes({ "note:1.bin.1:odd:x": [1], "note:": [2] })).toEqual([]);
});
