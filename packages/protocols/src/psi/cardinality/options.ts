/** What psi/cardinality and psi/sum are told, and what they check before anything leaves. */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { NoiseKind } from "../../noise/index.ts";

export const ROWS_MAX = 2 ** 26;
export const ID_DIGEST_BYTES = 16;
const CHUNK_ROWS = 8192;
export const CHUNK_ROWS_MAX = 2 ** 15;

export interface CountProgress {
  readonly stage: "blind" | "match" | "done";
  /** Rows handled on this party's account. */
  readonly done: number;
  readonly total: number;
}

/** The same at both parties, but for `secrets`, `progress` and `chunkRows`. */
export interface CountOptions {
  readonly secrets: Secrets;
  /** Fewer matches than this give an error and no result; at least 1. The host enforces it. */
  readonly minimum: number;
  /** Noise that the host adds to all it releases, which is then private with this epsilon (in thousandths) as a whole. */
  readonly noise: { readonly kind: NoiseKind; readonly epsilonMilli: number };
  /** Epsilon, in thousandths, of the count as the host sees it: hidden among dummies. null: the host sees it exactly. */
  readonly hideFromHost: number | null;
  /** A partner outside these is refused before any id leaves; default 0 and ROWS_MAX. */
  readonly partnerRowsMin?: number;
  readonly partnerRowsMax?: number;
  /** Awaited with the partner's row count before anything that depends on own ids leaves; may reject. */
  readonly admit?: (partnerRows: number, party: string) => Promise<void>;
  readonly chunkRows?: number;
  /** Called once a chunk at most; must not throw. */
  readonly progress?: (progress: CountProgress) => void;
}

/** How many distinct ids. Throws if they are more than the protocol takes. */
export function checkedRows(digests: Uint8Array, rowsMax: number): number {
  const rows = digests.length / ID_DIGEST_BYTES;
  if (!Number.isInteger(rows)) throw new RangeError("digests of a wrong length");
  if (rows > rowsMax) throw new TomboloError("input.rows", `this protocol takes at most ${rowsMax} rows`);
  return rows;
}

export function checkOptions({ minimum, chunkRows = CHUNK_ROWS }: CountOptions): void {
  if (!Number.isInteger(minimum) || minimum < 1)
    throw new TomboloError("input.minimum", "the least number of matches is a whole number from 1 on");
  if (!Number.isInteger(chunkRows) || chunkRows < 1 || chunkRows > CHUNK_ROWS_MAX)
    throw new TomboloError("input.chunk-rows", `a chunk has 1 to ${CHUNK_ROWS_MAX} rows`);
}

export const chunkRowsOf = ({ chunkRows = CHUNK_ROWS }: CountOptions): number => chunkRows;

/** Sizes are in the disclosure, and so is this refusal. */
/** `extra`: places for dummies, which a partner could fill with ids (SECURITY.md rule 8). */
export async function admitPartner(
  rows: number,
  extra: number,
  party: string,
  options: CountOptions,
  stage: string,
): Promise<void> {
  const { partnerRowsMin = 0, partnerRowsMax = ROWS_MAX } = options;
  if (rows >= partnerRowsMin && rows <= partnerRowsMax) return options.admit?.(rows + extra, party);
  throw new TomboloError("consent.rows", "the partner's number of rows is outside the agreed limits", {
    stage,
    blame: party,
    remedy: "Match other data, or agree on other limits.",
  });
}

/** Too few matches: all that anyone learns is this, and at the host the count. */
export const tooFew = (minimum: number, stage: string): TomboloError =>
  new TomboloError("consent.minimum-matched", `fewer than the agreed ${minimum} rows match, so there is no result`, {
    stage,
    remedy: "Match more rows.",
  });

export class CountProgressMeter {
  readonly #report: CountOptions["progress"];
  readonly #total: number;
  #done = 0;

  constructor({ progress }: CountOptions, total: number) {
    this.#report = progress;
    this.#total = total;
  }

  add(stage: CountProgress["stage"], rows: number): void {
    this.#done += rows;
    this.#report?.({ stage, done: this.#done, total: this.#total });
  }
}
