import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { componentsPage } from "./documentation.ts";

const PAGE = join(import.meta.dirname, "../../../docs/components.md");

it("docs/components.md is what the definitions say (write it anew with UPDATE_DOCS=1)", async () => {
  if (process.env.UPDATE_DOCS === "1") await writeFile(PAGE, componentsPage());
  expect(await readFile(PAGE, "utf8")).toBe(componentsPage());
});
