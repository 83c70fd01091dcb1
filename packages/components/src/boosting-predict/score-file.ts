/** Scores on their way into a table, on disk: a later attempt goes on behind those that are there. */
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import type { TaskContext } from "../component.ts";

const SCORE_BYTES = 8;
/** What a crash of the machine may cost. */
const SAVE_ROWS = 2 ** 19;
const READ_ROWS = 2 ** 16;

const saved = z.object({ rows: z.int().min(0) });

export class ScoreFile {
  rows: number;
  /** Numbers of a row. */
  readonly #width: number;
  readonly #context: TaskContext<unknown, unknown>;
  readonly #file: FileHandle;
  readonly #total: number;
  #saved: number;

  /** With the rows that an earlier attempt saved, of a table of `total`. */
  static async open(context: TaskContext<unknown, unknown>, total: number, width = 1): Promise<ScoreFile> {
    const path = join(await context.workFolder(), "scores");
    const kept = saved.safeParse(await context.checkpoint.load());
    const there = kept.success ? await open(path, "r+").catch(() => undefined) : undefined;
    const file = there ?? (await open(path, "w+", 0o600));
    const rows = there === undefined || !kept.success ? 0 : kept.data.rows;
    await file.truncate(rows * width * SCORE_BYTES);
    if (rows > 0) context.log("info", `${rows} of ${total} rows were scored before`);
    return new ScoreFile(context, file, rows, total, width);
  }

  private constructor(
    context: TaskContext<unknown, unknown>,
    file: FileHandle,
    rows: number,
    total: number,
    width: number,
  ) {
    this.#width = width;
    this.#context = context;
    this.#file = file;
    this.rows = rows;
    this.#saved = rows;
    this.#total = total;
  }

  async add(scores: Float64Array): Promise<void> {
    const bytes = new Uint8Array(scores.buffer, scores.byteOffset, scores.byteLength);
    const { bytesWritten } = await this.#file.write(bytes, { position: this.rows * this.#width * SCORE_BYTES });
    if (bytesWritten !== bytes.length) throw new TomboloError("resource.disk", "the scores could not be written");
    this.rows += scores.length / this.#width;
    if (this.rows - this.#saved < SAVE_ROWS && this.rows < this.#total) return;
    await this.#file.datasync();
    await this.#context.checkpoint.save({ rows: this.rows });
    this.#saved = this.rows;
  }

  /** All of them. */
  async *read(): AsyncIterable<Float64Array> {
    for (let at = 0; at < this.rows; at += READ_ROWS) {
      const part = new Float64Array(Math.min(READ_ROWS, this.rows - at) * this.#width);
      const bytes = new Uint8Array(part.buffer);
      const { bytesRead } = await this.#file.read(bytes, { position: at * this.#width * SCORE_BYTES });
      if (bytesRead !== bytes.length) throw new Error("assertion failed: the scores are all there");
      yield part;
    }
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
