/** What a peer streams, held against what it declared. */
import type { TomboloError } from "@tombolo/base";
import { onPoints as onPeerPoints } from "../../on-points.ts";
import { refused } from "./steps.ts";

/** All chunks in one array of exactly `length` bytes. */
export async function collect(chunks: AsyncIterable<Uint8Array>, length: number, party: string): Promise<Uint8Array> {
  const out = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunks) {
    if (at + chunk.length > length) throw wrongSize(party);
    out.set(chunk, at);
    at += chunk.length;
  }
  if (at !== length) throw wrongSize(party);
  return out;
}

/** A view of the stream in cuts of `size` bytes. */
export function* cut(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export const wrongSize = (party: string): TomboloError =>
  refused("size", "the partner sent another number of ids than it declared", party);

/** How many points a chunk has; the streams carry points of either suite. */
export function pointCount(chunk: Uint8Array, width: number, party: string): number {
  if (chunk.length % width !== 0) throw refused("malformed", "the partner sent half a point", party);
  return chunk.length / width;
}

/** A bad point is reported by its place in the whole stream, privately. */
export const onPoints = <T>(party: string, at: number, operate: () => Promise<T>): Promise<T> =>
  onPeerPoints("psi/ecdh", party, at, operate);
