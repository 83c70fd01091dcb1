/** Whatever code the node or a package can give a reader has words in Chinese, and what to do in both languages. */
import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { codes } from "./codes.ts";
import { codeGroups } from "./codes-groups.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));
const CODE = /"((?:input|protocol|transport|consent|auth|state|resource|aborted)\.[a-z][a-z0-9-]*[a-z0-9])"/g;

const sources = globSync(["packages/*/src/**/*.ts", "apps/node/src/**/*.ts"], { cwd: ROOT }).filter(
  (file) => !file.endsWith(".test.ts") && !file.includes("/testing/") && !file.startsWith("packages/test-kit"),
);

it("has words for every code", () => {
  expect(sources.length).toBeGreaterThan(500);
  const thrown = new Map<string, string>();
  for (const file of sources)
    for (const [, code] of readFileSync(`${ROOT}${file}`, "utf8").matchAll(CODE)) thrown.set(code!, file);
  expect(thrown.size).toBeGreaterThan(300);
  const wordless = [...thrown].filter(([code]) => codes[code] === undefined);
  expect(wordless.map(([code, file]) => `${code} of ${file}`)).toEqual([]);
});

it("says each code once", () => {
  const grouped = codeGroups.flatMap((group) => group.codes);
  expect(new Set(grouped).size).toBe(grouped.length);
  for (const { what, remedy } of codeGroups)
    expect([what, remedy.en, remedy.zh].every((text) => text.length > 3)).toBe(true);
});
