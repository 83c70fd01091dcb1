/** What both processes of the PSI benchmark share. */
import type { Socket } from "node:net";
import { createMeter, openPeer, type Session, type SessionBinding } from "@tombolo/channel";
import { messages } from "@tombolo/protocols/psi/ecdh";
import { defaultIdRules, type EncodedIds, encodeIds, strictIdPolicy } from "@tombolo/protocols/psi/ids";
import { loopbackLink } from "./loopback-link.ts";

const binding: SessionBinding = {
  consentHash: new Uint8Array(32),
  job: "benchmark",
  task: "psi",
  attempt: 1,
  componentVersion: "1.0.0",
  protocol: "psi/ecdh",
  suite: "international",
};
const common = { binding, deadlineMs: 60_000 };

/** 19-byte ids from `first` on. */
export function makeIds(rows: number, first: number): EncodedIds {
  const column = Array.from({ length: rows }, (_, i) => `customer-${String(first + i).padStart(10, "0")}`);
  return encodeIds([{ column, rules: defaultIdRules }], strictIdPolicy);
}

export const openHost = (socket: Socket): Promise<Session<typeof messages, "host">> =>
  openPeer(loopbackLink(socket), messages, {
    ...common,
    role: "host",
    peerRole: "guest",
    self: "telco",
    party: "bank",
    meter: createMeter(),
  });

export const openGuest = (socket: Socket): Promise<Session<typeof messages, "guest">> =>
  openPeer(loopbackLink(socket), messages, {
    ...common,
    role: "guest",
    peerRole: "host",
    self: "bank",
    party: "telco",
    meter: createMeter(),
  });
