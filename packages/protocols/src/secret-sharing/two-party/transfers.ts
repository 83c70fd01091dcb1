/** Random oblivious transfers in both directions at once, from one set-up of `softspoken` each way. */
import type { Secrets } from "@tombolo/base";
import type { KeyForm } from "@tombolo/crypto";
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
import type { TwoPartyPeer } from "./wire.ts";

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
  /** At most PART_TRANSFERS each way. */
  random(sent: number, received: number): Promise<Transfers>;
  /** Likewise; what is kept of the keys. */
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

/** One direction after the other is set up, so that messages of the two cannot come in another order. */
export async function transferSource(end: TwoPartyPeer, secrets: Secrets): Promise<TransferSource> {
  const options = { secrets, label: "secret-sharing", adversary: "semi-honest" } as const;
  let [sender, receiver]: [OtSender | undefined, OtReceiver | undefined] = [undefined, undefined];
  if (end.role === "first") {
    sender = await otSender(undefined, plainNamed("toSecond", end.peer), options);
    receiver = await otReceiver(plainNamed("toFirst", end.peer), options);
  } else {
    receiver = await otReceiver(plainNamed("toSecond", end.peer), options);
    sender = await otSender(undefined, plainNamed("toFirst", end.peer), options);
  }
  return {
    async random(sent, received) {
      const [own, theirs] = await Promise.all([
        sent === 0 ? { zero: none(), one: none() } : sender.random(sent),
        received === 0 ? { choices: none(), keys: none() } : receiver.random(received),
      ]);
      return { sent: own, received: theirs };
    },
    async bulk(sent, received, form) {
      const [own, theirs] = await Promise.all([
        sent === 0 ? none() : sender.bulk(sent, form),
        received === 0 ? { choices: none(), kept: none() } : receiver.bulk(received, form),
      ]);
      return { sent: own, received: theirs };
    },
  };
}
