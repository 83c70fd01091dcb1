/** Keys of a file as they are asked: each once, whole, and short enough; decided here, before anything is sent. */

/** As the node takes them. */
export const PART_MAX = 400;
/** From here on a job on a dataset asks in one go what a service would be asked in many calls. */
export const MANY_KEYS = 50_000;
/** Larger files are not read into the page. */
export const FILE_BYTES_MAX = 32 * 2 ** 20;

export interface FileRows {
  /** Names of the first line; null where it holds a row. */
  readonly header: readonly string[] | null;
  readonly rows: readonly (readonly string[])[];
  readonly width: number;
}

export function fileRows(lines: readonly (readonly string[])[], hasHeader: boolean): FileRows {
  const width = Math.max(0, ...lines.slice(0, 1000).map((line) => line.length));
  return hasHeader ? { header: lines[0] ?? [], rows: lines.slice(1), width } : { header: null, rows: lines, width };
}

/** Whether a first line names columns: it names one of the keys, or no cell of it has a digit while the next line's has. */
export function looksLikeHeader(lines: readonly (readonly string[])[], keys: readonly string[]): boolean {
  const [first = [], second = []] = lines;
  const known = new Set(keys.map((key) => key.toLowerCase()));
  if (first.some((cell) => known.has(cell.toLowerCase()))) return true;
  const figures = (line: readonly string[]): boolean => line.some((cell) => /\d/.test(cell));
  return lines.length > 1 && !figures(first) && figures(second);
}

/** The file's column for each part of a key: by its name, else the first that is left. */
export function guessColumns({ header, width }: FileRows, keys: readonly string[]): number[] {
  const names = (header ?? []).map((name) => name.toLowerCase());
  const taken = new Set<number>();
  const named = keys.map((key) => {
    const at = names.indexOf(key.toLowerCase());
    if (at >= 0) taken.add(at);
    return at;
  });
  return named.map((at) => {
    if (at >= 0) return at;
    const free = Array.from({ length: width }, (_, i) => i).find((i) => !taken.has(i)) ?? 0;
    taken.add(free);
    return free;
  });
}

export interface Keys {
  /** Each asked once. */
  readonly keys: readonly (readonly string[])[];
  /** By row of the file: its place in `keys`; -1: not asked. */
  readonly keyOf: Int32Array;
  readonly repeated: number;
  readonly unusable: number;
  /** Lines of the file, from 1, of the first that cannot be asked. */
  readonly unusableLines: readonly number[];
}

const LINES_SHOWN = 10;

export function keysOf({ header, rows }: FileRows, columns: readonly number[]): Keys {
  const places = new Map<string, number>();
  const keys: string[][] = [];
  const keyOf = new Int32Array(rows.length).fill(-1);
  const lines: number[] = [];
  let [repeated, unusable] = [0, 0];
  rows.forEach((row, i) => {
    const key = columns.map((column) => row[column] ?? "");
    if (key.some((part) => part === "" || part.length > PART_MAX)) {
      unusable++;
      if (lines.length < LINES_SHOWN) lines.push(i + (header === null ? 1 : 2));
      return;
    }
    const text = JSON.stringify(key);
    const known = places.get(text);
    if (known === undefined) {
      places.set(text, keys.length);
      keyOf[i] = keys.length;
      keys.push(key);
    } else {
      repeated++;
      keyOf[i] = known;
    }
  });
  return { keys, keyOf, repeated, unusable, unusableLines: lines };
}

/** What was pasted into a box of one part and holds them all: "李雷,110101199001011234,13800138000". */
export function splitKey(text: string, parts: number): string[] | undefined {
  if (parts < 2) return undefined;
  const found = text.split(/[\t,，;；]+/).map((part) => part.trim());
  return found.length === parts && found.every((part) => part !== "") ? found : undefined;
}
