/**
 * Makes what an operator installs: one archive per platform with Node, the kernels and the console in it, and a signed
 * list of checksums. Unpacked, it runs on a machine with nothing on it and no way out.
 *
 *   npm run package -- [--platform linux-x64] [--platform linux-arm64] [--out dist/package] [--key release-key.pem]
 */
import { execFile } from "node:child_process";
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { chmod, cp, mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, sep } from "node:path";
import { parseArgs, promisify } from "node:util";
import { create } from "tar";

const run = promisify(execFile);
const ROOT = dirname(import.meta.dirname);
const at = (...parts: string[]): string => join(ROOT, ...parts);

interface Platform {
  readonly name: string;
  readonly os: "linux";
  readonly cpu: "x64" | "arm64";
  /** Of rustc. */
  readonly target: string;
}

const PLATFORMS: readonly Platform[] = [
  { name: "linux-x64", os: "linux", cpu: "x64", target: "x86_64-unknown-linux-gnu" },
  { name: "linux-arm64", os: "linux", cpu: "arm64", target: "aarch64-unknown-linux-gnu" },
];
const HERE = `${process.platform}-${process.arch}`;

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      platform: { type: "string", multiple: true, default: [HERE] },
      out: { type: "string", default: at("dist", "package") },
      key: { type: "string", default: at(".tombolo", "release-key.pem") },
    },
  });
  const platforms = values.platform.map(platformNamed);
  const { version } = JSON.parse(await readFile(at("package.json"), "utf8")) as { version: string };
  await mkdir(values.out, { recursive: true });
  const archives: string[] = [];
  for (const platform of platforms) archives.push(await makeArchive(platform, version, values.out));
  const signed = await signChecksums(values.out, archives, values.key);
  for (const archive of archives) say(`${archive}  ${mebibytes((await stat(archive)).size)} MiB`);
  say(`${signed.sums}\n${signed.signature}\n${signed.publicKey}`);
}

function platformNamed(name: string): Platform {
  const platform = PLATFORMS.find((each) => each.name === name);
  if (platform === undefined)
    throw new Error(`no platform ${name}; there are ${PLATFORMS.map((each) => each.name).join(", ")}`);
  return platform;
}

async function makeArchive(platform: Platform, version: string, out: string): Promise<string> {
  const name = `tombolo-${version}-${platform.name}`;
  const stage = join(out, `${name}.stage`);
  const folder = join(stage, name);
  await rm(stage, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  try {
    say(`${platform.name}: sources, console and papers`);
    await copySources(join(folder, "app"));
    say(`${platform.name}: libraries`);
    await installLibraries(join(folder, "app"), platform);
    say(`${platform.name}: Node`);
    await installNode(join(folder, "runtime"), platform);
    await addKernels(join(folder, "app"), platform);
    await addLauncher(folder);
    const archive = join(out, `${name}.tar.gz`);
    const options = { cwd: stage, file: `${archive}.new`, gzip: { level: 6 }, portable: true } as const;
    await create(options, [name]);
    await rename(`${archive}.new`, archive);
    return archive;
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

/** What runs, without tests and what only they need. */
async function copySources(app: string): Promise<void> {
  const { stdout } = await run("git", ["ls-files", "-z", "apps/node", "apps/cli", "packages"], { cwd: ROOT });
  const files = stdout.split("\0").filter((file) => file !== "" && isShipped(file));
  const papers = ["package.json", "package-lock.json", "LICENSE", "README.md", "README.zh-CN.md", "SECURITY.md"];
  for (const file of [...files, ...papers, "apps/console/package.json", "benchmarks/package.json"])
    await cp(at(file), join(app, file));
  await cp(at("docs"), join(app, "docs"), { recursive: true });
  await cp(at("apps/console/dist"), join(app, "apps/console/dist"), { recursive: true });
}

const TEST_ONLY = ["packages/test-kit/src/", "packages/transport-memory/src/"];
const isShipped = (file: string): boolean =>
  (file.endsWith("package.json") || file.includes("/src/")) &&
  !/\.test\.ts$|\/testing\//.test(file) &&
  !TEST_ONLY.some((folder) => file.startsWith(folder));

/** Locked, for that platform, and only what node and command line need at run time. */
async function installLibraries(app: string, { os, cpu }: Platform): Promise<void> {
  const only = ["--workspace", "@tombolo/node", "--workspace", "@tombolo/cli"];
  await npm(app, [...only, "--omit=dev", `--os=${os}`, `--cpu=${cpu}`, "--libc=glibc"]);
}

async function npm(cwd: string, more: readonly string[]): Promise<void> {
  const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefer-offline"];
  await run("npm", ["ci", ...quiet, ...more], { cwd, maxBuffer: 2 ** 24 });
}

async function installNode(runtime: string, { name, os, cpu }: Platform): Promise<void> {
  const home = `${runtime}.npm`;
  await mkdir(home);
  for (const file of ["package.json", "package-lock.json"]) await cp(at("tools/node", file), join(home, file));
  await npm(home, [`--os=${os}`, `--cpu=${cpu}`]);
  await cp(join(home, "node_modules", `node-${name}`), runtime, { recursive: true });
  await rm(home, { recursive: true });
}

/** Built here for this machine's kind; for another one where its compiler is at hand. */
async function addKernels(app: string, platform: Platform): Promise<void> {
  const built = platform.name === HERE ? at("packages/kernels/native/kernels.node") : await crossBuilt(platform);
  if (built === undefined || !existsSync(built))
    return say(`${platform.name}: WARNING without native kernels, so the slower reference kernels serve`);
  await cp(built, join(app, "packages/kernels/native/kernels.node"));
}

async function crossBuilt({ name, target }: Platform): Promise<string | undefined> {
  const linker = `${target.replace("-unknown", "")}-gcc`;
  const { stdout } = await run("rustc", ["--print", "sysroot"]).catch(() => ({ stdout: "" }));
  if (!existsSync(join(stdout.trim(), "lib", "rustlib", target))) return undefined;
  say(`${name}: kernels`);
  const env = { ...process.env, [`CARGO_TARGET_${target.toUpperCase().replaceAll("-", "_")}_LINKER`]: linker };
  await run("cargo", ["build", "--release", "--locked", "-p", "kernels-node", "--target", target], { cwd: ROOT, env });
  return join(process.env.CARGO_TARGET_DIR ?? at("target"), target, "release", "libkernels_node.so");
}

async function addLauncher(folder: string): Promise<void> {
  for (const file of ["tombolo", "tombolo.service"]) await cp(at("deploy", file), join(folder, file));
  await chmod(join(folder, "tombolo"), 0o755);
}

/** `SHA256SUMS` as sha256sum writes it, and an Ed25519 signature that openssl checks. */
async function signChecksums(
  out: string,
  archives: readonly string[],
  keyFile: string,
): Promise<{ readonly sums: string; readonly signature: string; readonly publicKey: string }> {
  const lines = await Promise.all(archives.map(async (file) => `${await sha256(file)}  ${basename(file)}\n`));
  const key = createPrivateKey(await releaseKey(keyFile));
  const sums = join(out, "SHA256SUMS");
  const signature = `${sums}.sig`;
  const publicKey = join(out, "release-key.pub.pem");
  const text = Buffer.from(lines.join(""));
  await writeFile(sums, text);
  await writeFile(signature, sign(null, text, key));
  await writeFile(publicKey, createPublicKey(key).export({ type: "spki", format: "pem" }));
  return { sums, signature, publicKey };
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function releaseKey(file: string): Promise<string> {
  if (existsSync(file)) return readFile(file, "utf8");
  const { privateKey } = generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }) as string;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, pem, { mode: 0o600, flag: "wx" });
  say(`a new release key: ${relative(ROOT, file).split(sep).join("/")}; keep it, operators know you by it`);
  return pem;
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

await main().catch((error: Error & { stderr?: string }) => {
  process.stderr.write(`package: ${error.message}\n${error.stderr ?? ""}`);
  process.exitCode = 1;
});
