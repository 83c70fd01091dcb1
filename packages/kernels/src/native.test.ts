/** The native library and this release belong together: who runs an old build is told so, not failed in a job. */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { KERNELS_VERSION, loadNative } from "./native.ts";

const BINDING = new URL("../../../crates/kernels-node/src/", import.meta.url);
/** Of what version 14 exports. */
const EXPORTS = "434f7f719ffa7b1e5405c08ba960e5442ceace108c1000688c8ad14652eacc87";

test.each([
  ["without a version", "module.exports = {};"],
  ["of another version", `module.exports = { kernelsVersion: () => ${KERNELS_VERSION + 1} };`],
])("a library %s is refused, with the way to mend it", (_, source) => {
  const folder = mkdtempSync(join(tmpdir(), "tombolo-kernels-"));
  try {
    const path = join(folder, "kernels.cjs");
    writeFileSync(path, source);
    expect(() => loadNative(path)).toThrow(/npm run setup/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a library that is not there leaves the reference", () => {
  expect(loadNative("./nowhere.node")).toEqual({ reason: "not built" });
});

test("the version goes up with what the binding exports", () => {
  const sources = readdirSync(BINDING)
    .sort()
    .map((name) => readFileSync(new URL(name, BINDING), "utf8"));
  const exported = sources.flatMap((text) => text.match(/#\[napi[^\]]*\]\s*(?:pub )?(?:fn|struct|impl)[^{;]*/g) ?? []);
  const signatures = exported.map((text) => text.replaceAll(/\s+/g, " ").trim()).join("\n");
  expect(sources.join("\n")).toContain(`const VERSION: u32 = ${KERNELS_VERSION};`);
  // Another hash: raise VERSION there and KERNELS_VERSION here, then write the hash.
  expect(createHash("sha256").update(signatures).digest("hex")).toBe(EXPORTS);
});
