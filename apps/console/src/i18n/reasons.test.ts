import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { reasonOf, reasons } from "./reasons.ts";

const PACKAGES = join(import.meta.dirname, "../../../../packages");

test("every message is one that a step says", () => {
  const files = globSync("{components,federated}/src/**/*.ts", { cwd: PACKAGES }).filter(
    (file) => !file.endsWith(".test.ts"),
  );
  // What a message fills in stands as {} here.
  const said = files
    .map((file) => readFileSync(join(PACKAGES, file), "utf8").replace(/\$\{[^}]*\}/gu, "{}"))
    .join("\n");
  expect(Object.keys(reasons).filter((message) => !said.includes(message))).toEqual([]);
});

test("what a message fills in stands in the Chinese words too", () => {
  expect(reasonOf("an expression has no value in 12 rows")?.what).toBe("表达式在 12 行中无定义。");
  expect(reasonOf('a column of the table is called "score" already')?.what).toContain("“score”");
  expect(reasonOf("variance needs something to go by, and the input reference is not connected")?.what).toBe(
    "规则 variance 缺少依据：输入 reference 未连接。",
  );
  expect(reasonOf("no such thing")).toBeUndefined();
  for (const [message, { what }] of Object.entries(reasons))
    expect(what.split("{}").length, message).toBeLessThanOrEqual(message.split("{}").length);
});
