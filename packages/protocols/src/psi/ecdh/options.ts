import { type Secrets, TomboloError } from "@tombolo/base";
import { PARTIES_MAX } from "../../coin-toss/index.ts";
import { CHUNK_ROWS_MAX } from "./messages.ts";
import { ROWS_MAX } from "./steps.ts";

export interface PsiProgress {
  readonly stage: "blind" | "evaluate" | "catalogue" | "match" | "order";
  /** Group operations on this party's account. */
  readonly done: number;
  readonly total: number;
}

export interface PsiOptions {
  readonly secrets: Secrets;
  /**
   * How many hosts the consent names. A host holds the guest's roster against it: told that there are fewer, its shares
   * would show the guest what they have in common.
   */
  readonly hostCount: number;
  /** A partner that declares fewer rows is refused before any id leaves; default 0. */
  readonly partnerRowsMin?: number;
  /** And one that declares more; default ROWS_MAX. */
  readonly partnerRowsMax?: number;
  /** Awaited with each partner's row count before anything that depends on own ids leaves; may reject. */
  readonly admit?: (partnerRows: number, party: string) => Promise<void>;
  /** Rows per chunk: computing, sending and receiving overlap chunk by chunk. Default 8192. */
  readonly chunkRows?: number;
  /** Called once a chunk at most; must not throw. */
  readonly progress?: (progress: PsiProgress) => void;
}

export interface PsiResult {
  /** Own input rows of the matched ids; row i is the same entity at every party. */
  readonly rows: Uint32Array;
  /** Rows each partner declared, in the order of the peers given. A host has one partner, the guest. */
  readonly partnerRows: readonly number[];
}

const CHUNK_ROWS = 8192;

export function chunkRowsOf({ chunkRows = CHUNK_ROWS }: PsiOptions): number {
  if (!Number.isInteger(chunkRows) || chunkRows < 1 || chunkRows > CHUNK_ROWS_MAX)
    throw new TomboloError("input.chunk-rows", `a chunk has 1 to ${CHUNK_ROWS_MAX} rows`);
  return chunkRows;
}

/** Sizes are in the disclosure, and so is this refusal. */
export function checkPartnerRows(rows: number, party: string, options: PsiOptions): void {
  const { partnerRowsMin = 0, partnerRowsMax = ROWS_MAX } = options;
  if (rows >= partnerRowsMin && rows <= partnerRowsMax) return;
  throw new TomboloError("consent.rows", "the partner's number of rows is outside the agreed limits", {
    stage: "psi/ecdh",
    blame: party,
    remedy: "Match other data, or agree on other limits.",
  });
}

/** Of the guest: the peers it was given, and what the consent names. */
export function checkHostCount(hostCount: number, options: PsiOptions): void {
  if (hostCount !== options.hostCount || hostCount < 2 || hostCount >= PARTIES_MAX)
    throw new TomboloError("input.parties", `matching in a star takes the agreed hosts, 2 to ${PARTIES_MAX - 1}`);
}

export function checkOwnRows(rows: number): void {
  if (rows > ROWS_MAX) throw new TomboloError("input.rows", `matching takes at most ${ROWS_MAX} rows`);
}

/** Counts group operations and reports them. */
export class ProgressCounter {
  readonly #report: PsiOptions["progress"];
  readonly #total: number;
  #done = 0;

  constructor(options: PsiOptions, total: number) {
    this.#report = options.progress;
    this.#total = total;
  }

  add(stage: PsiProgress["stage"], count: number): void {
    this.#done += count;
    this.#report?.({ stage, done: this.#done, total: this.#total });
  }
}
