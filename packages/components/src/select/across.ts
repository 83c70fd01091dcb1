/**
 * Columns of both parties that say the same: correlations by the engine (vertical/correlation), under numbers in place of names.
 * The guest has the matrix, decides, and tells the host which of its columns fall.
 */
import { type NumberColumn, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { filled } from "@tombolo/federated/features/selection";
import {
  COLUMNS_MAX,
  type Correlation,
  type CorrelationPeer,
  correlate,
} from "@tombolo/federated/vertical/correlation";
import { randomPermutation } from "@tombolo/protocols/shuffle";
import { distinctRows } from "../tables.ts";
import type { Choice } from "./choice.ts";
import type { Known } from "./figures.ts";
import type { AlikeColumns, selectMessages } from "./messages.ts";
import { type Context, fallenOf, preferred } from "./own.ts";
import type { Parameters } from "./parameters.ts";

/** A column of the host that fell, as the guest knows it. */
export interface PartnerFell {
  readonly party: string;
  readonly number: number;
  readonly rule: "correlation" | "inflation";
  readonly value: number | null;
  readonly with: string | null;
}

/** Whether parties compute together, by parameters alone, so that both know. */
export const goesAcross = ({ across, correlation, inflation }: Parameters): boolean =>
  across && (correlation !== null || inflation !== null);

export async function judgeAcrossAtGuest(
  context: Context,
  choice: Choice,
  { information, partners }: Known,
  peer: Peer<typeof selectMessages, "first">,
): Promise<PartnerFell[]> {
  const { party } = peer;
  const columns = preferred(choice, information);
  const found = await run(context, columns, { side: "first", peer });
  const { first, second, matrix } = found;
  if (matrix === null) throw new Error("assertion failed: the guest receives");
  const size = first.length + second.length;
  const numbers = second.map(numberIn);
  const ivOf = new Map(
    partners.flatMap(({ figure, number, value }) => (figure === "information" ? [[number, value]] : [])),
  );
  const ranks = [
    ...first.map((name) => (choice.isKept(name) ? Number.POSITIVE_INFINITY : (information.get(name) ?? -1))),
    ...numbers.map((number) => ivOf.get(number) ?? -1),
  ];
  const order = ranks.map((_, place) => place).sort((a, b) => (ranks[a] === ranks[b] ? a - b : ranks[b]! - ranks[a]!));
  const nameOf = (place: number): string => first[place] ?? `${party} #${numbers[place - first.length]}`;
  const told: { -readonly [K in keyof AlikeColumns]: number[] } = { correlation: [], inflation: [] };
  const theirs: PartnerFell[] = [];
  for (const { rule, limit, fallen } of fallenOf(
    { values: matrix, size, decimals: context.parameters.decimals },
    order,
    context.parameters,
  )) {
    const other = fallen.with === null ? null : nameOf(fallen.with);
    if (fallen.place < first.length) {
      choice.fall(first[fallen.place]!, { rule, limit, value: fallen.value, with: other });
      continue;
    }
    const number = numbers[fallen.place - first.length]!;
    told[rule].push(number);
    theirs.push({ party, number, rule, value: fallen.value, with: other });
  }
  await peer.send("alike", told);
  return theirs;
}

/** `numberOf`: what the guest knows own columns by. */
export async function judgeAcrossAtHost(
  context: Context,
  choice: Choice,
  numberOf: ReadonlyMap<string, number>,
  peer: Peer<typeof selectMessages, "second">,
): Promise<void> {
  const numbered = inChanceOrder(preferred(choice, new Map()), numberOf, context.secrets);
  const offered = numbered.map(
    ({ values, number }): NumberColumn => ({ kind: "number", name: nameOf(number), values }),
  );
  await run(context, offered, { side: "second", peer });
  const told = await peer.receive("alike");
  const { correlation, inflation } = context.parameters;
  for (const [rule, limit] of [
    ["correlation", correlation],
    ["inflation", inflation],
  ] as const)
    for (const number of told[rule]) {
      const column = numbered.find((each) => each.number === number);
      if (column === undefined) throw notOffered(peer.party);
      choice.fall(column.name, { rule, limit, value: null, with: null });
    }
}

/**
 * Under numbers: which columns are read, and in which order, stands in the consent, so that an order of the table would say
 * what each number is, also in the binning.
 */
export function inChanceOrder(
  columns: readonly NumberColumn[],
  numberOf: ReadonlyMap<string, number>,
  secrets: Secrets,
): (NumberColumn & { readonly number: number })[] {
  // Columns that no binning has are numbered behind those that it has.
  const next = Math.max(-1, ...numberOf.values()) + 1;
  return Array.from(randomPermutation(columns.length, secrets), (from, place) => {
    const column = columns[from]!;
    return { ...column, number: numberOf.get(column.name) ?? next + place };
  });
}

const nameOf = (number: number): string => `#${number}`;

function numberIn(name: string): number {
  const number = /^#(\d{1,5})$/.exec(name)?.[1];
  if (number !== undefined && Number(number) < COLUMN_NUMBERS) return Number(number);
  throw new TomboloError("protocol.malformed", "a column was offered under something else than a number");
}
const COLUMN_NUMBERS = 2 ** 13;

const notOffered = (party: string): TomboloError =>
  new TomboloError("protocol.malformed", "a column is to fall that is not there", { blame: party });

async function run(context: Context, columns: readonly NumberColumn[], end: CorrelationPeer): Promise<Correlation> {
  checkMinimum(context);
  const file = await context.inputs.file("data");
  const { parameters: given, secrets } = context;
  if (columns.length === 0 || columns.length > COLUMNS_MAX)
    throw new TomboloError("input.columns", `a party compares 1 to ${COLUMNS_MAX} columns of numbers across parties`, {
      remedy: "Turn text into numbers first, or let more columns fall by other rules.",
    });
  const whole = columns.map((column) => ({ ...column, values: filled(column.values) }));
  return correlate(whole, end, {
    ...{ method: "pearson", missing: "refuse", constant: "leave-out", receivers: "first" },
    ...{ decimals: given.decimals, secrets },
    rowsMin: distinctRows(given.minimumRows, file),
    rowsPerColumnMin: distinctRows(given.rowsPerColumn, file),
    progress: (share) => context.progress({ stage: "products", done: Math.round(100 * share), total: 100 }),
  });
}

/** SECURITY.md rule 9: each party's own minimum binds, whatever the flow says. */
function checkMinimum({ parameters: { minimumRows }, policy, self }: Context): void {
  if (minimumRows >= policy.minimumRows) return;
  throw new TomboloError(
    "consent.minimum-rows",
    `the flow allows results over ${minimumRows} rows, too few for a party`,
    {
      remedy: `Set minimumRows to ${policy.minimumRows} or more.`,
      blame: self.party,
    },
  );
}
