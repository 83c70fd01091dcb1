import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const DEMO = fileURLToPath(new URL("demo.ts", import.meta.url));
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tombolo-demo-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function demo(...args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, TOMBOLO_DEMO_DIR: join(folder, "world"), INIT_CWD: folder };
    const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", DEMO, ...args], { env });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/**
 * 300 customers at the guest, 280 at each host, 260 shared; the label follows the first host's column, and nothing the
 * guest has, so that a joint model is better on whichever rows are drawn for the comparison.
 */
function writeFiles(label: (x: number, i: number) => number): void {
  const x = (i: number): number => ((i * 7919) % 1000) / 1000;
  const age = (i: number): number => 20 + ((i * i * 7) % 47);
  const rows = (from: number, to: number, line: (i: number) => string): string =>
    Array.from({ length: to - from }, (_, k) => line(from + k)).join("\n");
  writeFileSync(
    join(folder, "mine.csv"),
    `customer,defaulted,age\n${rows(0, 300, (i) => `C${i},${label(x(i), i)},${age(i)}`)}\n`,
  );
  writeFileSync(join(folder, "theirs.csv"), `customer,spend\n${rows(40, 320, (i) => `C${i},${x(i)}`)}\n`);
  writeFileSync(join(folder, "third.csv"), `customer,visits\n${rows(40, 320, (i) => `C${i},${i % 13}`)}\n`);
}

describe("the demo on own files", () => {
  it("matches, trains and compares with two hosts, twice in the same folder", async () => {
    writeFiles((x, i) => Number(x + ((i * 31) % 17) / 60 > 0.6));
    const own = [
      "--once",
      "--guest",
      "mine.csv",
      "--host",
      "theirs.csv",
      "--host",
      "third.csv",
      "--id",
      "customer",
      "--label",
      "defaulted",
      "--trees",
      "3",
    ];
    const first = await demo(...own, "--json", join(folder, "result.json"));
    expect(first.output).toContain("260 of 300 rows are shared");
    expect(first.code).toBe(0);
    const result = JSON.parse(readFileSync(join(folder, "result.json"), "utf8"));
    expect(result.rows).toEqual({ guest: 300, hosts: [280, 280], matched: 260 });
    expect(result.joint.auc).toBeGreaterThan(result.guestOnly.auc + 0.1);
    expect(result.joint.ks).toBeGreaterThan(0.4);
    expect(result.bytes).toBeGreaterThan(10_000);
    const second = await demo(...own, "--json", join(folder, "again.json"));
    expect(second.code).toBe(0);
    const again = JSON.parse(readFileSync(join(folder, "again.json"), "utf8"));
    expect(again.joint).toEqual(result.joint);
    // Two starts of three nodes and what they train.
  }, 360_000);

  it("predicts a number when the label is one", async () => {
    writeFiles((x, i) => Math.round(1000 * x + (i % 10)));
    const run = await demo(
      "--once",
      "--guest",
      "mine.csv",
      "--host",
      "theirs.csv",
      "--id",
      "customer",
      "--label",
      "defaulted",
      "--trees",
      "5",
      "--json",
      join(folder, "number.json"),
    );
    expect(run.code).toBe(0);
    const { joint, guestOnly } = JSON.parse(readFileSync(join(folder, "number.json"), "utf8"));
    expect(joint.rmse).toBeLessThan(guestOnly.rmse);
    expect(joint.r2).toBeGreaterThan(0.3);
  });

  it("says what is wrong with the options and the files", async () => {
    const wrong = async (...args: string[]): Promise<string> => {
      const { code, output } = await demo(...args);
      expect(code).toBe(1);
      return output;
    };
    expect(await wrong("--trees", "0")).toContain("--trees is a whole number from 1 to 1000");
    expect(await wrong("--dataset", "moon")).toContain('no example "moon"');
    expect(await wrong("--guest", "mine.csv")).toContain("both --guest and --host");
    expect(await wrong("--guest", "no.csv", "--host", "theirs.csv", "--id", "customer", "--label", "x")).toContain(
      "no file no.csv",
    );
  });
});
