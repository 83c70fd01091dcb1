/**
 * Private set intersection of two or more parties: everyone learns which of its own items all parties have. Nobody learns who
 * has an item that somebody lacks, nor any count of that kind.
 *
 * Paper: Kolesnikov, Matania, Pinkas, Rosulek, Trieu, "Practical Multi-party PSI from Symmetric-Key Techniques", CCS 2017:
 * each party has a share of zero of each item that only who has the item can compute, and the guest adds up all shares.
 *
 * Items are 16-byte digests. F_ab is an oblivious function (`opprf`): the host a keeps its key, the party b gets its values
 * on its own items X_b. + is that of GF(2^128). There is one for each host a and each other party b.
 *
 * 1. Each pair: b gets F_ab(y) of each y in X_b. Two hosts run it both ways, the earlier gets its values first.
 *    A host h's share of x in X_h is S_h(x) = sum over all other b of F_hb(x) + sum over all other hosts a of F_ah(x);
 *    the guest's is S_0(x) = sum over all hosts a of F_a0(x). Each F_ab(x) is in the shares of a and b: if all parties
 *    have x, all shares add up to zero.
 * 2. host -> guest: a table that gives each x in X_h the value S_h(x) (the hints of `opprf`).
 *    The guest keeps each x of its own for which S_0(x) and the values of all tables add up to zero.
 * 3. guest -> host, if it is to learn: the digests of these, ascending. The host finds them among its own.
 *
 * Learns. Receivers: which of their own items are in all sets. Nobody: anything else of anyone's items; sizes are known
 * before. Adversary: semi-honest, any coalition of all parties but one, static. If x is missing at some party c of the
 * coalition, F_hc(x) of an honest host h is random to all of it, so S_h(x) is, as is what a table gives an x that its
 * maker lacks; so nobody has to pretend to other items than it has, as in the paper's protocol for the standard model
 * and unlike in its faster, "augmented" one, where a coalition sees what it could have seen with the union of its sets.
 * If x is missing at an honest host, the shares of the others have a term that nobody has. And with the guest honest,
 * hosts see tables that look random and the result. Assumptions: those of `opprf`. A party that departs from the
 * protocol can falsify the result (a guest also differently for each host; psi/buckets compares), which nobody can tell.
 *
 * Deviations from the paper: the shares come from functions alone; its protocol for the standard model programs one for
 * each ordered pair of parties, of which those from hosts suffice, hints are sent to the guest only, and the mask of the
 * hints is a term of the share. The functions come from VOLE and not from oblivious transfers.
 *
 * Rounds, one message after the other: two parties 4, from some 600 rows on 6; more parties 5 and 9, since two hosts run
 * their functions one way after the other. Bytes: `guestTraffic`, `hostTraffic` in steps.ts.
 */
import type { Peer } from "@tombolo/channel";
import { BLOCK_BYTES, gather } from "@tombolo/crypto";
import { cut, oprfReceiver, receiveHints } from "../../opprf/index.ts";
import { CHUNK_BYTES, type guestMessages } from "./messages.ts";
import type { MultiPartyOptions } from "./options.ts";
import { functionOptions, GUEST, learns, type Run, Sum, startRun, zeros } from "./steps.ts";

type HostPeer = Peer<typeof guestMessages, "guest">;

/** Positions of the own items that all parties have, ascending. Hosts by place; what follows shows the items' order. */
export async function guest(
  digests: Uint8Array,
  hosts: readonly HostPeer[],
  options: MultiPartyOptions,
): Promise<Uint32Array> {
  const run = startRun(digests, GUEST, hosts.length, options);
  const sums = new Uint8Array(digests.length);
  const sum = new Sum(sums);
  let done = 0;
  await Promise.all(
    hosts.map(async (host, i) => {
      await addHost(digests, host, 1 + i, run, sum); // 1, 2
      options.progress?.((0.95 * ++done) / hosts.length);
    }),
  );
  const matched = zeros(sums);
  const found = await gather(digests, BLOCK_BYTES, matched);
  await Promise.all(
    hosts.map(async (host, i) => {
      if (learns(run, 1 + i)) await host.sendEach("inAll", cut(found, CHUNK_BYTES)); // 3
    }),
  );
  options.progress?.(1);
  return matched;
}

/** F_h0(x) and the host's share of each own item, as far as the host has it. */
async function addHost(digests: Uint8Array, host: HostPeer, place: number, run: Run, sum: Sum): Promise<void> {
  await sum.add(await oprfReceiver(digests, host, await functionOptions(run, place, GUEST))); // 1
  await sum.add(await receiveHints(digests, run.options.counts[place]!, host, run.failureBits)); // 2
}
