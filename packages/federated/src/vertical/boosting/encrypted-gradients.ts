/** Encrypts the gradients of a tree once, however many hosts get them, chunk by chunk as they are sent. */
import type { Secrets } from "@tombolo/base";
import type { HePrivateKey } from "@tombolo/crypto";
import type { Gradients } from "./objective.ts";
import { planPacking } from "./packing.ts";
import type { BoostingParameters } from "./parameters.ts";

const CHUNK_ROWS = 4096;

export class EncryptedGradients {
  private readonly key: HePrivateKey;
  private readonly secrets: Secrets;
  private readonly parameters: BoostingParameters;
  private readonly hosts: number;
  private current: Gradients | undefined;
  /** Chunks under way, with how many hosts have still to take them. */
  private readonly pending = new Map<number, { chunk: Promise<Uint8Array>; left: number }>();

  constructor(key: HePrivateKey, secrets: Secrets, parameters: BoostingParameters, hosts: number) {
    this.key = key;
    this.secrets = secrets;
    this.parameters = parameters;
    this.hosts = hosts;
  }

  /** The ciphertexts of `rows`, in order, the same for every host that asks for the same gradients. */
  async *chunks(gradients: Gradients, rows: Int32Array): AsyncIterable<Uint8Array> {
    if (this.current !== gradients) {
      this.current = gradients;
      this.pending.clear();
    }
    for (let first = 0; first < rows.length; first += CHUNK_ROWS) yield await this.chunk(gradients, rows, first);
  }

  private chunk(gradients: Gradients, rows: Int32Array, first: number): Promise<Uint8Array> {
    const entry = this.pending.get(first) ?? { chunk: this.encrypt(gradients, rows, first), left: this.hosts };
    entry.left--;
    if (entry.left === 0) this.pending.delete(first);
    else this.pending.set(first, entry);
    return entry.chunk;
  }

  private encrypt(gradients: Gradients, rows: Int32Array, first: number): Promise<Uint8Array> {
    const chunk = rows.subarray(first, first + CHUNK_ROWS);
    const packing = planPacking(this.parameters, rows.length, this.key.publicKey);
    const g = Float64Array.from(chunk, (row) => gradients.g[row]!);
    const h = Float64Array.from(chunk, (row) => gradients.h[row]!);
    return this.key.encrypt(packing.encode(g, h), this.secrets);
  }
}
