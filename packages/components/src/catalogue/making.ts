/** Who has the table behind a catalogue: makes a version, hands it over, and keeps key and digests for answers and the next one. */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, TomboloError, utf8 } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { DIGEST_BYTES, ID_DIGEST_BYTES, ristretto255, sha256 } from "@tombolo/crypto";
import { checkDiskSpace, readTags } from "@tombolo/datasets";
import { publicKeyOf } from "@tombolo/protocols/oprf";
import {
  type CatalogueHeader,
  headerHash,
  idPrefix,
  publish,
  type publishMessages,
  tagBytesFor,
} from "@tombolo/protocols/psi/unbalanced";
import { dummyEntries } from "@tombolo/protocols/query/keyword";
import type { TableFile, TaskContext } from "../component.ts";
import { TableIds } from "../psi/table-ids.ts";
import { changedTags, type Epoch, type Records, writeDigests } from "./make-version.ts";
import { type MakingParameters, type Objective, summaryOf } from "./making-parameters.ts";
import {
  askedSoFar,
  claimNext,
  encodeStored,
  FILES,
  loadKey,
  noteAsked,
  type StoredCatalogue,
  saveKey,
  supersede,
} from "./stored.ts";

type Context = TaskContext<MakingParameters, unknown>;

const LABEL = utf8("tombolo/match-catalogue/1/snapshot\0");
/** An epoch's tags are long enough for so many times the rows of its first version. */
const GROWTH = 4;
/** Digests, spread and sorted; runs and their buckets. */
const ROW_BYTES = 4 * ID_DIGEST_BYTES + 4 * 12;
/** All records of a run are in memory at their maker. */
const RECORDS_BYTES_MAX = 2 ** 30;

export interface Before {
  readonly stored: StoredCatalogue;
  readonly folder: string;
}

/** What stands beside the ids of a catalogue. */
export interface Contents {
  /** Bytes a row; 0: nothing. */
  readonly recordBytes: number;
  /** Of all rows of the table, by row. */
  records(): Promise<Uint8Array>;
  readonly about: Pick<StoredCatalogue, "columns" | "scores">;
  readonly objective: Objective;
}

/** Hands over the first version, or the one after `before`. */
export async function makeCatalogue(
  context: Context,
  peer: Peer<typeof publishMessages, "host">,
  data: TableFile,
  contents: Contents,
  before: Before | null,
): Promise<void> {
  const work = await context.workFolder();
  const { recordBytes } = contents;
  await checkDiskSpace(work, data.rowCount * (ROW_BYTES + 4 * recordBytes), "the catalogue");
  const epoch = await epochOf(context, before, work, data.rowCount, recordBytes);
  const folder = await context.outputs.modelFolder("catalogue");
  const ids = idsOf(context, data, work);
  const records = await recordsOf(contents, data.rowCount);
  const rows = await writeDigests(ids, idPrefix(epoch.catalogue), records, join(folder, FILES.digests));
  const version = await makeVersion(context, { before, epoch, folder, work, rows });
  if (before !== null) await claimNext(before.folder, version.header, work, context.secrets);
  await publish(version.header, epoch.key, version.changes, peer, context.secrets);
  await keep(context, data, folder, epoch, version, contents);
  const removed = { empty: ids.empty.count, duplicates: ids.repeated.count };
  await context.outputs.report("report", {
    kind: "match-catalogue",
    title: { en: "Catalogue", zh: "查询目录" },
    data: { version: version.header.version, rows: version.header.rows, ids: rows, removed },
  });
  // Last of all: what fails before this is made again, and the version before answers until then.
  if (before !== null) await countOn(context, before, folder, work);
  await emptied(work);
  context.progress({ stage: "done", done: 1, total: 1, rows });
}

/** A fresh key, unless a version goes on with one, or an attempt that was cut off had drawn it already. */
async function epochOf(
  { secrets, parameters }: Context,
  before: Before | null,
  work: string,
  rows: number,
  recordBytes: number,
): Promise<Epoch> {
  if (before !== null) {
    const { catalogue, tagBytes } = before.stored.header;
    return { catalogue, tagBytes, recordBytes, key: await loadKey(before.folder) };
  }
  const tagBytes = tagBytesFor(GROWTH * (rows + 2 * parameters.padTo), parameters.idsMax);
  const path = join(work, "epoch");
  const kept = await readFile(path).catch(() => undefined);
  const drawn =
    kept === undefined ? concat(secrets.bytes(DIGEST_BYTES), ristretto255.randomScalar(secrets)) : new Uint8Array(kept);
  if (kept === undefined) await writeFile(path, drawn, { mode: 0o600, flush: true });
  return { catalogue: drawn.slice(0, DIGEST_BYTES), key: drawn.slice(DIGEST_BYTES), tagBytes, recordBytes };
}

async function recordsOf({ recordBytes: width, records }: Contents, rowCount: number): Promise<Records> {
  if (width === 0) return { values: new Uint8Array(0), width };
  if (rowCount * width > RECORDS_BYTES_MAX)
    throw new TomboloError("input.labels", "the records of so many rows take too much memory", {
      remedy: "Put less into the records, or fewer rows into the catalogue.",
    });
  return { values: await records(), width };
}

function idsOf(context: Context, data: TableFile, folder: string): TableIds {
  const { normalise, duplicates, empty } = context.parameters;
  const total = 2 * data.rowCount;
  return new TableIds({
    ...{ path: data.path, tableRows: data.rowCount, rowCount: data.rowCount, folder, signal: context.signal },
    key: data.keys.map((name) => ({ name, rules: normalise })),
    policy: { duplicates, empty },
    without: null,
    progress: (rows) => context.progress({ stage: "read", done: rows, total }),
  });
}

interface Making {
  readonly before: Before | null;
  readonly epoch: Epoch;
  readonly folder: string;
  readonly work: string;
  readonly rows: number;
}

interface Version {
  readonly header: CatalogueHeader;
  readonly changes: { readonly removed: AsyncIterable<Uint8Array>; readonly added: AsyncIterable<Uint8Array> };
  readonly dummies: { readonly first: number; readonly next: number };
}

async function makeVersion(context: Context, { before, epoch, folder, work, rows }: Making): Promise<Version> {
  const { padTo, idsMax, days, rowsMax } = context.parameters;
  const digests = join(folder, FILES.digests);
  const old = before === null ? join(work, "none") : join(before.folder, FILES.digests);
  const changed = await changedTags(old, digests, work, epoch, (done) =>
    context.progress({ stage: "catalogue", done: Math.min(2 * rows, rows + done), total: 2 * rows }),
  );
  // At least a whole step of dummies comes with each version, so that the next has enough of them to take out.
  const held = before?.stored.dummies ?? { first: 0, next: 0 };
  const fill = paddedTo(changed.added.count + padTo, padTo) - changed.added.count;
  const drop = paddedTo(changed.removed.count, padTo) - changed.removed.count;
  const dummies = { first: held.first + drop, next: held.next + fill };
  if (dummies.first > held.next) throw new TomboloError("state.catalogue", "there are not enough dummies to take out");
  const { key, catalogue, ...shape } = epoch;
  const { tagBytes, recordBytes } = shape;
  const changes = {
    removed: await changed.removed.finish(await dummyEntries(key, catalogue, shape, held.first, drop)),
    added: await changed.added.finish(await dummyEntries(key, catalogue, shape, held.next, fill)),
  };
  const earlier = before?.stored.header;
  const [added, removed] = [changed.added.count + fill, changed.removed.count + drop];
  const header: CatalogueHeader = {
    ...{ catalogue, tagBytes, recordBytes, publicKey: await publicKeyOf(key), added, removed },
    ...{ version: (earlier?.version ?? 0) + 1, rows: (earlier?.rows ?? 0) + added - removed },
    snapshot: await snapshotOf(digests, key, recordBytes),
    previous: earlier === undefined ? new Uint8Array(DIGEST_BYTES) : await headerHash(earlier),
    idsMax: earlier?.idsMax ?? idsMax,
    expiresAt: earlier?.expiresAt ?? context.startedAtMs + days * 86_400_000,
  };
  if (header.rows > rowsMax || tagBytesFor(header.rows, header.idsMax) > tagBytes)
    throw new TomboloError("input.rows", "the table has outgrown the catalogue", { remedy: "Make a new catalogue." });
  return { header, changes, dummies };
}

const paddedTo = (count: number, step: number): number => Math.ceil(count / step) * step;

/** Hash chain over the digests and records, under the key: says which they are, to nobody who lacks it. */
async function snapshotOf(digests: string, key: Uint8Array, recordBytes: number): Promise<Uint8Array> {
  let hash = await sha256(concat(LABEL, key));
  for await (const chunk of readTags(digests, ID_DIGEST_BYTES + recordBytes)) hash = await sha256(concat(hash, chunk));
  return hash;
}

async function keep(
  context: Context,
  { keys }: TableFile,
  folder: string,
  { key }: Epoch,
  { header, dummies }: Version,
  { about, objective }: Contents,
): Promise<void> {
  await saveKey(folder, key);
  const { normalise, duplicates, empty } = context.parameters;
  const stored = { header, normalise, duplicates, empty, ...about, keys: [...keys], dummies };
  await context.outputs.model("catalogue", encodeStored(stored), summaryOf(header, objective));
}

async function countOn({ secrets }: Context, before: Before, folder: string, work: string): Promise<void> {
  await supersede(before.folder, work, secrets);
  await noteAsked(folder, await askedSoFar(before.folder));
}

/** All but what tells this task's attempts from others: the partner may yet fail, and the next attempt come here. */
async function emptied(work: string): Promise<void> {
  for (const name of await readdir(work))
    if (name !== FILES.token) await rm(join(work, name), { recursive: true, force: true });
}
