import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importFile } from "./import-file.ts";
import { inChunks, leftIn, withFolder } from "./testing.ts";
import { writeTable } from "./write-table.ts";

/** A file system of 1 MiB; false where this user may not mount one. */
function mountSmall(folder: string): boolean {
  mkdirSync(folder);
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a full disk", () => {
  it("is told as such, in the import and in the database, and leaves nothing behind", async (test) => {
    await withFolder(async (folder) => {
      const small = join(folder, "small");
      if (!mountSmall(small)) return test.skip("this user may not mount a file system");
      try {
        const large = `a\n${"12345.6789\n".repeat(200_000)}`;
        const failure = importFile({ source: inChunks(large, 65_536), filename: "t.csv", directory: join(small, "d") });
        await expect(failure).rejects.toMatchObject({ code: "resource.disk", remedy: expect.stringContaining("Free") });
        const values = Float64Array.from({ length: 500_000 }, (_, i) => Math.sin(i));
        const table = { rowCount: values.length, columns: [{ kind: "number", name: "n", values }] } as const;
        await expect(writeTable(join(small, "t.parquet"), table)).rejects.toMatchObject({ code: "resource.disk" });
        expect(await leftIn(small)).toEqual(["d"]);
      } finally {
        execFileSync("umount", [small]);
      }
    });
  });
});
