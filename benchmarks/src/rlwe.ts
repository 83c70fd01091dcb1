import { discard, systemSecrets } from "@tombolo/base";
import {
  addCiphertexts,
  applyAutomorphism,
  decodeSeeded,
  encodeSeeded,
  encryptPublic,
  expandGaloisKey,
  expandPublicKey,
  expandSeeded,
  flood,
  inForm,
  liftPlain,
  mergeCiphertexts,
  mergeExponents,
  multiplyPlain,
  RlweSecretKey,
  releaseCiphertexts,
  rlwe,
} from "@tombolo/crypto";
import { kernels } from "@tombolo/kernels";
import { withParties } from "./party-process.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { elementOf, entryOf, type RlweFigures, type RlweOrder } from "./rlwe-party.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./rlwe-party.ts", import.meta.url);
const SIZES = [2048, 4096, 8192, 16384, 32768];
const PRIME = 1125899904679937n;
const WORDS = 2 ** 19;
const ROUNDS = 20;
const secrets = systemSecrets();

type Row = (name: string, perSecond: number) => void;

export async function bench(report: Reporter, { smoke }: BenchOptions): Promise<void> {
  const yardstick = x25519PerSecond(smoke ? 50 : 500);
  report.row({ bench: "rlwe", case: "yardstick: X25519", value: yardstick, unit: "op/s" });
  const rounds = smoke ? 1 : ROUNDS;
  for (const size of smoke ? SIZES.slice(0, 1) : SIZES) await benchTransforms(report, size, yardstick, rounds);
  const row: Row = (name, value) =>
    report.row({ bench: "rlwe", case: `8192: ${name}`, value, unit: "op/s", ratio: value / yardstick });
  await benchOperations(row, smoke ? 2 : 32, rounds);
  await benchProduct(report, yardstick, smoke);
}

/** Operations per second of processor time: the least of several rounds. */
async function rate(count: number, rounds: number, run: () => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i <= rounds; i++) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    if (i > 0) least = Math.min(least, (user + system) / 1e6);
  }
  return count / least;
}

async function benchTransforms(report: Reporter, size: number, yardstick: number, rounds: number): Promise<void> {
  const ring = kernels.ring(size, BigUint64Array.of(PRIME));
  const x = await ring.uniform(secrets.bytes(32), WORDS / size);
  for (const name of ["forward", "inverse"] as const) {
    const perSecond = await rate(WORDS / size, rounds, async () => discard(await ring[name](x)));
    const ratio = perSecond / yardstick;
    report.row({
      bench: "rlwe",
      case: `transform ${size} ${name}, a prime`,
      value: 1e6 / perSecond,
      unit: "us",
      ratio,
    });
  }
}

async function benchOperations(row: Row, count: number, rounds: number): Promise<void> {
  const of = rlwe("rlwe-8192");
  const key = new RlweSecretKey(of, secrets);
  const values = new BigUint64Array(secrets.bytes(8 * count * of.parameters.size).slice().buffer);
  const publicKey = await key.publicKey(secrets);
  const depth = Math.log2(count);
  const exponents = mergeExponents(of.parameters.size, 64, depth);
  const keys = await Promise.all((await key.galoisKeys(exponents, secrets)).map((one) => expandGaloisKey(of, one)));
  const sealed = await key.encrypt(values, 64, secrets);
  const x = await expandSeeded(of, sealed);
  const y = await inForm(of, x, "coefficients");
  const plain = await liftPlain(
    of,
    x.level,
    values.map((value) => value >> 40n),
  );
  row("encrypt", await rate(count, rounds, () => key.encrypt(values, 64, secrets)));
  row("encrypt, public key", await rate(count, rounds, () => encryptPublic(of, publicKey, values, 64, secrets)));
  row("decrypt", await rate(count, rounds, () => key.decrypt(x, 64)));
  row("add", await rate(count, rounds, () => addCiphertexts(of, x, x)));
  row("transform of a plaintext", await rate(count, rounds, () => liftPlain(of, x.level, values)));
  row("multiply by a plaintext and sum", await rate(count, rounds, () => multiplyPlain(of, plain, x, count)));
  row("automorphism", await rate(count, rounds, () => applyAutomorphism(of, y, keys[0]!)));
  row("pack, per ciphertext", await rate(count, rounds, () => mergeCiphertexts(of, y, 64, depth, keys)));
  row("flood", await rate(count, rounds, () => flood(of, publicKey, y, 110, secrets)));
  row("expand, another share added", await rate(count, rounds, () => expandSeeded(of, sealed, { values, bits: 64 })));
  const places = { stride: 32, wanted: of.parameters.size / 32 };
  const masks = values.subarray(0, count * places.wanted);
  const options = { places, masks, bits: 64, floodBits: 110, level: 2 };
  const expanded = await expandPublicKey(of, publicKey);
  const release = () => releaseCiphertexts(of, expanded, x, options, secrets);
  const released = await release();
  row("release, every 32nd", await rate(count, rounds, release));
  row("decrypt these", await rate(count, rounds, () => key.decryptReleased(released, 64)));
  const bytes = await encodeSeeded(of, sealed);
  row("to bytes", await rate(count, rounds, () => encodeSeeded(of, sealed)));
  row("from bytes", await rate(count, rounds, () => decodeSeeded(of, bytes, count)));
}

async function benchProduct(report: Reporter, yardstick: number, smoke: boolean): Promise<void> {
  const [rows, columns] = smoke ? [40, 10] : [4096, 300];
  const shape = { rows, columns, vectors: 1, entryBits: 24, bits: 64, releasedMax: 2 ** 30, bothWays: true };
  const order = { shape, products: smoke ? 2 : 12 };
  await withParties<RlweOrder, void>(PARTY, async ([bank, telco]) => {
    const all = (await Promise.all([
      bank.do({ ...order, role: "keyOwner" }),
      telco.do({ ...order, role: "matrixOwner" }),
    ])) as [RlweFigures, RlweFigures];
    requireRight(all, columns);
    const row = (name: string, value: number, unit: string, ratio?: number): void =>
      report.row({
        bench: "rlwe",
        case: `matrix ${rows} x ${columns}: ${name}`,
        value,
        unit,
        ...(ratio === undefined ? {} : { ratio }),
      });
    const longest = (i: number): number => Math.max(...all.map(({ steps }) => steps[i]!.seconds));
    const both = (i: number): number => all[0].steps[i]!.cpuSeconds + all[1].steps[i]!.cpuSeconds;
    const last = (of: (i: number) => number): number =>
      Math.min(...Array.from({ length: order.products - 1 }, (_, i) => of(i + 2)));
    row("keys", longest(0), "s");
    row("keys, bytes", all[0].steps[0]!.bytes / 1e6, "MB");
    row("first product", longest(1), "s");
    row("later product and one the other way, best", last(longest), "s", (rows * columns) / last(longest) / yardstick);
    row("these, processor time of both", last(both), "s", (rows * columns) / last(both) / yardstick);
    row("these, bytes", all[0].steps[2]!.bytes / 1e6, "MB");
    row("peak memory", Math.max(...all.map(({ peakBytes }) => peakBytes)) / 2 ** 20, "MiB");
  });
}

/** Both parties' vectors are the same share, so a row's sum counts twice. */
function requireRight([one, other]: readonly [RlweFigures, RlweFigures], columns: number): void {
  let sum = 0n;
  for (let i = 0; i < columns; i++) sum += 2n * entryOf(i) * elementOf(i);
  if (BigInt.asUintN(64, one.share + other.share - sum) !== 0n) throw new Error("a wrong product");
}
