/** Which kernels a process gets, and what it says. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { loadNative } from "./native.ts";

const index = new URL("./index.ts", import.meta.url).href;
const program = `
  const first = await import("${index}");
  const again = await import("${index}");
  console.log(first.kernelsKind, first.kernels === again.kernels, first.kernels.prgExpand(new Uint8Array(32), 2)[0]);
`;

const run = (kernels: string): Promise<{ stdout: string; stderr: string }> =>
  promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], {
    env: { PATH: process.env.PATH, TOMBOLO_KERNELS: kernels },
  });

describe("the choice of kernels", () => {
  it("falls back to the reference with exactly one warning", async () => {
    const { stdout, stderr } = await run("reference");
    expect(stdout).toBe("reference true 220\n");
    expect(stderr.match(/native kernels are not in use/g)).toHaveLength(1);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
  });

  it.skipIf(!("kernels" in loadNative()))("takes native kernels without a word", async () => {
    expect(await run("")).toEqual({ stdout: "native true 220\n", stderr: "" });
  });
});

describe.skipIf(!("kernels" in loadNative()))("long work", () => {
  it("leaves the event loop free", async () => {
    const loaded = loadNative();
    if (!("kernels" in loaded)) return;
    const scalars = new Uint8Array(32 * 20_000).fill(3).map((byte, i) => (i % 32 === 31 ? 1 : byte));
    let [ticks, done] = [0, false];
    const work = loaded.kernels.ristrettoMultiplyBase(scalars).then(() => {
      done = true;
    });
    while (!done) {
      await new Promise((resolve) => setImmediate(resolve));
      ticks++;
    }
    await work;
    expect(ticks).toBeGreaterThan(10);
  });
});
