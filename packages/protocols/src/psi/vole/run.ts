/** VOLE-PSI as a whole: the protocol of receiver.ts over the correlations of `vole`, in one table of messages. */
import { toHex } from "@tombolo/base";
import {
  DIRECT_MAX,
  type VoleReceiverPeer,
  type VoleSenderPeer,
  voleMessages,
  voleReceiver,
  voleSender,
} from "../../vole/index.ts";
import { psiMessages } from "./messages.ts";
import { settingOf, type VolePsiOptions } from "./options.ts";
import { type Received, type ReceiverPeer, receive } from "./receiver.ts";
import { type Labels, type SenderPeer, send } from "./sender.ts";

/** For any names of the two roles. */
export const messagesOf = <Receiver extends string, Sender extends string>(receiver: Receiver, sender: Sender) => ({
  ...voleMessages(receiver, sender),
  ...psiMessages(receiver, sender),
});

export const messages = messagesOf("receiver", "sender");

/** The receiver's positions that matched, ascending, and the labels of these. */
export function labelledReceiver(
  digests: Uint8Array,
  labelBytes: number,
  peer: ReceiverPeer & VoleReceiverPeer,
  options: VolePsiOptions,
): Promise<Received> {
  return receive(
    digests,
    labelBytes,
    (count) => voleReceiver(count, peer, voleOptions(count, peer, options)),
    peer,
    options,
  );
}

/** The sender's positions that matched, ascending; none if one-sided. */
export function labelledSender(
  digests: Uint8Array,
  labels: Labels,
  peer: SenderPeer & VoleSenderPeer,
  options: VolePsiOptions,
): Promise<Uint32Array> {
  const vole = (count: number) => voleSender(count, undefined, peer, voleOptions(count, peer, options));
  return send(digests, labels, vole, peer, options);
}

export const receiver = async (
  digests: Uint8Array,
  peer: ReceiverPeer & VoleReceiverPeer,
  options: VolePsiOptions,
): Promise<Uint32Array> => (await labelledReceiver(digests, 0, peer, options)).positions;

export const sender = (
  digests: Uint8Array,
  peer: SenderPeer & VoleSenderPeer,
  options: VolePsiOptions,
): Promise<Uint32Array> => labelledSender(digests, { width: 0, values: new Uint8Array(0) }, peer, options);

/**
 * A bucket's correlations are its own. Those of a small run are transfers as they are: a receiver that gives each slot
 * other choices would read delta from the tags, a few bits a slot, so they are checked in every setting.
 */
const voleOptions = (count: number, { binding }: { readonly binding: Uint8Array }, options: VolePsiOptions) => ({
  secrets: options.secrets,
  label: `psi-vole/${toHex(options.binding ?? binding)}`,
  adversary: count <= DIRECT_MAX ? ("malicious" as const) : settingOf(options).adversary,
});
