/** What is made ahead, by kind: what is kept of each transfer's keys, and how much memory one takes while it waits. */
import type { KeyForm } from "@tombolo/crypto";

/** For tables of sixteen entries that tell one thing, two, or four; for words under keys of eight bytes, or of sixteen. */
export const FORMS = {
  equal: { kind: "digits", planes: 1 },
  order: { kind: "digits", planes: 2 },
  range: { kind: "digits", planes: 4 },
  words: { kind: "words" },
  blocks: { kind: "blocks" },
} as const satisfies Readonly<Record<string, KeyForm>>;

export type Cut = keyof typeof FORMS;
export const CUTS = Object.keys(FORMS) as readonly Cut[];

export const byCut = <T>(make: (cut: Cut) => T): Readonly<Record<Cut, T>> => ({
  equal: make("equal"),
  order: make("order"),
  range: make("range"),
  words: make("words"),
  blocks: make("blocks"),
});

/** Bytes of one; those of transfers are in transfers.ts. */
export const HELD_BYTES = { bitTriples: 5 / 8, triples: 24, squares: 16 } as const;

const NONE = new Uint8Array(0);
const NO_WORDS = new BigUint64Array(0);

/** None of each kind. Of keys of 0 and of 1 a vector each; pads of tables are of both. */
export const EMPTY = {
  bitTriples: { b: NONE, a: NONE, aToo: NONE, c: NONE, cToo: NONE },
  triples: { a: NO_WORDS, b: NO_WORDS, c: NO_WORDS },
  squares: { a: NO_WORDS, c: NO_WORDS },
  sent: byCut(
    (cut): Readonly<Record<string, Uint8Array>> =>
      FORMS[cut].kind === "digits" ? { pads: NONE } : { zero: NONE, one: NONE },
  ),
  received: { choices: NONE, kept: NONE },
} as const;
