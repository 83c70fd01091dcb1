/**
 * `npm test`: everything that must hold, with one closing line `N passed, N failed, N skipped`.
 * `npm test -- unit types` runs the named stages only.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name: string): string => join(root, "node_modules", ".bin", name);
const scratch = mkdtempSync(join(tmpdir(), "tombolo-test-"));

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}
interface Stage {
  readonly name: string;
  readonly what: string;
  run(): Promise<Result>;
}
/** `output` is what a reader needs where something failed. */
interface Result extends Count {
  readonly output: string;
}

interface Outcome {
  readonly code: number;
  readonly output: string;
}

function execute(command: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const take = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** A check that passes or fails as one. */
async function check(command: string, args: readonly string[]): Promise<Result> {
  const { code, output } = await execute(command, args);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output };
}

async function vitest(project: string): Promise<Result> {
  const file = join(scratch, `${project}.json`);
  const { code, output } = await execute(bin("vitest"), [
    "run",
    "--project",
    project,
    "--reporter=json",
    `--outputFile=${file}`,
    "--reporter=default",
  ]);
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0, output };
  const json = JSON.parse(readFileSync(file, "utf8")) as Record<string, number>;
  const result = {
    output,
    passed: json.numPassedTests ?? 0,
    failed: json.numFailedTests ?? 0,
    skipped: (json.numPendingTests ?? 0) + (json.numTodoTests ?? 0),
  };
  // A file that fails to load has no failed test of its own, and an unhandled error belongs to none.
  return code !== 0 && result.failed === 0 ? { ...result, failed: 1 } : result;
}

async function rust(): Promise<Result> {
  if ((await execute("cargo", ["--version"])).code !== 0) {
    process.stdout.write("   no cargo: the Rust tests are skipped\n");
    return { passed: 0, failed: 0, skipped: 1, output: "" };
  }
  const { code, output } = await execute("cargo", [
    "test",
    "--profile",
    "checks",
    "--locked",
    "-p",
    "tombolo-kernels",
    "--lib",
    "--tests",
  ]);
  const sum = (pattern: RegExp): number =>
    [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  const failed = sum(/(\d+) failed;/g);
  return {
    output,
    passed: sum(/(\d+) passed;/g),
    failed: code !== 0 && failed === 0 ? 1 : failed,
    skipped: sum(/(\d+) ignored;/g),
  };
}

/** What computes by itself, while the Rust tests, which compile and end on one core, run beside it. */
const computing: readonly Stage[] = [
  { name: "types", what: "types", run: () => check(bin("tsc"), ["-p", "."]) },
  { name: "types-console", what: "types of the console", run: () => check(bin("tsc"), ["-p", "apps/console"]) },
  { name: "lint", what: "lint and format", run: () => check(bin("biome"), ["check", "--error-on-warnings", "."]) },
  {
    name: "imports",
    what: "import direction and cycles",
    run: () => check(bin("depcruise"), ["packages", "apps", "--config", ".dependency-cruiser.cjs"]),
  },
  { name: "unit", what: "unit and protocol tests", run: () => vitest("unit") },
];
const beside: readonly Stage[] = [{ name: "rust", what: "Rust tests", run: rust }];
/** What waits for sockets, pages and clocks has the machine to itself. */
const waiting: readonly Stage[] = [
  { name: "process", what: "tests with real processes and sockets", run: () => vitest("process") },
  { name: "browser", what: "browser tests", run: () => vitest("browser") },
  {
    name: "bench",
    what: "benchmark smoke",
    run: () => check(process.execPath, ["benchmarks/src/main.ts", "--smoke", "--json"]),
  },
];

/** Runs stages one after another. Each writes a line when it begins and one, after what failed, when it ends. */
async function runAll(stages: readonly Stage[], total: Count): Promise<void> {
  for (const stage of stages) {
    const started = Date.now();
    process.stdout.write(`== ${stage.what}\n`);
    const result = await stage.run();
    for (const key of ["passed", "failed", "skipped"] as const) total[key] += result[key];
    const { passed, failed, skipped, output } = result;
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    process.stdout.write(
      `${failed > 0 ? `${output}   FAILED` : "   ok"} ${stage.what}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)\n`,
    );
  }
}

async function main(): Promise<number> {
  const wanted = process.argv.slice(2);
  const names = [...beside, ...computing, ...waiting].map(({ name }) => name);
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    process.stderr.write(`unknown stage ${unknown.join(", ")}; there are ${names.join(", ")}\n`);
    return 2;
  }
  const total: Count = { passed: 0, failed: 0, skipped: 0 };
  const chosen = (stage: Stage): boolean => wanted.length === 0 || wanted.includes(stage.name);
  await Promise.all([computing, beside].map((stages) => runAll(stages.filter(chosen), total)));
  await runAll(waiting.filter(chosen), total);
  process.stdout.write(
    `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}\n`,
  );
  return total.failed === 0 && total.passed > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
