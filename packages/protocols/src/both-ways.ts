import { bytes, type Message, message } from "@tombolo/channel";

type BothWays<K extends string> = { readonly [N in `first${K}`]: Message<"first", "second", Uint8Array, false> } & {
  readonly [N in `second${K}`]: Message<"second", "first", Uint8Array, false>;
};

/** A message of bytes that both of two send alike: `first…` goes to the second, `second…` to the first. */
export function bothWays<const K extends string>(
  name: K,
  means: { readonly en: string; readonly zh: string },
  sizeMax: number,
): BothWays<K> {
  return {
    [`first${name}`]: message("first", "second", bytes(sizeMax), { means, sizeMax }),
    [`second${name}`]: message("second", "first", bytes(sizeMax), { means, sizeMax }),
    // A computed name is a string to the compiler; the type says which.
  } as BothWays<K>;
}
