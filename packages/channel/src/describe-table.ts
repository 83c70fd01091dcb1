import { messageNames } from "./frame.ts";
import type { MessageTable } from "./message.ts";

/** A message table as documentation and the console's "what leaves my house" show it. */
export interface MessageDescription {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly means: { readonly en: string; readonly zh: string };
  readonly sizeMax: number;
  readonly streamed: boolean;
  readonly codec: string;
}

/** In the order of the table, which is the order of the protocol. */
export function describeTable(table: MessageTable): readonly MessageDescription[] {
  return Object.entries(table).map(([name, { from, to, means, sizeMax, streamed, codec }]) => ({
    name,
    from,
    to,
    means,
    sizeMax,
    streamed,
    codec: codec.name,
  }));
}

/** The name of the message a frame carries, or null: for meters and test hooks that look at frames from outside. */
export const messageNameAt = (table: MessageTable, index: number): string | null => messageNames(table)[index] ?? null;
