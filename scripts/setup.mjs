// Makes a fresh clone runnable, then runs what was asked for. Uses nothing but an old Node (18 or newer) and npm.
//
//   node scripts/setup.mjs [--quiet] [--run <file.ts> [arguments...]]
//
// 1. installs the locked dependencies where missing or stale,
// 2. provides Node 24 where this machine's is older (an npm package carries the binary),
// 3. builds the Rust kernels where cargo is at hand (otherwise the TypeScript reference kernels serve),
// 4. builds the console.
// Each step leaves a stamp of its inputs under .tombolo/setup, so a second run skips it at once.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamps = join(root, ".tombolo", "setup");
const NODE_MAJOR = 24;
const at = (...parts) => join(root, ...parts);

const { options, target } = parseArguments(process.argv.slice(2));
const say = (line) => options.quiet || process.stderr.write(`${line}\n`);

function parseArguments(argv) {
  const run = argv.indexOf("--run");
  const flags = run < 0 ? argv : argv.slice(0, run);
  return {
    options: { quiet: flags.includes("--quiet") },
    target: run < 0 ? null : { file: argv[run + 1], args: argv.slice(run + 2) },
  };
}

/** Files below the given paths, in a fixed order, without what is built. */
function filesBelow(paths) {
  const found = [];
  const visit = (path) => {
    if (!existsSync(path)) return;
    if (!statSync(path).isDirectory()) return void found.push(path);
    for (const name of readdirSync(path).sort()) {
      if (!["node_modules", "dist", "target", "native"].includes(name)) visit(join(path, name));
    }
  };
  paths.forEach(visit);
  return found;
}

function digest(paths, extra = "") {
  const hash = createHash("sha256").update(extra);
  for (const file of filesBelow(paths)) hash.update(file.slice(root.length)).update("\0").update(readFileSync(file));
  return hash.digest("hex");
}

const stampOf = (name) => (existsSync(join(stamps, name)) ? readFileSync(join(stamps, name), "utf8") : "");

/** Runs `work` unless its output is there and was made from the same inputs. */
async function step(name, what, inputs, output, work) {
  if (existsSync(output) && stampOf(name) === inputs) return;
  const started = Date.now();
  const seconds = () => `${((Date.now() - started) / 1000).toFixed(0)} s`;
  say(`tombolo setup: ${what}...`);
  // Also when quiet: minutes of silence look like a hang.
  const heartbeat = setInterval(() => process.stderr.write(`tombolo setup: still ${what} (${seconds()})\n`), 15_000);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
  }
  writeFileSync(join(stamps, name), inputs);
  say(`tombolo setup: done ${what} (${seconds()})`);
}

/** Runs a command quietly; its output is shown only when it fails. */
function quietly(command, args, settings = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], ...settings });
    const output = [];
    child.stdout.on("data", (chunk) => output.push(chunk));
    child.stderr.on("data", (chunk) => output.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => {
      if (code === 0) return resolve();
      process.stderr.write(Buffer.concat(output));
      reject(new Error(`${command} ${args.join(" ")} ended with code ${code}`));
    });
  });
}

const npm = process.platform === "win32" ? "npm.cmd" : "npm";

function installDependencies() {
  const manifests = ["packages", "apps"].flatMap((folder) =>
    readdirSync(at(folder)).map((name) => at(folder, name, "package.json")),
  );
  const inputs = digest([at("package.json"), at("package-lock.json"), at("benchmarks", "package.json"), ...manifests]);
  return step("dependencies", "installing the locked dependencies", inputs, at("node_modules"), () =>
    quietly(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
  );
}

/** Path of a Node that is new enough. */
async function provideNode() {
  if (Number(process.versions.node.split(".")[0]) >= NODE_MAJOR) return process.execPath;
  const home = at("tools", "node");
  const binary = join(home, "node_modules", `node-${process.platform}-${process.arch}`, "bin", "node");
  const inputs = digest([join(home, "package.json"), join(home, "package-lock.json")]);
  await step("node", `providing Node ${NODE_MAJOR} (this machine has ${process.version})`, inputs, binary, async () => {
    await quietly(npm, ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: home });
    if (!existsSync(binary)) {
      throw new Error(
        `no Node ${NODE_MAJOR} for ${process.platform}-${process.arch} on npm; please install it and run this again`,
      );
    }
  });
  return binary;
}

function buildKernels() {
  const built = at("packages", "kernels", "native", "kernels.node");
  const cargo = spawnSync("cargo", ["--version"], { encoding: "utf8" });
  if (cargo.status !== 0) {
    if (!existsSync(built)) {
      process.stderr.write(
        "tombolo setup: WARNING no cargo found, so the slower TypeScript reference kernels are used; install Rust from https://rustup.rs for full speed\n",
      );
    }
    return;
  }
  const inputs = digest([at("crates"), at("Cargo.toml"), at("Cargo.lock")], cargo.stdout + process.arch);
  return step("kernels", "building the Rust kernels", inputs, built, async () => {
    await quietly("cargo", ["build", "--release", "--locked", "-p", "kernels-node"]);
    const library = ["libkernels_node.so", "libkernels_node.dylib", "kernels_node.dll"]
      .map((name) => join(process.env.CARGO_TARGET_DIR ?? at("target"), "release", name))
      .find(existsSync);
    mkdirSync(dirname(built), { recursive: true });
    copyFileSync(library, `${built}.new`);
    renameSync(`${built}.new`, built); // never half-written, also while a node has the old one open
  });
}

function buildConsole(node) {
  const inputs = digest([
    at("apps", "console"),
    at("packages", "sdk"),
    at("packages", "base"),
    at("package-lock.json"),
  ]);
  return step("console", "building the console", inputs, at("apps", "console", "dist", "index.html"), () =>
    quietly(node, [at("node_modules", "vite", "bin", "vite.js"), "build"], { cwd: at("apps", "console") }),
  );
}

/** One setup at a time: a second one waits for the first. */
async function withLock(work) {
  mkdirSync(stamps, { recursive: true });
  const lock = join(stamps, "lock");
  for (let waited = 0; ; waited++) {
    try {
      const file = openSync(lock, "wx");
      writeFileSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      if (!ownerAlive(lock)) rmSync(lock, { force: true });
      else if (waited === 0) say("tombolo setup: waiting for another setup of this folder");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function ownerAlive(lock) {
  try {
    process.kill(Number(readFileSync(lock, "utf8")), 0);
    return true;
  } catch (error) {
    // A lock just made may not hold its pid yet.
    return error.code === "ENOENT" ? false : error.code === "EPERM" || Date.now() - statSync(lock).mtimeMs < 2000;
  }
}

/** The kernels need nothing of npm, and take longest: they are built beside all the rest. */
async function setUp() {
  const forNode = async () => {
    await installDependencies();
    const node = await provideNode();
    await buildConsole(node);
    return node;
  };
  const [node] = await Promise.all([forNode(), buildKernels()]);
  return node;
}

function run(node, { file, args }) {
  const path = [dirname(node), at("node_modules", ".bin"), process.env.PATH].join(delimiter);
  const child = spawn(node, ["--disable-warning=ExperimentalWarning", at(file), ...args], {
    cwd: process.env.INIT_CWD ?? root,
    stdio: "inherit",
    // Compiled code is kept: every process of the house starts in half the time.
    env: { NODE_COMPILE_CACHE: at(".tombolo", "compile-cache"), ...process.env, PATH: path },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  child.on("close", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

try {
  const started = Date.now();
  const node = await withLock(setUp);
  if (Date.now() - started > 5000)
    say(`tombolo setup: ready in ${((Date.now() - started) / 1000).toFixed(0)} s on ${availableParallelism()} cores`);
  if (target !== null) run(node, target);
} catch (error) {
  process.stderr.write(`tombolo setup: failed: ${error.message}\n`);
  process.exit(1);
}
