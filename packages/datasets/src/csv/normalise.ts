/** A CSV file of any encoding, delimiter and line ending to the one plain form the import reads; checked on the way. */
import { open } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import { csvError } from "../failures.ts";
import type { ImportLimits } from "../types.ts";
import { CsvCleaner } from "./cleaner.ts";
import { sniffDelimiter } from "./delimiter.ts";
import { type Encoding, sniffEncoding, Utf8Source } from "./encoding.ts";

const SAMPLE_BYTES = 2 ** 20;

export interface NormaliseOptions {
  readonly encoding: Encoding | "auto";
  readonly delimiter: string | "auto";
  readonly limits: ImportLimits;
  readonly signal?: AbortSignal;
  onBytes?(bytes: number): void;
}

export interface NormalisedCsv {
  readonly header: readonly string[];
  readonly rowCount: number;
  readonly encoding: Encoding;
  readonly delimiter: string;
}

/** Writes the plain form to `target`. Throws `input.csv` with the line at fault. */
export async function normaliseCsv(
  source: AsyncIterable<Uint8Array>,
  target: string,
  options: NormaliseOptions,
): Promise<NormalisedCsv> {
  const { sample, rest, whole } = await readSample(source, SAMPLE_BYTES);
  const encoding = options.encoding === "auto" ? sniffed(sample, whole) : options.encoding;
  const text = new Utf8Source(encoding);
  const first = text.push(sample, whole);
  if (first.includes(0)) throw csvError("this is not a text file", "Choose a CSV or Parquet file.");
  const delimiter = options.delimiter === "auto" ? sniffDelimiter(first) : options.delimiter;
  const { rowsMax, columnsMax } = options.limits;
  const cleaner = new CsvCleaner({ delimiter, rowsMax, columnsMax });
  const out = await open(target, "wx", 0o600);
  try {
    const write = (bytes: Uint8Array): Promise<unknown> =>
      bytes.length === 0 ? Promise.resolve() : out.writeFile(bytes);
    await write(cleaner.push(first));
    for await (const chunk of counted(rest, sample.length, options)) await write(cleaner.push(text.push(chunk, false)));
    if (!whole) await write(cleaner.push(text.push(new Uint8Array(0), true)));
    await write(cleaner.end());
  } finally {
    await out.close();
  }
  return { header: cleaner.header, rowCount: cleaner.rowCount, encoding, delimiter };
}

function sniffed(sample: Uint8Array, whole: boolean): Encoding {
  const encoding = sniffEncoding(sample, whole);
  // As UTF-8 the check that follows names the line at fault.
  return encoding ?? "utf-8";
}

interface Sample {
  readonly sample: Uint8Array;
  readonly rest: AsyncIterator<Uint8Array>;
  readonly whole: boolean;
}

async function readSample(source: AsyncIterable<Uint8Array>, bytes: number): Promise<Sample> {
  const rest = source[Symbol.asyncIterator]();
  const parts: Uint8Array[] = [];
  let length = 0;
  while (length < bytes) {
    const next = await rest.next();
    if (next.done) return { sample: Buffer.concat(parts), rest, whole: true };
    parts.push(next.value);
    length += next.value.length;
  }
  return { sample: Buffer.concat(parts), rest, whole: false };
}

async function* counted(
  rest: AsyncIterator<Uint8Array>,
  already: number,
  { limits, signal, onBytes }: NormaliseOptions,
): AsyncGenerator<Uint8Array> {
  let total = already;
  onBytes?.(total);
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    signal?.throwIfAborted();
    total += next.value.length;
    if (total > limits.bytesMax) throw tooLarge(limits.bytesMax);
    onBytes?.(total);
    yield next.value;
  }
}

export const tooLarge = (bytesMax: number): TomboloError =>
  new TomboloError("input.size", `the file is larger than ${bytesMax} bytes`, {
    remedy: "Split it, or raise this node's limit.",
  });
