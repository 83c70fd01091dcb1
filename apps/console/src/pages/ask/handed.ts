/** What was about to be asked of a service and becomes a job: kept in the page's memory until the other page has taken it. */

export interface Handed {
  /** Rows with a first line of names; null where they could not be read. */
  readonly file: File | null;
  /** Names of the columns that hold the parts of a key, in their order. */
  readonly keys: readonly string[];
  /** Different keys, where they were counted. */
  readonly count: number | null;
  /** Yes or no beside each row, instead of the rows that are there. */
  readonly verify: boolean;
}

let handed: Handed | undefined;

export function handOver(next: Handed | undefined): void {
  handed = next;
}

export const lastHanded = (): Handed | undefined => handed;

const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;

/** Lines as a file that a node imports: the first has names. Cells are kept as they are: no spreadsheet opens it. */
export function fileOf(name: string, header: readonly string[], rows: readonly (readonly string[])[]): File {
  const lines = [header, ...rows.map((row) => header.map((_, i) => row[i] ?? ""))];
  const text = lines.map((line) => line.map(quoted).join(",")).join("\n");
  return new File([text], `${name.replace(/\.[^.]+$/, "")}.csv`, { type: "text/csv" });
}

/** Names for the columns: the file's own, else the key's; each once. */
export function namesOf(
  { header, width }: { readonly header: readonly string[] | null; readonly width: number },
  keys: readonly string[],
  columns: readonly number[],
): string[] {
  const taken = new Set<string>();
  return Array.from({ length: width }, (_, i) => {
    const part = columns.indexOf(i);
    const wanted = header?.[i] || (part >= 0 ? keys[part] : undefined) || `column_${i + 1}`;
    const name = taken.has(wanted) ? `${wanted}_${i + 1}` : wanted;
    taken.add(name);
    return name;
  });
}
