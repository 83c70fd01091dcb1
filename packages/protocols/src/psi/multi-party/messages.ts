import { fixedWidth, stream } from "@tombolo/channel";
import { BLOCK_BYTES } from "@tombolo/crypto";
import { hintMessages, oprfMessages } from "../../opprf/index.ts";
import { renamed } from "../../renamed.ts";

/** Of a stream, at most. */
export const CHUNK_BYTES = 2 ** 20;

/** Between the guest and each host, in this order. */
export const guestMessages = {
  ...oprfMessages("guest", "host"), // 1
  ...hintMessages("guest", "host"), // 2
  inAll: stream("guest", "host", fixedWidth(BLOCK_BYTES), {
    means: { en: "Which ids all parties have", zh: "各方共有的标识" },
    sizeMax: CHUNK_BYTES,
  }), // 3: digests
};

const toEarlier = oprfMessages("earlier host", "later host");
const toLater = oprfMessages("later host", "earlier host");

/** Between any two hosts; the earlier is the one that the flow names first, and gets its values first. */
export const hostMessages = {
  ...renamed("earlier", toEarlier), // 1
  ...renamed("later", toLater), // 1
};

export type ToEarlier = typeof toEarlier;
export type ToLater = typeof toLater;

/** Of a whole run: each pair of parties uses its part. */
export const messages = { ...guestMessages, ...hostMessages };
