import { TomboloError } from "@tombolo/base";

/** Turns a payload into bytes and back. `decode` treats its input as hostile: it checks length, range and group. */
export interface Codec<T> {
  /** Part of the message-table hash, so it changes when the format does. */
  readonly name: string;
  encode(value: T): Uint8Array;
  /** Throws a TomboloError of family `protocol` for anything `encode` could not have made. */
  decode(bytes: Uint8Array): T;
}

/** One row of a message table: who sends what to whom. Streamed messages are sent any number of times, then closed. */
export interface Message<From extends string, To extends string, T, Streamed extends boolean = boolean> {
  readonly from: From;
  readonly to: To;
  readonly codec: Codec<T>;
  /** What the message means, in plain words: shown in the console's "what leaves my house". */
  readonly means: { readonly en: string; readonly zh: string };
  /** Largest encoded size of one message in bytes; a bigger one is refused unread. */
  readonly sizeMax: number;
  readonly streamed: Streamed;
}

/** A table holds messages of any payload; the conditional types below recover it. */
export type AnyMessage = Message<string, string, unknown>;
export type MessageTable = Readonly<Record<string, AnyMessage>>;

export interface MessageOptions {
  readonly means: { readonly en: string; readonly zh: string };
  /** Default 16 MiB, the most there is. */
  readonly sizeMax?: number;
}

export const MESSAGE_SIZE_MAX = 16 * 2 ** 20;

export function message<From extends string, To extends string, T>(
  from: From,
  to: To,
  codec: Codec<T>,
  options: MessageOptions,
): Message<From, To, T, false> {
  return { from, to, codec, means: options.means, sizeMax: checkedSize(options.sizeMax), streamed: false };
}

/** A message sent in chunks: `sendEach` and `receiveEach` on the peer. */
export function stream<From extends string, To extends string, T>(
  from: From,
  to: To,
  codec: Codec<T>,
  options: MessageOptions,
): Message<From, To, T, true> {
  return { from, to, codec, means: options.means, sizeMax: checkedSize(options.sizeMax), streamed: true };
}

function checkedSize(size = MESSAGE_SIZE_MAX): number {
  if (size < 1 || size > MESSAGE_SIZE_MAX) throw new TomboloError("input.size", "message size out of range");
  return size;
}

export type PayloadOf<M extends MessageTable, K extends keyof M> =
  M[K] extends Message<string, string, infer T> ? T : never;

/** Names in `M` that `Role` sends, single or streamed. */
export type SentBy<M extends MessageTable, Role extends string, Streamed extends boolean> = {
  [K in keyof M]: M[K] extends Message<Role, string, infer _, Streamed> ? K : never;
}[keyof M] &
  string;

/** Names in `M` that `Role` receives, single or streamed. */
export type ReceivedBy<M extends MessageTable, Role extends string, Streamed extends boolean> = {
  [K in keyof M]: M[K] extends Message<string, Role, infer _, Streamed> ? K : never;
}[keyof M] &
  string;
