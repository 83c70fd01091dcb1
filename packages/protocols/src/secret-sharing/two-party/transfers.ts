/**
 * Random oblivious transfers in both directions, from one set-up each way: of `softspoken`, both directions at once, or for
 * slow links of `silent`, one after the other.
 */
import type { Secrets } from "@tombolo/base";
import type { KeyForm } from "@tombolo/crypto";
import { type silentOtMessages, silentOtReceiver, silentOtSender } from "../../oblivious-transfer/silent/index.ts";
import {
  type BulkReceived,
  type OtReceiver,
  type OtSender,
  otReceiver,
  otSender,
  type RandomReceived,
  type RandomSent,
} from "../../oblivious-transfer/softspoken/index.ts";
import { plainNamed } from "../../renamed.ts";
import type { Role, TwoPartyPeer } from "./wire.ts";

/** Transfers of each direction made at once: their keys are 32 and 16 bytes each. */
export const PART_TRANSFERS = 2 ** 18;

export interface Transfers {
  readonly sent: RandomSent;
  readonly received: RandomReceived;
}

export interface BulkTransfers {
  readonly sent: Uint8Array;
  readonly received: BulkReceived;
}

export interface TransferSource {
  /** Transfers for tables that one call makes at most, each way. */
  readonly tablesMax: number;
  /** At most PART_TRANSFERS each way. */
  random(sent: number, received: number): Promise<Transfers>;
  /** Likewise, for bits twice as many, for tables at most `tablesMax`; what is kept of the keys. */
  bulk(sent: number, received: number, form: KeyForm): Promise<BulkTransfers>;
}

/** Bytes that eight transfers leave. */
export function keptBytes(form: KeyForm): { readonly sent: number; readonly received: number } {
  if (form.kind === "blocks") return { sent: 256, received: 128 };
  if (form.kind === "words") return { sent: 128, received: 64 };
  if (form.kind === "digits") return { sent: 4 * form.planes, received: 2 };
  return { sent: 2 * form.planes, received: form.planes };
}

/** A new one each time: who is done with it may discard it. */
const none = (): Uint8Array => new Uint8Array(0);

/** Fast: what takes least processor time. Slow: what takes least bytes, worth it below some 100 Mbit/s. */
export type Link = "fast" | "slow";

interface Ends {
  readonly sender: OtSender;
  readonly receiver: OtReceiver;
}

/** One direction after the other is set up, so that messages of the two cannot come in another order. */
export async function transferSource(end: TwoPartyPeer, secrets: Secrets, link: Link): Promise<TransferSource> {
  const ends = await setUp(end, secrets, link);
  const { sender, receiver } = ends;
  const together = link === "fast" ? atOnce : inTurn(end.role);
  return {
    tablesMax: PART_TRANSFERS,
    async random(sent, received) {
      const [own, theirs] = await together(
        async () => (sent === 0 ? { zero: none(), one: none() } : sender.random(sent)),
        async () => (received === 0 ? { choices: none(), keys: none() } : receiver.random(received)),
      );
      return { sent: own, received: theirs };
    },
    async bulk(sent, received, form) {
      const [own, theirs] = await together(
        async () => (sent === 0 ? none() : sender.bulk(sent, form)),
        async () => (received === 0 ? { choices: none(), kept: none() } : receiver.bulk(received, form)),
      );
      return { sent: own, received: theirs };
    },
  };
}

type ToSecond = ReturnType<typeof silentOtMessages<"first", "second">>;
type ToFirst = ReturnType<typeof silentOtMessages<"second", "first">>;

async function setUp(end: TwoPartyPeer, secrets: Secrets, link: Link): Promise<Ends> {
  const options = { secrets, label: "secret-sharing", adversary: "semi-honest" } as const;
  const [newSender, newReceiver] =
    link === "fast" ? ([otSender, otReceiver] as const) : ([silentOtSender, silentOtReceiver] as const);
  if (end.role === "first") {
    const sender = await newSender(undefined, plainNamed<"toSecond", ToSecond, "first">("toSecond", end.peer), options);
    return {
      sender,
      receiver: await newReceiver(plainNamed<"toFirst", ToFirst, "first">("toFirst", end.peer), options),
    };
  }
  const receiver = await newReceiver(plainNamed<"toSecond", ToSecond, "second">("toSecond", end.peer), options);
  return {
    receiver,
    sender: await newSender(undefined, plainNamed<"toFirst", ToFirst, "second">("toFirst", end.peer), options),
  };
}

type Together = <A, B>(send: () => Promise<A>, receive: () => Promise<B>) => Promise<[A, B]>;

const atOnce: Together = (send, receive) => Promise.all([send(), receive()]);

/** The first's transfers come first at both: messages of a batch go back and forth. */
const inTurn =
  (role: Role): Together =>
  async (send, receive) => {
    if (role === "first") return [await send(), await receive()];
    const received = await receive();
    return [await send(), received];
  };
