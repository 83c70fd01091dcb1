/** What the host makes once of its table: the cells that answer queries, and the hint that askers keep. */
import { type Secrets, TomboloError } from "@tombolo/base";
import { DIGEST_BYTES, firstOccurrences, retrieval } from "@tombolo/crypto";
import { checkOf, digestsOf, entryBytes, groupOf, type Layout, layoutFor, positionsOf, rowsOf } from "./layout.ts";
import {
  CHECK_BYTES,
  COUNT_MAX,
  DIMENSION,
  ENERGY_MAX,
  KEY_BYTES,
  ROWS_MAX,
  SEED_BYTES,
  VALUE_BYTES_MAX,
} from "./parameters.ts";

/** Public: an asker needs all of it. */
export interface Description extends Layout {
  /** Random, of this database alone. */
  readonly id: Uint8Array;
  readonly hashSeed: Uint8Array;
  readonly matrixSeed: Uint8Array;
  /** Of each group. */
  readonly salts: Uint8Array;
}

/** What answers queries. */
export interface Table {
  readonly description: Description;
  /** Row after row of `columns` bytes. */
  readonly cells: Uint8Array;
}

export interface Database extends Table {
  /** `DIMENSION` words a row. */
  readonly hint: Uint32Array;
}

const SALTS = 256;
const SEEDS_TRIED_MAX = 20;

export async function makeDatabase(...table: Parameters<typeof makeTable>): Promise<Database> {
  const { description, cells } = await makeTable(...table);
  const { columns, matrixSeed } = description;
  return { description, cells, hint: await retrieval.pirHint(cells, columns, matrixSeed, DIMENSION) };
}

/** Distinct 16-byte keys, and a value of `valueBytes` for each. Throws `input.duplicate-id`. */
export async function makeTable(
  keys: Uint8Array,
  values: Uint8Array,
  valueBytes: number,
  secrets: Secrets,
): Promise<Table> {
  const count = keys.length / KEY_BYTES;
  if (!Number.isInteger(count) || values.length !== count * valueBytes || valueBytes > VALUE_BYTES_MAX)
    throw new RangeError("keys or values of a wrong length");
  if (count > COUNT_MAX) throw new TomboloError("input.rows", `at most ${COUNT_MAX} keys are in a database`);
  if ((await firstOccurrences(keys, KEY_BYTES)).some((first, i) => first !== i))
    throw new TomboloError("input.duplicate-id", "a key is in the database twice");
  const layout = layoutFor(count, valueBytes);
  if (rowsOf(layout) > ROWS_MAX)
    throw new TomboloError("input.rows", "so many values of this width are too much for one database", {
      remedy: "Put fewer or shorter columns into it, or fewer rows.",
    });
  for (let tried = 0; tried < SEEDS_TRIED_MAX; tried++) {
    const hashSeed = secrets.bytes(SEED_BYTES);
    const digests = await digestsOf(keys, hashSeed);
    const filled = fill(digests, values, layout, secrets);
    if (filled === undefined) continue;
    const matrixSeed = secrets.bytes(SEED_BYTES);
    const description = { ...layout, id: secrets.bytes(SEED_BYTES), hashSeed, matrixSeed, salts: filled.salts };
    return { description, cells: filled.cells };
  }
  throw new TomboloError("state.internal", "no seed places all keys");
}

function fill(digests: Uint8Array, values: Uint8Array, layout: Layout, secrets: Secrets) {
  const groups = membersOf(digests, layout);
  const cells = new Uint8Array(rowsOf(layout) * layout.columns);
  const salts = new Uint8Array(layout.groups);
  for (const [group, members] of groups.entries()) {
    const placed = place(digests, members, layout);
    if (placed === undefined) return undefined;
    salts[group] = placed.salt;
    const size = entryBytes(layout) * layout.columns;
    if (!fillGroup(cells.subarray(group * size, (group + 1) * size), digests, values, placed, layout, secrets))
      return undefined;
  }
  return { cells, salts };
}

/** Keys of each group. */
function membersOf(digests: Uint8Array, layout: Layout): Uint32Array[] {
  const count = digests.length / DIGEST_BYTES;
  const of = Uint32Array.from({ length: count }, (_, i) => groupOf(digestAt(digests, i), layout));
  const sizes = new Uint32Array(layout.groups);
  for (const group of of) sizes[group]! += 1;
  const members = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  of.forEach((group, i) => {
    members[group]![sizes[group]!++] = i;
  });
  return members;
}

interface Placed {
  readonly salt: number;
  /** Keys in the order in which their entries are written, and the column that each has for itself then. */
  readonly order: Uint32Array;
  readonly own: Uint32Array;
}

/** Peels the group: a key that is alone at a column goes last of those left. Undefined if no salt makes that work. */
function place(digests: Uint8Array, members: Uint32Array, layout: Layout): Placed | undefined {
  for (let salt = 0; salt < SALTS; salt++) {
    const placed = peel(digests, members, salt, layout);
    if (placed !== undefined) return placed;
  }
  return undefined;
}

function peel(digests: Uint8Array, members: Uint32Array, salt: number, layout: Layout): Placed | undefined {
  const positions = new Uint32Array(3 * members.length);
  const counts = new Uint32Array(layout.columns);
  /** XOR of the places in `members` of all keys at a column. */
  const mixes = new Uint32Array(layout.columns);
  members.forEach((member, i) => {
    for (const [j, position] of positionsOf(digestAt(digests, member), salt, layout).entries()) {
      positions[3 * i + j] = position;
      counts[position]! += 1;
      mixes[position]! ^= i;
    }
  });
  const alone = Array.from(counts.keys()).filter((position) => counts[position] === 1);
  const order = new Uint32Array(members.length);
  const own = new Uint32Array(members.length);
  let left = members.length;
  for (let position = alone.pop(); position !== undefined; position = alone.pop()) {
    if (counts[position] !== 1) continue;
    const i = mixes[position]!;
    left -= 1;
    order[left] = members[i]!;
    own[left] = position;
    for (const each of positions.subarray(3 * i, 3 * i + 3)) {
      counts[each]! -= 1;
      mixes[each]! ^= i;
      if (counts[each] === 1) alone.push(each);
    }
  }
  return left === 0 ? { salt, order, own } : undefined;
}

/** False if a row came out too heavy for the error to stay small, which random bytes do not. */
function fillGroup(
  rows: Uint8Array,
  digests: Uint8Array,
  values: Uint8Array,
  { salt, order, own }: Placed,
  layout: Layout,
  secrets: Secrets,
): boolean {
  const { columns, valueBytes } = layout;
  const width = entryBytes(layout);
  // Random where no entry is written, so that no cell tells that; entry after entry, for the sake of the cache.
  const entries = secrets.bytes(width * columns).slice();
  order.forEach((member, i) => {
    const digest = digestAt(digests, member);
    const at = own[i]! * width;
    const [a, b] = positionsOf(digest, salt, layout).filter((position) => position !== own[i]) as [number, number];
    const check = checkOf(digest);
    for (let byte = 0; byte < width; byte++) {
      const entry = byte < CHECK_BYTES ? check[byte]! : values[member * valueBytes + byte - CHECK_BYTES]!;
      entries[at + byte] = entry - entries[a * width + byte]! - entries[b * width + byte]!;
    }
  });
  for (let byte = 0; byte < width; byte++) {
    let energy = 0;
    for (let column = 0; column < columns; column++) {
      const cell = entries[column * width + byte]!;
      rows[byte * columns + column] = cell;
      energy += cell < 128 ? cell * cell : (256 - cell) * (256 - cell);
    }
    if (energy > ENERGY_MAX) return false;
  }
  return true;
}

const digestAt = (digests: Uint8Array, i: number): Uint8Array =>
  digests.subarray(i * DIGEST_BYTES, (i + 1) * DIGEST_BYTES);
