/**
 * The same computation without a partner: on zeros, to count what it will send and use up. Its results mean nothing.
 *
 * Nothing but the shapes decides what is sent, so that the count is exact, and tested against what the meter counts.
 */

import type { Secrets } from "@tombolo/base";
import { BLOCK_BYTES } from "@tombolo/crypto";
import {
  correctionBytes,
  DIGIT_TRANSFERS,
  SEED_TRANSFERS,
  TREES_BYTES,
} from "../../oblivious-transfer/one-of-sixteen/index.ts";
import { batchTraffic, Plan } from "../../oblivious-transfer/silent/index.ts";
import { Correlations, type Counts } from "./correlations.ts";
import { digitParts, TABLES_MAX } from "./digit-transfers.ts";
import type { Kind } from "./messages.ts";
import { productSource } from "./products.ts";
import { drySlotCipher } from "./slot-cipher.ts";
import { keptBytes, type Link, PART_TRANSFERS, type TransferSource } from "./transfers.ts";
import { TwoParty } from "./two-party.ts";
import { other, type Role, type Wire } from "./wire.ts";

export interface MessageCost {
  readonly messages: number;
  /** Of payload. */
  readonly bytes: number;
}

export interface Cost {
  /** The longest chain of messages of which each depends on the one before. */
  readonly rounds: number;
  /** By message name, those of `messages`. */
  readonly out: Readonly<Record<string, MessageCost>>;
  readonly in: Readonly<Record<string, MessageCost>>;
  /** All, both ways. */
  readonly bytes: number;
  readonly correlations: Counts;
}

const CORRECTION_BYTES = 496;
const BASE = { baseOtChoices: 8192, baseOtKeys: 4096, otTrees: 4096 } as const;

export interface DryRun {
  readonly backend: TwoParty;
  /** So far. */
  cost(): Cost;
}

export function dryTwoParty(role: Role, secrets: Secrets, link: Link = "fast", pairs = 1): DryRun {
  const traffic = new Traffic();
  const prefix = { out: role === "first" ? "toSecond" : "toFirst", in: role === "first" ? "toFirst" : "toSecond" };
  countSetUp(traffic, role);
  const both = (kind: Kind, out: number, in_: number): void =>
    traffic.move({ [`${role}${kind}`]: out }, { [`${other(role)}${kind}`]: in_ });
  const wire: Wire = {
    role,
    party: "nobody",
    binding: new Uint8Array(32),
    async exchange(kind: Kind, own, expected) {
      both(kind, own.length, expected);
      return new Uint8Array(expected);
    },
  };
  const zeros = (count: number): Uint8Array => new Uint8Array(BLOCK_BYTES * count);
  const transfers = link === "fast" ? corrections(traffic, prefix) : batches(traffic, prefix, role);
  if (link === "fast") {
    transfers(SEED_TRANSFERS, SEED_TRANSFERS);
    both("DigitTrees", TREES_BYTES, TREES_BYTES);
  }
  const digits = (sent: number, received: number): void => {
    const parts = digitParts(sent / DIGIT_TRANSFERS, received / DIGIT_TRANSFERS);
    const bytes = parts.map(([out, in_]) => [correctionBytes(in_), correctionBytes(out)] as const);
    traffic.moveAtOnce(
      bytes.map(([own]) => ({ [`${role}DigitCorrections`]: own })),
      bytes.map(([, theirs]) => ({ [`${other(role)}DigitCorrections`]: theirs })),
    );
  };
  const source: TransferSource = {
    tablesMax: link === "fast" ? TABLES_MAX : PART_TRANSFERS,
    async bulk(sent, received, form) {
      if (link === "fast" && form.kind === "digits") digits(sent, received);
      else transfers(sent, received);
      const bytes = keptBytes(form);
      return {
        sent: new Uint8Array((sent / 8) * bytes.sent),
        received: { choices: new Uint8Array(received / 8), kept: new Uint8Array((received / 8) * bytes.received) },
      };
    },
    async random(sent, received) {
      transfers(sent, received);
      return {
        sent: { zero: zeros(sent), one: zeros(sent) },
        received: { choices: new Uint8Array(Math.ceil(received / 8)), keys: zeros(received) },
      };
    },
  };
  const products = productSource({ source, wire, secrets, binding: wire.binding, cipher: drySlotCipher(pairs) });
  const backend = new TwoParty(wire, new Correlations(source, products), secrets);
  return { backend, cost: () => ({ ...traffic.cost(), correlations: backend.used }) };
}

interface Prefix {
  readonly out: string;
  readonly in: string;
}

type TransferTraffic = (sent: number, received: number) => void;

/** Corrections go from the receiver of transfers to their sender. */
const corrections =
  (traffic: Traffic, prefix: Prefix): TransferTraffic =>
  (sent, received) => {
    const bytes = (count: number): number => CORRECTION_BYTES * Math.ceil(count / 128);
    traffic.move({ [`${prefix.in}OtCorrections`]: bytes(received) }, { [`${prefix.out}OtCorrections`]: bytes(sent) });
  };

/** Each batch of silent transfers goes there and back, those of the first before those of the second. */
function batches(traffic: Traffic, prefix: Prefix, role: Role): TransferTraffic {
  const plans = { sent: new Plan(), received: new Plan() };
  const inEights = (count: number): number => 8 * Math.ceil(count / 8);
  const send = (count: number): void => {
    for (const { sender, receiver } of plans.sent.take(inEights(count)).map(batch)) {
      traffic.move({}, { [`${prefix.out}OtCorrections`]: sender });
      traffic.move({ [`${prefix.out}OtSums`]: receiver }, {});
    }
  };
  const receive = (count: number): void => {
    for (const { sender, receiver } of plans.received.take(inEights(count)).map(batch)) {
      traffic.move({ [`${prefix.in}OtCorrections`]: sender }, {});
      traffic.move({}, { [`${prefix.in}OtSums`]: receiver });
    }
  };
  return (sent, received) => {
    if (role === "first") send(sent);
    receive(received);
    if (role === "second") send(sent);
  };
}

const batch = (depth: number) => batchTraffic(depth, "semi-honest");

/** The first's transfers, then the second's: base transfers and seeds. */
function countSetUp(traffic: Traffic, role: Role): void {
  const named = (direction: string, names: readonly (keyof typeof BASE)[]): Record<string, number> =>
    Object.fromEntries(names.map((name) => [direction + name.charAt(0).toUpperCase() + name.slice(1), BASE[name]]));
  const steps = [
    { from: "first", what: named("toSecond", ["baseOtChoices"]) },
    {
      from: "second",
      what: { ...named("toSecond", ["baseOtKeys", "otTrees"]), ...named("toFirst", ["baseOtChoices"]) },
    },
    { from: "first", what: named("toFirst", ["baseOtKeys", "otTrees"]) },
  ];
  for (const { from, what } of steps) from === role ? traffic.move(what, {}) : traffic.move({}, what);
}

/** Of each message. */
type Bytes = Readonly<Record<string, number>>;

/** Each party has the depth of the deepest message it got; what it sends is one deeper. */
class Traffic {
  readonly #out = new Map<string, MessageCost>();
  readonly #in = new Map<string, MessageCost>();
  #depth = 0;
  #theirDepth = 0;

  move(out: Bytes, in_: Bytes): void {
    this.moveAtOnce([out], [in_]);
  }

  /** Messages of which none waits for another. */
  moveAtOnce(out: readonly Bytes[], in_: readonly Bytes[]): void {
    const any = (counts: Map<string, MessageCost>, all: readonly Bytes[]): boolean =>
      all.map((more) => add(counts, more)).includes(true);
    const [sent, received] = [any(this.#out, out) ? this.#depth + 1 : 0, any(this.#in, in_) ? this.#theirDepth + 1 : 0];
    this.#depth = Math.max(this.#depth, received);
    this.#theirDepth = Math.max(this.#theirDepth, sent);
  }

  cost() {
    const sum = (counts: ReadonlyMap<string, MessageCost>): number =>
      [...counts.values()].reduce((all, { bytes }) => all + bytes, 0);
    return {
      rounds: Math.max(this.#depth, this.#theirDepth),
      out: Object.fromEntries(this.#out),
      in: Object.fromEntries(this.#in),
      bytes: sum(this.#out) + sum(this.#in),
    };
  }
}

/** Whether there was anything. */
function add(counts: Map<string, MessageCost>, more: Readonly<Record<string, number>>): boolean {
  const entries = Object.entries(more).filter(([, bytes]) => bytes > 0);
  for (const [name, size] of entries) {
    const { messages, bytes } = counts.get(name) ?? { messages: 0, bytes: 0 };
    counts.set(name, { messages: messages + 1, bytes: bytes + size });
  }
  return entries.length > 0;
}
