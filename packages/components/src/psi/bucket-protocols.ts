/** What the parties may run in each bucket, under the role each has in it: the guest is the one that receives first. */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import * as buckets from "@tombolo/protocols/psi/buckets";
import * as ecdh from "@tombolo/protocols/psi/ecdh";
import * as multiParty from "@tombolo/protocols/psi/multi-party";
import * as vole from "@tombolo/protocols/psi/vole";
import { guestPeer, hostsOf } from "../tables.ts";
import { isOneSided } from "./choices.ts";
import type { Context } from "./parameters.ts";

/** All that a match may send; which of it is the protocol's that the consent names. */
export const messages = {
  ...buckets.messages,
  ...buckets.hostMessages,
  ...buckets.copyMessages,
  ...ecdh.messages,
  ...vole.messagesOf("guest", "host"),
  ...multiParty.messages,
};

/** The partners' ends, under the names of the own role. */
export type Links =
  | { readonly role: "guest"; readonly hosts: readonly Peer<typeof messages, "guest">[] }
  | {
      readonly role: "host";
      readonly guest: Peer<typeof messages, "host">;
      readonly others: multiParty.Others & buckets.OtherHosts;
    };

export async function openLinks(context: Context): Promise<Links> {
  const hosts = hostsOf(context).map(({ party }) => party);
  if (context.self.role === "guest")
    return {
      role: "guest",
      hosts: await Promise.all(hosts.map((party) => context.peer(messages, "guest", "host", party))),
    };
  const place = hosts.indexOf(context.self.party);
  const [guest, earlier, later] = await Promise.all([
    guestPeer(context, messages),
    Promise.all(hosts.slice(0, place).map((party) => context.peer(messages, "later host", "earlier host", party))),
    Promise.all(hosts.slice(place + 1).map((party) => context.peer(messages, "earlier host", "later host", party))),
  ]);
  return { role: "host", guest, others: { earlier, later } };
}

type Options = Omit<buckets.MatchOptions, "protocol">;

export const matchBuckets = (
  ids: buckets.IdStore,
  links: Links,
  context: Context,
  options: Options,
): Promise<buckets.MatchResult> =>
  links.role === "guest"
    ? buckets.guest(ids, links.hosts, { ...options, ...asks(context), protocol: asGuest(links.hosts, context) })
    : buckets.host(
        ids,
        links.guest,
        { ...options, ...asks(context), protocol: asHost(links.guest, links.others, context) },
        links.others,
      );

/** Tables that partners send can hide more ids than they declare. */
function asks({ parameters: { protocol }, self, participants }: Context): Pick<Options, "asksOf"> {
  if (protocol === "multi-party") return { asksOf: multiParty.asksOf(participants.length) };
  return protocol === "vole" && self.role === "host" ? { asksOf: vole.asksOf } : {};
}

function asGuest(hosts: readonly Peer<typeof messages, "guest">[], context: Context): buckets.BucketProtocol {
  const peer = hosts[0]!;
  const { protocol, suite } = context.parameters;
  switch (protocol) {
    case "ecdh":
      return (digests, run) => ecdh.receiver(digests, peer, { ...pair(run, 1), ...shared(context), suite });
    case "vole":
      return (digests, run) => vole.receiver(digests, peer, voleOptions(run, 1, context));
    case "multi-party":
      return (digests, run) => multiParty.guest(digests, hosts, { ...run, ...severalOptions(context) });
  }
}

function asHost(
  peer: Peer<typeof messages, "host">,
  others: multiParty.Others,
  context: Context,
): buckets.BucketProtocol {
  const { protocol, suite } = context.parameters;
  switch (protocol) {
    case "ecdh":
      return (digests, run) => ecdh.sender(digests, peer, { ...pair(run, 0), ...shared(context), suite });
    case "vole":
      return (digests, run) => vole.sender(digests, peer, voleOptions(run, 0, context));
    case "multi-party":
      return (digests, run) => multiParty.host(digests, peer, others, { ...run, ...severalOptions(context) });
  }
}

/** `partner`: its place. */
const pair = ({ binding, counts, progress }: buckets.BucketRun, partner: 0 | 1) => ({
  binding,
  partnerCount: counts[partner]!,
  progress,
});

const shared = ({ secrets, parameters }: Context): { secrets: Secrets; output: "both" | "receiver" } => ({
  secrets,
  output: isOneSided(parameters) ? "receiver" : "both",
});

const severalOptions = ({ secrets, parameters }: Context) => ({
  secrets,
  ...(isOneSided(parameters) ? { receivers: [0] } : {}),
});

const voleOptions = (
  { binding, counts, failureBits, progress }: buckets.BucketRun,
  partner: 0 | 1,
  context: Context,
): vole.VolePsiOptions => ({
  ...shared(context),
  setting: context.parameters.security === "malicious" ? "malicious" : "fast",
  binding,
  partnerRows: counts[partner]!,
  failureBits,
  progress,
});
