/**
 * What ties the bytes of a session to one consent, job, task and attempt (SECURITY.md rule 5).
 *
 * `helloHash` goes out as the first frame of each direction; `sessionPrefix` is the same without the direction and
 * so equal at all parties of a task that share a message table: protocols start every random-oracle and
 * key-derivation input with it (and add the two party ids where pairs must differ). Each lane of a session has its own.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson, concat, type Json, toHex, utf8 } from "@tombolo/base";
import { messageNames } from "./frame.ts";
import type { SessionBinding } from "./link.ts";
import type { MessageTable } from "./message.ts";

const LABEL = {
  table: utf8("tombolo/channel/table/1\0"),
  hello: utf8("tombolo/channel/hello/1\0"),
  prefix: utf8("tombolo/channel/prefix/1\0"),
} as const;

export interface Endpoint {
  readonly party: string;
  readonly role: string;
}

/** Covers everything of a table that both sides must agree on: names, order, directions, codecs and sizes. */
export function tableHash(table: MessageTable): Uint8Array {
  const rows = messageNames(table).map((name): Json => {
    const { from, to, codec, sizeMax, streamed } = table[name]!;
    return { name, from, to, codec: codec.name, sizeMax, streamed };
  });
  return sha256(concat(LABEL.table, canonicalJson(rows)));
}

export function sessionPrefix(binding: SessionBinding, table: MessageTable): Uint8Array {
  return sha256(concat(LABEL.prefix, canonicalJson(common(binding, table))));
}

export function helloHash(binding: SessionBinding, table: MessageTable, from: Endpoint, to: Endpoint): Uint8Array {
  const directed = { ...common(binding, table), from: { ...from }, to: { ...to } };
  return sha256(concat(LABEL.hello, canonicalJson(directed)));
}

function common(binding: SessionBinding, table: MessageTable): { [key: string]: Json } {
  return {
    consent: toHex(binding.consentHash),
    job: binding.job,
    task: binding.task,
    attempt: binding.attempt,
    componentVersion: binding.componentVersion,
    protocol: binding.protocol,
    suite: binding.suite,
    ...(binding.inputs === undefined ? {} : { inputs: binding.inputs }),
    ...(binding.lane === undefined ? {} : { lane: binding.lane }),
    messages: toHex(tableHash(table)),
  };
}
