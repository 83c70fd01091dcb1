/**
 * Which addresses a partner's host name may lead to (SECURITY.md rule 18): never link-local, metadata, multicast or
 * unspecified ones; loopback and private ones only where the own administrator allows them.
 */
import { lookup } from "node:dns/promises";
import { BlockList, isIP, isIPv6 } from "node:net";
import { TomboloError } from "@tombolo/base";

export interface AddressPolicy {
  readonly allowPrivate: boolean;
}

type Subnet = readonly [address: string, prefix: number, family: "ipv4" | "ipv6"];

const NEVER: readonly Subnet[] = [
  ["0.0.0.0", 8, "ipv4"],
  ["169.254.0.0", 16, "ipv4"], // link-local, and most clouds' metadata
  ["100.100.100.200", 32, "ipv4"], // metadata of Alibaba Cloud
  ["192.0.0.192", 32, "ipv4"], // metadata of Oracle Cloud
  ["168.63.129.16", 32, "ipv4"], // host agent of Azure
  ["224.0.0.0", 4, "ipv4"],
  ["240.0.0.0", 4, "ipv4"],
  ["::", 128, "ipv6"],
  ["64:ff9b::", 96, "ipv6"], // NAT64: would lead around the IPv4 rules
  ["2002::", 16, "ipv6"], // 6to4: likewise
  ["fe80::", 10, "ipv6"],
  ["fd00:ec2::254", 128, "ipv6"],
  ["ff00::", 8, "ipv6"],
];
const PRIVATE: readonly Subnet[] = [
  ["10.0.0.0", 8, "ipv4"],
  ["100.64.0.0", 10, "ipv4"],
  ["127.0.0.0", 8, "ipv4"],
  ["172.16.0.0", 12, "ipv4"],
  ["192.168.0.0", 16, "ipv4"],
  ["::1", 128, "ipv6"],
  ["fc00::", 7, "ipv6"],
];

function blockList(subnets: readonly Subnet[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix, family] of subnets) list.addSubnet(address, prefix, family);
  return list;
}
const never = blockList(NEVER);
const privately = blockList(PRIVATE);

/** Throws `transport.address` unless a partner may be dialled at this IP address. */
export function guardAddress(address: string, policy: AddressPolicy): void {
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (never.check(address, family))
    throw new TomboloError("transport.address", "the partner's address is one that is never dialled", {
      remedy: "Ask the partner for its public address.",
      detail: { address },
    });
  if (!policy.allowPrivate && privately.check(address, family))
    throw new TomboloError("transport.address", "the partner's address is a private one", {
      remedy:
        "If this network is meant, set partner.allowPrivateAddresses: true in node.yaml (or TOMBOLO_PARTNER_ALLOW_PRIVATE_ADDRESSES=true) and start the node again.",
      detail: { address },
    });
}

/** Resolves once and checks; what is dialled is the address returned, so a second answer of the name cannot matter. */
export async function resolveGuarded(host: string, policy: AddressPolicy): Promise<string> {
  const address = isIP(host) === 0 ? await resolved(host) : host;
  guardAddress(address, policy);
  return address;
}

async function resolved(host: string): Promise<string> {
  try {
    return (await lookup(host, { order: "ipv4first" })).address;
  } catch (cause) {
    throw new TomboloError("transport.name", `the host name ${host} cannot be resolved`, {
      remedy: "Check the partner's address and this machine's DNS, or name the outbound proxy.",
      cause,
    });
  }
}
