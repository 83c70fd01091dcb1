/**
 * Additive HE and group operations per second, whole machine. Yardsticks of the same run, one thread as Node offers
 * them: `crypto.createDiffieHellman` with a 2048-bit group for HE, X25519 `diffieHellman` for the group.
 */
import { createDiffieHellman, diffieHellman, generateKeyPairSync, getDiffieHellman } from "node:crypto";
import { availableParallelism } from "node:os";
import { systemSecrets } from "@tombolo/base";
import { generateHeKey, type HePrivateKey, type HeScheme, ristretto255 } from "@tombolo/crypto";
import type { BenchOptions, Reporter } from "./report.ts";

const secrets = systemSecrets();

export async function bench(report: Reporter, options: BenchOptions): Promise<void> {
  const yardstick = diffieHellmanRate(options.smoke ? 50 : 1000);
  report.row({ bench: "he", case: "yardstick: 2048-bit Diffie-Hellman", value: yardstick, unit: "op/s" });
  for (const scheme of ["okamoto-uchiyama", "paillier"] as const) await benchScheme(report, scheme, yardstick, options);
  await benchGroup(report, options);
}

async function benchScheme(
  report: Reporter,
  scheme: HeScheme,
  yardstick: number,
  { smoke }: BenchOptions,
): Promise<void> {
  const row = (name: string, value: number): void =>
    report.row({ bench: "he", case: `${scheme} 2048 ${name}`, value, unit: "op/s", ratio: value / yardstick });
  const started = performance.now();
  const key = await generateHeKey({ scheme }, secrets);
  report.row({ bench: "he", case: `${scheme} 2048 key`, value: (performance.now() - started) / 1000, unit: "s" });
  const count = smoke ? 8 : scheme === "paillier" ? 4000 : 20000;
  const plaintexts = randomPlaintexts(key, count);
  await key.publicKey.encrypt(plaintexts.subarray(0, key.publicKey.plaintextBytes), secrets); // makes its tables
  row("encrypt, owner", await rate(count, () => key.encrypt(plaintexts, secrets)));
  row("encrypt, public key", await rate(count, () => key.publicKey.encrypt(plaintexts, secrets)));
  const ciphertexts = await key.encrypt(plaintexts, secrets);
  row("add", await rate(count, () => key.publicKey.add(ciphertexts, ciphertexts)));
  row("subtract", await rate(count, () => key.publicKey.subtract(ciphertexts, ciphertexts)));
  row("re-randomise", await rate(count, () => key.publicKey.rerandomise(ciphertexts, secrets)));
  row("decrypt", await rate(count, () => key.decrypt(ciphertexts)));
  row("histogram, row x feature", await histogramRate(key, ciphertexts, count));
}

async function histogramRate(key: HePrivateKey, ciphertexts: Uint8Array, count: number): Promise<number> {
  const [featureCount, binCount, nodeCount] = [10, 32, 4];
  const bins = secrets.bytes(featureCount * count).map((byte) => byte % binCount);
  const nodes = Int32Array.from(secrets.bytes(count), (byte) => byte % nodeCount);
  const layout = { bins, nodes, nodeCount, featureCount, binCount };
  return rate(count * featureCount, () => key.publicKey.histogram(ciphertexts, layout));
}

async function benchGroup(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const yardstick = x25519Rate(smoke ? 100 : 20000);
  report.row({ bench: "group", case: "yardstick: X25519", value: yardstick, unit: "op/s" });
  const row = (name: string, value: number): void =>
    report.row({
      bench: "group",
      case: `ristretto255 ${name}`,
      value,
      unit: "op/s",
      ratio: value / yardstick / availableParallelism(), // per core
    });
  const count = smoke ? 32 : 50000;
  const messages = secrets.bytes(20 * count);
  const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => 20 * i);
  const dst = new TextEncoder().encode("tombolo-benchmark");
  const scalar = ristretto255.randomScalar(secrets);
  const points = await ristretto255.hashToGroup(messages, offsets, dst);
  row("hash and multiply", await rate(count, () => ristretto255.hashAndMultiply(messages, offsets, dst, scalar)));
  row("multiply", await rate(count, () => ristretto255.multiply(points, scalar)));
  row("validate", await rate(count, () => ristretto255.validate(points)));
}

function randomPlaintexts(key: HePrivateKey, count: number): Uint8Array {
  const width = key.publicKey.plaintextBytes;
  const plaintexts = secrets.bytes(count * width);
  for (let at = width - 1; at < plaintexts.length; at += width) plaintexts[at] = 0;
  return plaintexts;
}

/** The better of two runs: the first warms caches and pages. */
async function rate(count: number, run: () => Promise<unknown>): Promise<number> {
  const seconds: number[] = [];
  for (let i = 0; i < 2; i++) {
    const started = performance.now();
    await run();
    seconds.push((performance.now() - started) / 1000);
  }
  return count / Math.min(...seconds);
}

function diffieHellmanRate(count: number): number {
  const group = getDiffieHellman("modp14");
  const [alice, bob] = [0, 1].map(() => createDiffieHellman(group.getPrime(), group.getGenerator()));
  alice!.generateKeys();
  const peer = bob!.generateKeys();
  return perSecond(count, () => alice!.computeSecret(peer));
}

function x25519Rate(count: number): number {
  const [alice, bob] = [generateKeyPairSync("x25519"), generateKeyPairSync("x25519")];
  return perSecond(count, () => diffieHellman({ privateKey: alice.privateKey, publicKey: bob.publicKey }));
}

function perSecond(count: number, run: () => unknown): number {
  const started = performance.now();
  for (let i = 0; i < count; i++) run();
  return count / ((performance.now() - started) / 1000);
}
