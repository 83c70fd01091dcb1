/**
 * Transfers of one in sixteen for the tables of comparisons, both ways at once: goal, paper and assumptions are in
 * oblivious-transfer/one-of-sixteen/extension.ts. They begin with random transfers of one in two of either direction, of which the
 * sender of the ones is the receiver of the others.
 */
import { concat, discard, type Secrets, utf8 } from "@tombolo/base";
import { sha256 } from "@tombolo/crypto";
import {
  correctionBytes,
  DIGIT_TRANSFERS,
  plant,
  prune,
  SEED_TRANSFERS,
  type SixteenReceiver,
  TREES_BYTES,
} from "../../oblivious-transfer/one-of-sixteen/index.ts";
import type { BulkTransfers, TransferSource } from "./transfers.ts";
import { other, type Role, type Wire } from "./wire.ts";

const LABEL = utf8("tombolo/secret-sharing/two-party/1/digits\0");

/** Digits of a message. */
const PART = 2 ** 16;
/** Of one call, in transfers of one in two: as many rounds as one message takes. */
export const TABLES_MAX = 4 * DIGIT_TRANSFERS * PART;

type Made = Awaited<ReturnType<SixteenReceiver["make"]>>;

/** Of so many digits each way the messages: how many each of them is for. */
export const digitParts = (sent: number, received: number): readonly (readonly [number, number])[] =>
  Array.from({ length: Math.ceil(Math.max(sent, received) / PART) }, (_, i) => {
    const here = (all: number): number => Math.max(0, Math.min(PART, all - i * PART));
    return [here(sent), here(received)];
  });

/** The same source, with tables by these transfers. A digit counts as the four of one in two that it would take. */
export async function withDigits(source: TransferSource, wire: Wire, secrets: Secrets): Promise<TransferSource> {
  const seeds = await source.random(SEED_TRANSFERS, SEED_TRANSFERS);
  const { receiver, trees } = await plant(seeds.sent, await sessionOf(wire, other(wire.role)), secrets);
  const theirs = await wire.exchange("DigitTrees", trees, TREES_BYTES);
  const sender = await prune(seeds.received, theirs, await sessionOf(wire, wire.role));
  /** All that is sent is on its way before any of it is waited for. */
  const digits = async (sent: number, received: number, planes: number): Promise<BulkTransfers> => {
    const parts: { readonly made: Made; readonly out: number; readonly theirs: Promise<Uint8Array> }[] = [];
    for (const [out, in_] of digitParts(sent, received)) {
      const made = in_ === 0 ? nothing() : await receiver.make(in_, planes);
      const theirs = wire.exchange("DigitCorrections", made.corrections, correctionBytes(out));
      theirs.catch(() => {}); // awaited below, unless an earlier one fails
      parts.push({ made, out, theirs });
    }
    const kept: Uint8Array[] = [];
    for (const { made, out, theirs } of parts) {
      const corrections = await theirs;
      if (out > 0) kept.push(await sender.make(out, planes, corrections));
      discard(made.corrections, corrections);
    }
    const all = (of: (made: Made) => Uint8Array): Uint8Array => concat(...parts.map(({ made }) => of(made)));
    return {
      sent: concat(...kept),
      received: { choices: all((made) => made.choices), kept: all((made) => made.kept) },
    };
  };
  return {
    tablesMax: TABLES_MAX,
    random: source.random,
    bulk: (sent, received, form) =>
      form.kind === "digits"
        ? digits(sent / DIGIT_TRANSFERS, received / DIGIT_TRANSFERS, form.planes)
        : source.bulk(sent, received, form),
  };
}

/** Of the transfers that this role sends. */
const sessionOf = (wire: Wire, sender: Role): Promise<Uint8Array> => sha256(concat(LABEL, wire.binding, utf8(sender)));

const nothing = (): Made => ({ corrections: new Uint8Array(0), choices: new Uint8Array(0), kept: new Uint8Array(0) });
