/** What two parties may run in each bucket, under the role each has in it: the guest is the one that receives first. */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import * as buckets from "@tombolo/protocols/psi/buckets";
import * as ecdh from "@tombolo/protocols/psi/ecdh";
import * as vole from "@tombolo/protocols/psi/vole";
import { isOneSided } from "./choices.ts";
import type { Context } from "./parameters.ts";

/** All that a match may send; which of it is the protocol's that the consent names. */
export const messages = {
  ...buckets.messages,
  ...buckets.copyMessages,
  ...ecdh.messages,
  ...vole.messagesOf("guest", "host"),
};

export const asGuest = (peer: Peer<typeof messages, "guest">, context: Context): buckets.BucketProtocol =>
  context.parameters.protocol === "vole"
    ? (digests, run) => vole.receiver(digests, peer, voleOptions(run, context))
    : (digests, run) => ecdh.receiver(digests, peer, { ...run, ...shared(context) });

export const asHost = (peer: Peer<typeof messages, "host">, context: Context): buckets.BucketProtocol =>
  context.parameters.protocol === "vole"
    ? (digests, run) => vole.sender(digests, peer, voleOptions(run, context))
    : (digests, run) => ecdh.sender(digests, peer, { ...run, ...shared(context) });

const shared = ({ secrets, parameters }: Context): { secrets: Secrets; output: "both" | "receiver" } => ({
  secrets,
  output: isOneSided(parameters) ? "receiver" : "both",
});

const voleOptions = (
  { binding, partnerCount, failureBits, progress }: buckets.BucketRun,
  context: Context,
): vole.VolePsiOptions => ({
  ...shared(context),
  setting: context.parameters.security === "malicious" ? "malicious" : "fast",
  binding,
  partnerRows: partnerCount,
  failureBits,
  progress,
});
