/**
 * Joint count: in how many of several hosts' lists each of the guest's ids is, without anyone learning in which.
 *
 * Papers: shares of "is it there" with each host by circuit-PSI (Pinkas, Schneider, Tkachenko, Yanai, EUROCRYPT 2019; psi/circuit),
 * summed under masks of the hosts that cancel (Bonawitz et al., CCS 2017, without dropouts). Put together here, and the
 * argument is short: see below.
 *
 * 1. guest -> hosts: a random number, its row count.   2. hosts -> guest: a public key, their row counts.
 * 3. guest -> hosts: all public keys. Hash of these and the random number is the run's own number, which no party chooses alone. Any two hosts agree
 *    on a key; z_h is a host's share of zero for each bin, from these.
 * 4. With each host circuit-PSI, all under the same number and the same table of bins: x_h XOR y_h = 1 where host h has the id of the bin.
 * 5., 6. With each host one transfer a bin: of (0 XOR y_h) + z_h and (1 XOR y_h) + z_h the guest gets the one of its x_h, which is
 *    1 + z_h or z_h. The sum over all hosts is the count, modulo 256.
 * Where only a threshold is to be told, the first host masks the count and 7., 8. follow with it: threshold.ts.
 *
 * Learns. Guest: of each of its ids the count, and the hosts' row counts. A host: the guest's row count.
 * Why no more: circuit-PSI leaves shares that say nothing; the transfer gives the guest one value, uniform as long as one key of the host with
 * another host outside the coalition is unknown; all values together are uniform but for their sum. Hosts get choices masked by
 * random ones.
 * Adversary: semi-honest, any coalition that leaves two hosts out of it and apart learns no more than the count less its own part. The guest and all
 * hosts but one learn which host it is: no protocol with this result could keep that; with one host it would be a plain match, so two are the least.
 * A guest that swaps the public keys it carries could see single hosts' bits: it is trusted with that, as in psi/ecdh.
 *
 * Failure: a count is too high with 2^-40 a host, an item finds no bin with about 2^-40.
 * Rounds with each host, all at the same time: those of circuit-PSI and 7. Bytes: `trafficBytes`, linear in all row counts.
 */
import { concat, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES, ristretto255 } from "@tombolo/crypto";
import { randomOtReceiver } from "../../oblivious-transfer/softspoken/index.ts";
import { onPoints } from "../../on-points.ts";
import { NO_ROW, type ReceiverTable, receiverTable, tableReceiver } from "../../psi/circuit/index.ts";
import { HOSTS_MAX, type messages, RUN_BYTES } from "./messages.ts";
import { circuitBinding, refused, requireThreshold, runOf, STAGE, TRANSFERS } from "./steps.ts";
import { readReached } from "./threshold.ts";

export type Host = Peer<typeof messages, "receiver">;

export interface CountOptions {
  readonly secrets: Secrets;
  /** Digests of the own ids under `idPrefix` of the run, distinct, 16 bytes each. */
  readonly digestsOf: (run: Uint8Array) => Promise<Uint8Array>;
  readonly count: number;
  /** Learns only whether this many lists have an id, of at most 15 (threshold.ts); absent: the count. */
  readonly least?: number;
  readonly progress?: (share: number) => void;
}

/** Of each id in how many hosts' lists it is; or 1 where at least so many have it. */
export async function guest(hosts: readonly Host[], options: CountOptions): Promise<Uint8Array> {
  const { secrets, count, progress } = options;
  if (hosts.length < 2 || hosts.length > HOSTS_MAX)
    throw new TomboloError("input.parties", `a joint count takes 2 to ${HOSTS_MAX} lists`, { stage: STAGE });
  if (options.least !== undefined) requireThreshold(options.least, hosts.length);
  const start = secrets.bytes(RUN_BYTES).slice();
  await Promise.all(hosts.map((host) => host.send("start", { value: start, count }))); // 1
  const joined = await Promise.all(hosts.map((host) => host.receive("joins"))); // 2
  const keys = joined.map(({ value }) => value);
  await introduce(hosts, keys); // 3
  const run = await runOf(start, concat(...keys));
  const binding = await circuitBinding(run);
  const table = await receiverTable(await options.digestsOf(run), { secrets, binding, receiverCount: count });
  const totals = new Uint8Array(table.rows.length);
  let done = 0;
  await Promise.all(
    hosts.map(async (host, i) => {
      const values = await valuesOf(host, table, joined[i]!.count, binding, options); // 4 to 6
      for (let bin = 0; bin < totals.length; bin++) totals[bin]! += values[bin]!;
      done += 1;
      progress?.(done / hosts.length);
    }),
  );
  if (options.least === undefined) return countsOf(table, totals, count, hosts.length);
  const reached = await readReached(totals, hosts[0]!, secrets); // 7, 8
  return countsOf(table, reached, count, 1);
}

/** Each host gets all keys and its place among them. */
async function introduce(hosts: readonly Host[], keys: readonly Uint8Array[]): Promise<void> {
  for (const [i, key] of keys.entries())
    await onPoints(STAGE, hosts[i]!.party, undefined, () => ristretto255.validate(key));
  await Promise.all(hosts.map((host, place) => host.send("hosts", { place, keys: concat(...keys) })));
}

async function valuesOf(
  host: Host,
  table: ReceiverTable,
  senderCount: number,
  binding: Uint8Array,
  { secrets, count }: CountOptions,
): Promise<Uint8Array> {
  const circuit = { secrets, binding, receiverCount: count, senderCount, payloadWords: 0 };
  const { bits } = await tableReceiver(table, host, circuit); // 4
  const bins = bits.length;
  const { choices, keys } = await randomOtReceiver(bins, host, { secrets, label: TRANSFERS, adversary: "semi-honest" });
  const flips = choices.map((byte, i) => byte ^ packed(bits, i));
  await host.send("flips", flips); // 5: x XOR the transfer's choice
  const values = new Uint8Array(bins);
  let done = 0;
  for await (const part of host.receiveEach("counts")) {
    if (part.length === 0 || done + part.length / 2 > bins) throw wrongSize(host.party);
    for (let i = 0; i < part.length / 2; i++)
      values[done + i] = part[2 * i + bits[done + i]!]! - keys[(done + i) * BLOCK_BYTES]!; // 6
    done += part.length / 2;
  }
  if (done !== bins) throw wrongSize(host.party);
  return values;
}

/** Byte i of a list of bits. */
function packed(bits: Uint8Array, i: number): number {
  let byte = 0;
  for (let bit = 0; bit < 8; bit++) byte |= (bits[8 * i + bit] ?? 0) << bit;
  return byte;
}

function countsOf({ rows }: ReceiverTable, totals: Uint8Array, count: number, hosts: number): Uint8Array {
  const out = new Uint8Array(count);
  rows.forEach((row, bin) => {
    if (row === NO_ROW) return;
    // Only a host that departs from the protocol makes it so.
    if (totals[bin]! > hosts)
      throw new TomboloError("protocol.count", "the hosts' shares do not add up to a count", { stage: STAGE });
    out[row] = totals[bin]!;
  });
  return out;
}

const wrongSize = (party: string): TomboloError => refused("size", "the partner sent another number of bins", party);
