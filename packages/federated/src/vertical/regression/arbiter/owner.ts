/** What guest and hosts do alike: their own part of residuals, their own gradients, their own steps. */
import type { Secrets } from "@tombolo/base";
import type { HePublicKey } from "@tombolo/crypto";
import { type Columns, ownCoefficients } from "../design.ts";
import type { TrainedPart } from "../sides.ts";
import type { ArbiterCheckpoint } from "./checkpoint.ts";
import { decodeSum, encryptedParts } from "./contributions.ts";
import { Descent } from "./descent.ts";
import { inUnits, slopeOf } from "./loss.ts";
import { maskedSums, slotPlan } from "./masked-sums.ts";
import { allPredictors, type OwnMatrix, ownMatrix, predictors } from "./matrix.ts";
import type { OpenedTraining, OwnSizes } from "./opening.ts";
import { type ArbiterParameters, checkArbiterParameters } from "./parameters.ts";
import { chunksOf, collected, type ToArbiterPeer } from "./peers.ts";

export interface ArbiterOwnerInput {
  readonly columns: Columns;
  readonly rowCount: number;
  readonly parameters: ArbiterParameters;
  /** Of an earlier attempt: the newest last. */
  readonly resumeFrom?: readonly ArbiterCheckpoint[] | undefined;
  readonly onResume?: ((epochs: number) => void) | undefined;
  /** After each epoch; the next one waits for it. */
  readonly onEpoch?: ((checkpoint: ArbiterCheckpoint) => Promise<void>) | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface ArbiterTrained extends TrainedPart {
  readonly converged: boolean;
  /** Lengths of own mean gradients, by epoch. */
  readonly gradients: readonly number[];
}

/** Throws what is wrong with own columns, before anything is sent. */
export async function ownSizes(
  input: ArbiterOwnerInput,
  side: "guest" | "host",
): Promise<OwnSizes & { readonly matrix: OwnMatrix }> {
  const { parameters, rowCount, resumeFrom } = input;
  checkArbiterParameters(parameters);
  const matrix = await ownMatrix(input.columns, rowCount, parameters, side);
  const { terms, columns } = matrix.design;
  return { parameters, rowCount, matrix, terms: terms.length, columns: columns.length, kept: resumeFrom ?? [] };
}

export class OwnerTraining {
  readonly #input: ArbiterOwnerInput;
  readonly #matrix: OwnMatrix;
  readonly #opened: OpenedTraining;
  readonly #arbiter: ToArbiterPeer;
  readonly #secrets: Secrets;
  readonly #descent: Descent;

  constructor(
    input: ArbiterOwnerInput,
    matrix: OwnMatrix,
    opened: OpenedTraining,
    arbiter: ToArbiterPeer,
    secrets: Secrets,
  ) {
    this.#input = input;
    this.#matrix = matrix;
    this.#opened = opened;
    this.#arbiter = arbiter;
    this.#secrets = secrets;
    this.#descent = new Descent(matrix, input.parameters, opened.start.terms.length, opened.state);
    if (opened.start.epoch > 0) input.onResume?.(opened.start.epoch);
  }

  get epochs(): number {
    return this.#descent.state.gradients.length;
  }

  get parts(): readonly number[] {
    return [...this.#matrix.rows.keys()];
  }

  rowsOf(part: number): number {
    return this.#matrix.rows[part]!;
  }

  /** Own part of each row's residual; encrypted as it is read. */
  encrypted(part: number, labels: Float64Array | null): AsyncIterable<Uint8Array> {
    this.#input.signal?.throwIfAborted();
    const slope = slopeOf(this.#input.parameters);
    const own = predictors(this.#matrix, part, this.#descent.weights).map((z, row) => slope * z + (labels?.[row] ?? 0));
    return encryptedParts(own, this.#opened.key, this.#secrets);
  }

  /** Own sums over the part's encrypted residuals, by the arbiter, and the step that follows from them. */
  async step(part: number, residuals: Uint8Array): Promise<void> {
    const { key, start } = this.#opened;
    const rows = this.rowsOf(part);
    const { columns } = this.#matrix.design;
    const parties = start.terms.length;
    const sums: bigint[] = [];
    if (columns.length > 0) {
      const plan = slotPlan(key, rows, parties);
      const masked = await maskedSums({ key, plan, residuals, columns, part }, this.#secrets);
      sums.push(...masked.open(await this.#decrypted(key, masked.ciphertexts)));
    }
    const own = columns.map(({ numbers, step, zero }, j) => {
      const weights = BigInt(numbers[part]!.reduce((sum, k) => sum + k - zero, 0));
      return decodeSum(sums[j]!, { weights, parties, step });
    });
    this.#descent.step(Float64Array.from(own), rows);
  }

  async #decrypted(key: HePublicKey, ciphertexts: Uint8Array): Promise<Uint8Array> {
    await this.#arbiter.send("request", { more: true });
    await this.#arbiter.sendEach("sums", chunksOf(ciphertexts, key.ciphertextBytes));
    const count = ciphertexts.length / key.ciphertextBytes;
    const chunks = this.#arbiter.receiveEach("plaintexts");
    return collected(chunks, count * key.plaintextBytes, this.#arbiter.party);
  }

  /** Whether the own gradient is below the tolerance. */
  endEpoch(): boolean {
    return this.#descent.endEpoch() < this.#input.parameters.tolerance;
  }

  async keep(): Promise<void> {
    await this.#input.onEpoch?.({ run: this.#opened.start.run, state: this.#descent.state });
  }

  async end(converged: boolean, centre: number): Promise<ArbiterTrained> {
    await this.#arbiter.send("request", { more: false });
    const { labelExponent: exponent, run } = this.#opened.start;
    const { mean, gradients } = this.#descent.state;
    const weights = inUnits(mean, { exponent, centre });
    const { design } = this.#matrix;
    const contributions = allPredictors(this.#matrix, weights);
    return { run, design, ...ownCoefficients(design, weights, 1), contributions, converged, gradients };
  }
}
