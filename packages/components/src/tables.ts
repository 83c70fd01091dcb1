/** What components ask of tables. */
import { type Column, discard, TomboloError } from "@tombolo/base";
import type { MessageTable, Peer } from "@tombolo/channel";
import { readColumns } from "@tombolo/datasets";
import type { Participant, TableFile, TableNote, TaskContext, TaskTable } from "./component.ts";

/** An input whose rows are those of the partners, row for row. Throws `input.not-aligned`. */
export async function alignedInput(context: TaskContext<unknown, unknown>, port: string): Promise<TaskTable> {
  const table = await context.inputs.table(port);
  requireAligned(context, table.aligned);
  return table;
}

/** The same, as the file it lies in. */
export async function alignedFile(context: TaskContext<unknown, unknown>, port: string): Promise<TableFile> {
  const file = await context.inputs.file(port);
  requireAligned(context, file.aligned);
  return file;
}

function requireAligned({ participants }: TaskContext<unknown, unknown>, aligned: boolean): void {
  if (aligned || participants.length === 1) return;
  throw new TomboloError("input.not-aligned", "the rows are not in the order of the partners'", {
    remedy:
      "Match the parties' rows first, with a psi task that all of them take part in and whose result all of them receive.",
  });
}

/** So many rows of the table that `rows` different ones are among them (SECURITY.md, rule 9). */
export const distinctRows = (rows: number, { copiesMax = 1 }: Pick<TableNote, "copiesMax">): number => rows * copiesMax;

/** A table's columns, or of a file what they are. */
interface Named<C> {
  readonly columns: readonly C[];
  readonly keys: readonly string[];
  readonly label: string | null;
}

/** Neither key nor label. `chosen` null: all of them. Throws `input.columns`. */
export function featureColumns<C extends { readonly name: string }>(
  table: Named<C>,
  chosen: readonly string[] | null,
): C[] {
  const features = table.columns.filter(({ name }) => !table.keys.includes(name) && name !== table.label);
  if (chosen === null) return features;
  return chosen.map((name) => {
    const column = features.find((each) => each.name === name);
    if (column === undefined)
      throw new TomboloError("input.columns", "a chosen column is not among the features", {
        remedy: "Read the column in the read-table task, and not as key or label.",
        detail: { column: name },
      });
    return column;
  });
}

/** Those columns of a stored table that are named, and no others, in memory. */
export async function tableOf(
  { signal }: TaskContext<unknown, unknown>,
  file: TableFile,
  names: readonly string[],
): Promise<TaskTable> {
  const { columns } = await readColumns(file.path, names, { signal });
  return { ...file, columns };
}

/** Of numbers read side by side: 128 MB. */
const VALUES_AT_ONCE = 2 ** 24;

/** Columns of a stored table one after the other, so many in memory as have VALUES_AT_ONCE values, or one. */
export async function* eachColumn(
  context: TaskContext<unknown, unknown>,
  file: TableFile,
  names: readonly string[],
): AsyncGenerator<Column> {
  const atOnce = Math.max(1, Math.floor(VALUES_AT_ONCE / Math.max(1, file.rowCount)));
  for (let at = 0; at < names.length; at += atOnce) {
    const { columns } = await tableOf(context, file, names.slice(at, at + atOnce));
    for (const column of columns) {
      yield column;
      // Nobody has a column that was asked for the next.
      discard(column.kind === "number" ? column.values : column.codes);
    }
  }
}

export function columnNamed(table: TaskTable, name: string): Column {
  const column = table.columns.find((each) => each.name === name);
  if (column === undefined)
    throw new TomboloError("input.columns", "the table lacks a column that the task needs", {
      detail: { column: name },
    });
  return column;
}

/** The one guest, and the hosts in the flow's order. */
export const guestOf = (context: TaskContext<unknown, unknown>): Participant =>
  context.participants.find(({ role }) => role === "guest")!;
export const hostsOf = (context: TaskContext<unknown, unknown>): Participant[] =>
  context.participants.filter(({ role }) => role === "host");

/** The guest's sessions with all hosts, in the flow's order. */
export const hostPeers = <M extends MessageTable>(
  context: TaskContext<unknown, unknown>,
  messages: M,
): Promise<Peer<M, "guest">[]> =>
  Promise.all(hostsOf(context).map(({ party }) => context.peer(messages, "guest", "host", party)));

/** A host's session with the guest. */
export const guestPeer = <M extends MessageTable>(
  context: TaskContext<unknown, unknown>,
  messages: M,
): Promise<Peer<M, "host">> => context.peer(messages, "host", "guest", guestOf(context).party);
