/**
 * A match in rounds, one for each key the flow names: all rows by the first, those that are left by the
 * second, and so on. One key is one round. Which round a row matched in both sides know of their own rows, hence how many
 * rows of the other are left; where the guest alone learns, the host's rows stay in and the guest's sizes do not change.
 * Several keys are for two parties.
 */
import { join } from "node:path";
import * as buckets from "@tombolo/protocols/psi/buckets";
import type { TableFile } from "../component.ts";
import { type Links, matchBuckets } from "./bucket-protocols.ts";
import { isOneSided } from "./choices.ts";
import type { Context } from "./parameters.ts";
import { RowSet } from "./row-set.ts";
import { type KeyColumn, TableIds } from "./table-ids.ts";
import { KeptRounds, MatchedRows } from "./work.ts";

export interface RoundResult {
  readonly matched: MatchedRows;
  readonly buckets: number;
  /** Own rows that matched. */
  readonly rows: number;
  readonly ids: TableIds;
}

export interface Rounds {
  readonly rounds: readonly RoundResult[];
  /** That each party declared, by place: the guest's, then each host's. */
  readonly declared: readonly number[];
  /** Own rows that matched in any round. */
  readonly taken: RowSet;
  readonly takenCount: number;
  /** So many rows of the guest at most have the same id, and stand beside the same row of the host. */
  readonly copiesMax: number;
}

export interface RoundsOptions {
  readonly keys: readonly (readonly KeyColumn[])[];
  readonly folder: string;
  /** Share of all rounds, 0 to 1. */
  progress(stage: "read" | "match", share: number): void;
}

/** Of a round. */
const READ_SHARE = 0.2;

/** What is known when a round begins. */
interface State {
  readonly kept: KeptRounds;
  readonly taken: RowSet;
  readonly left: number;
  readonly partnerLeft: number | undefined;
  readonly after: Uint8Array | null;
}

export async function runRounds(
  context: Context,
  data: TableFile,
  links: Links,
  options: RoundsOptions,
): Promise<Rounds> {
  const oneSided = isOneSided(context.parameters);
  const taken = RowSet.none(data.rowCount);
  const kept = new KeptRounds(context);
  const rounds: RoundResult[] = [];
  let [takenCount, partnerTaken, copiesMax] = [0, 0, 1];
  let declared: readonly number[] = [];
  let after: Uint8Array | null = null;
  for (let round = 0; round < options.keys.length; round++) {
    const partnerLeft = round === 0 ? undefined : declared[links.role === "guest" ? 1 : 0]! - partnerTaken;
    const left = oneSided ? data.rowCount : data.rowCount - takenCount;
    if (round > 0 && (left === 0 || partnerLeft === 0)) break;
    const state: State = { kept, taken, left, partnerLeft, after };
    const { result, ids, matched } = await runRound(context, data, links, options, round, state);
    if (round === 0) declared = result.rows;
    after = result.jointKey;
    const counts = await settle(context, links, matched, result, taken);
    rounds.push({ matched, buckets: result.buckets, rows: counts.own, ids });
    takenCount += counts.own;
    copiesMax = Math.max(copiesMax, counts.copiesMax);
    if (!oneSided) partnerTaken += counts.partner;
  }
  return { rounds, declared, taken, takenCount, copiesMax };
}

async function runRound(
  context: Context,
  data: TableFile,
  links: Links,
  options: RoundsOptions,
  round: number,
  state: State,
) {
  const folder = join(options.folder, `round-${round}`);
  const ids = idsOf(context, data, folder, options, round, state);
  const matched = new MatchedRows(join(folder, "matched"), context.secrets);
  const { partnerRowsMin, partnerRowsMax, bucketRows: bucketRowsMax } = context.parameters;
  const oneSided = isOneSided(context.parameters);
  const shared = {
    secrets: context.secrets,
    output: oneSided ? ("guest" as const) : ("both" as const),
    round,
    agreed: state.kept.store(round, state.after, ids),
    matches: matched,
    bucketRowsMax,
    partnerRowsMax,
    ...(state.partnerLeft === undefined ? { partnerRowsMin } : { partnerRows: state.partnerLeft }),
    // A host that learns nothing asks about nothing.
    ...(oneSided && links.role === "guest" ? {} : { admit: (asked: number, of: string) => context.draw(of, asked) }),
    progress: (share: number) =>
      options.progress("match", (round + READ_SHARE + (1 - READ_SHARE) * share) / options.keys.length),
  };
  return { result: await matchBuckets(ids, links, context, shared), ids, matched };
}

function idsOf(
  context: Context,
  data: TableFile,
  folder: string,
  { keys, progress }: RoundsOptions,
  round: number,
  { taken, left }: State,
): TableIds {
  const { duplicates, empty } = context.parameters;
  const many = duplicates === "many-to-one";
  return new TableIds({
    path: data.path,
    tableRows: data.rowCount,
    rowCount: left,
    key: keys[round]!,
    policy: {
      // Of several keys one is enough: rows that have none were refused before.
      empty: keys.length > 1 ? "remove" : empty,
      duplicates: !many ? duplicates : context.self.role === "guest" ? "keep" : "refuse",
    },
    without: round === 0 ? null : taken,
    folder,
    signal: context.signal,
    progress: (rows) => progress("read", (round + (READ_SHARE * rows) / data.rowCount) / keys.length),
  });
}

/** Marks what matched and lets the host know of copies; how many rows of each side it was, as far as this one knows. */
async function settle(
  { parameters }: Context,
  links: Links,
  matched: MatchedRows,
  { buckets: count, rows: declared }: buckets.MatchResult,
  taken: RowSet,
): Promise<{ own: number; partner: number; copiesMax: number }> {
  const lengths: number[] = [];
  for (let bucket = 0; bucket < count; bucket++) {
    const rows = await matched.rows(bucket);
    taken.add(rows);
    lengths.push(rows.length);
  }
  const own = lengths.reduce((sum, length) => sum + length, 0);
  if (parameters.duplicates !== "many-to-one" || isOneSided(parameters)) return { own, partner: own, copiesMax: 1 };
  let [partner, copiesMax] = [0, 1];
  const note = (copies: Uint32Array): void => {
    for (const each of copies) copiesMax = Math.max(copiesMax, each);
  };
  // Many rows to one id: two parties.
  if (links.role === "guest") {
    const all = async function* () {
      for (let bucket = 0; bucket < count; bucket++) {
        const copies = await matched.copies(bucket);
        partner += copies.length;
        note(copies);
        yield copies;
      }
    };
    await buckets.sendCopies(all(), links.hosts[0]!);
    return { own, partner, copiesMax };
  }
  let bucket = 0;
  for await (const copies of buckets.receiveCopies(lengths, declared[0]!, links.guest)) {
    await matched.putCopies(bucket++, copies);
    partner += copies.reduce((sum, each) => sum + each, 0);
    note(copies);
  }
  return { own, partner, copiesMax };
}
