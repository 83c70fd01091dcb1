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
  TREES_BYTES,
} from "../../oblivious-transfer/one-of-sixteen/index.ts";
import type { BulkTransfers, TransferSource } from "./transfers.ts";
import { other, type Role, type Wire } from "./wire.ts";

const LABEL = utf8("tombolo/secret-sharing/two-party/1/digits\0");

/** The same source, with tables by these transfers. A digit counts as the four of one in two that it would take. */
export async function withDigits(source: TransferSource, wire: Wire, secrets: Secrets): Promise<TransferSource> {
  const seeds = await source.random(SEED_TRANSFERS, SEED_TRANSFERS);
  const { receiver, trees } = await plant(seeds.sent, await sessionOf(wire, other(wire.role)), secrets);
  const theirs = await wire.exchange("DigitTrees", trees, TREES_BYTES);
  const sender = await prune(seeds.received, theirs, await sessionOf(wire, wire.role));
  const digits = async (sent: number, received: number, planes: number): Promise<BulkTransfers> => {
    const made = received === 0 ? nothing() : await receiver.make(received, planes);
    const corrections = await wire.exchange("DigitCorrections", made.corrections, correctionBytes(sent));
    const kept = sent === 0 ? new Uint8Array(0) : await sender.make(sent, planes, corrections);
    discard(made.corrections, corrections);
    return { sent: kept, received: { choices: made.choices, kept: made.kept } };
  };
  return {
    random: source.random,
    bulk: (sent, received, form) =>
      form.kind === "digits"
        ? digits(sent / DIGIT_TRANSFERS, received / DIGIT_TRANSFERS, form.planes)
        : source.bulk(sent, received, form),
  };
}

/** Of the transfers that this role sends. */
const sessionOf = (wire: Wire, sender: Role): Promise<Uint8Array> => sha256(concat(LABEL, wire.binding, utf8(sender)));

const nothing = () => ({ corrections: new Uint8Array(0), choices: new Uint8Array(0), kept: new Uint8Array(0) });
