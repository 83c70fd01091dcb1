import { expect, test } from "vitest";
import { parseCsv } from "../../lib/csv.ts";
import { fileOf, namesOf } from "./handed.ts";

test("lines without names get those of the key, and come back as they were", async () => {
  const rows = [["+8613800138000", 'says "hi", twice'], ["-1"]];
  const names = namesOf({ header: null, width: 2 }, ["phone"], [0]);
  expect(names).toEqual(["phone", "column_2"]);
  const file = fileOf("keys.txt", names, rows);
  expect(file.name).toBe("keys.csv");
  expect(parseCsv(await file.text())).toEqual([names, rows[0], ["-1", ""]]);
});

test("a file's own names stay, each once", () => {
  expect(namesOf({ header: ["id", "id", ""], width: 3 }, ["phone"], [1])).toEqual(["id", "id_2", "column_3"]);
});
