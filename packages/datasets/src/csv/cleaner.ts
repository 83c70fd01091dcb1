/**
 * Reads CSV bytes once, checks what a database would guess about (RFC 4180 with any delimiter), and gives out the same
 * records in one plain form: no header, line feeds only, no blank lines. Faults name their line. Bytes are only copied,
 * never decoded, so that this runs at disk speed.
 */
import { csvError } from "../failures.ts";

const LF = 10;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;

/** A record longer than this is an unclosed quote far more often than data. */
export const RECORD_BYTES_MAX = 2 ** 20;

export interface CleanerOptions {
  /** One ASCII character. */
  readonly delimiter: string;
  readonly rowsMax: number;
  readonly columnsMax: number;
}

type Place = "start" | "plain" | "quoted" | "closed";

export class CsvCleaner {
  readonly #options: CleanerOptions;
  readonly #delimiter: number;
  /** By place, 1 for bytes that neither end it nor are counted or refused. */
  readonly #ordinary: Partial<Record<Place, Uint8Array>>;
  #header: string[] | undefined;
  #headerBytes: number[] = [];
  #place: Place = "start";
  #line = 1;
  #recordLine = 1;
  #quoteLine = 1;
  #fields = 1;
  #recordBytes = 0;
  #blank = true;
  #afterCr = false;
  #rowCount = 0;
  #columnCount = 0;

  constructor(options: CleanerOptions) {
    this.#options = options;
    this.#delimiter = options.delimiter.charCodeAt(0);
    this.#ordinary = { plain: allBut(0, LF, CR, this.#delimiter), quoted: allBut(0, LF, QUOTE) };
  }

  /** Column names; there once the first line has been read. */
  get header(): readonly string[] {
    if (this.#header === undefined) throw csvError("the file is empty", "Choose a file with a header line and rows.");
    return this.#header;
  }

  /** Columns of the header line, also where its names are at fault; 0 before it has been read. */
  get columnCount(): number {
    return this.#columnCount;
  }

  /** Records so far, the header not counted. */
  get rowCount(): number {
    return this.#rowCount;
  }

  push(bytes: Uint8Array): Uint8Array {
    // One byte out for each byte in, but for a blank record of one column, which becomes three.
    const out = new Uint8Array((this.#header === undefined || this.#header.length === 1 ? 3 : 1) * bytes.length);
    let length = 0;
    for (let i = 0; i < bytes.length; i++) {
      if (this.#header === undefined) {
        const taken = this.#step(bytes[i]!, out, 0);
        if (taken > 0) this.#headerBytes.push(out[0]!);
        continue;
      }
      // Most bytes are inside a value and mean nothing: no call for them.
      const ordinary = this.#ordinary[this.#place];
      if (ordinary !== undefined) {
        const from = i;
        while (i < bytes.length && ordinary[bytes[i]!] === 1) out[length++] = bytes[i++]!;
        this.#recordBytes += i - from;
        if (i === bytes.length) break;
      }
      length = this.#step(bytes[i]!, out, length);
    }
    return out.subarray(0, length);
  }

  /** Ends the last record, whether or not a line feed did. */
  end(): Uint8Array {
    if (this.#place === "quoted") throw this.#unclosed();
    const rest = this.#recordBytes > 0 ? this.push(new Uint8Array([LF])) : new Uint8Array(0);
    if (this.header.length > 0 && this.#rowCount === 0)
      throw csvError("the file has a header line but no rows", "Choose a file that holds rows below its header.");
    return rest;
  }

  /** Takes one byte; writes what stays of it; returns the new length of `out`. */
  #step(byte: number, out: Uint8Array, length: number): number {
    if (this.#afterCr) {
      this.#afterCr = false;
      if (byte === LF) return length;
    }
    if (byte === 0) throw this.#binary();
    if (++this.#recordBytes > RECORD_BYTES_MAX) throw this.#tooLong();
    if (this.#place === "quoted") return this.#quotedStep(byte, out, length);
    if (byte === QUOTE && this.#place !== "plain") return this.#openQuote(byte, out, length);
    if (byte === LF || byte === CR) {
      this.#afterCr = byte === CR;
      return this.#endRecord(out, length);
    }
    if (byte === this.#delimiter) {
      this.#fields++;
      this.#place = "start";
      this.#blank = false;
    } else if (byte === SPACE && this.#place !== "plain") {
      return length;
    } else if (this.#place === "closed") {
      throw this.#afterQuote();
    } else {
      this.#place = "plain";
      this.#blank = false;
    }
    out[length] = byte;
    return length + 1;
  }

  #quotedStep(byte: number, out: Uint8Array, length: number): number {
    if (byte === QUOTE) this.#place = "closed";
    else if (byte === LF) this.#line++;
    out[length] = byte;
    return length + 1;
  }

  /** In "closed" it is the second of two quotes that stand for one. */
  #openQuote(byte: number, out: Uint8Array, length: number): number {
    if (this.#place === "start") this.#quoteLine = this.#line;
    this.#place = "quoted";
    this.#blank = false;
    out[length] = byte;
    return length + 1;
  }

  #endRecord(out: Uint8Array, length: number): number {
    const { columnsMax, rowsMax } = this.#options;
    this.#line++;
    if (this.#header === undefined) return this.#endHeader(length, columnsMax);
    const blank = this.#blank && this.#fields === 1;
    if (!blank || this.#header.length === 1) {
      if (this.#fields !== this.#header.length) throw this.#ragged(this.#header.length);
      if (++this.#rowCount > rowsMax)
        throw csvError(`the file has more than ${rowsMax} rows`, "Split it, or raise this node's limit.");
      // A blank record of one column is a missing value; a bare line feed would be no record.
      if (blank) {
        out[length++] = QUOTE;
        out[length++] = QUOTE;
      }
      out[length++] = LF;
    }
    this.#startRecord();
    return length;
  }

  #endHeader(length: number, columnsMax: number): number {
    if (!(this.#blank && this.#fields === 1)) {
      this.#columnCount = this.#fields;
      this.#header = checkHeader(splitRecord(this.#headerBytes, this.#options.delimiter), columnsMax);
      this.#headerBytes = [];
    }
    this.#startRecord();
    return length;
  }

  #startRecord(): void {
    this.#place = "start";
    this.#fields = 1;
    this.#recordBytes = 0;
    this.#blank = true;
    this.#recordLine = this.#line;
  }

  #ragged(expected: number): Error {
    return csvError(
      `line ${this.#recordLine} has ${this.#fields} values, and the header has ${expected} columns`,
      "Mend that line; a value that holds the delimiter must be in double quotes.",
    );
  }

  #unclosed(): Error {
    return csvError(`a quote that opens on line ${this.#quoteLine} is never closed`, "Close it, or double it.");
  }

  #afterQuote(): Error {
    return csvError(`line ${this.#line} has text after a closing quote`, "Double the quotes inside a quoted value.");
  }

  #tooLong(): Error {
    if (this.#place === "quoted") return this.#unclosed();
    return csvError(`line ${this.#recordLine} is longer than ${RECORD_BYTES_MAX} bytes`, "Check the file's format.");
  }

  #binary(): Error {
    return csvError(`line ${this.#line} holds a zero byte: this is not a text file`, "Choose a CSV or Parquet file.");
  }
}

function allBut(...bytes: readonly number[]): Uint8Array {
  const ordinary = new Uint8Array(256).fill(1);
  for (const byte of bytes) ordinary[byte] = 0;
  return ordinary;
}

/** One checked record's values. */
export function splitRecord(bytes: readonly number[], delimiter: string): string[] {
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  const values: string[] = [];
  let value = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quoted && char === '"' && text[i + 1] === '"') value += text[++i];
    else if (char === '"' && (quoted || value === "")) quoted = !quoted;
    else if (!quoted && char === delimiter) {
      values.push(value);
      value = "";
    } else value += char;
  }
  return [...values, value].map((each) => each.trim());
}

const NAME_LENGTH_MAX = 120;

function checkHeader(names: readonly string[], columnsMax: number): string[] {
  if (names.length > columnsMax)
    throw csvError(`the header has ${names.length} columns, more than ${columnsMax}`, "Leave columns out.");
  return checkNames(names);
}

/** Names are shown to partners, so they must be safe text; databases fold case, so `A` and `a` are one name. */
export function checkNames(names: readonly string[]): string[] {
  const seen = new Map<string, number>();
  return names.map((name, i) => {
    const place = `column ${i + 1}`;
    if (name === "") throw csvError(`${place} has no name`, "Give every column a name in the header line.");
    if (name.length > NAME_LENGTH_MAX)
      throw csvError(`the name of ${place} is longer than ${NAME_LENGTH_MAX} characters`, "Shorten it.");
    if (/[\p{Cc}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/u.test(name))
      throw csvError(`the name of ${place} holds control or direction characters`, "Remove them.");
    const key = name.normalize("NFC").toLowerCase();
    const before = seen.get(key);
    if (before !== undefined)
      throw csvError(`the columns ${before} and ${i + 1} have the same name`, "Rename one of them.");
    seen.set(key, i + 1);
    return name.normalize("NFC");
  });
}
