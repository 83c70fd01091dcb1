/**
 * Recomputes the whole journal from its entries and compares: with the stored tree, with every own signed checkpoint,
 * and with every checkpoint that a partner cosigned. Needs only the database and the public key, so it works offline.
 *
 * Detects an edited, removed, inserted or reordered entry, and a shortened log. Completeness is proved up to the
 * largest cosigned checkpoint: beyond it, the holder of database and signing key could still rewrite.
 */
import { equalBytes, toHex, utf8 } from "@tombolo/base";
import type { JournalVerification } from "@tombolo/sdk";
import { type Kysely, sql } from "kysely";
import type { DatedKey } from "../config/keys.ts";
import type { Database } from "../store/schema.ts";
import type { Store } from "../store/store.ts";
import { type Checkpoint, openNote } from "./checkpoint.ts";
import type { StoredEntry } from "./journal.ts";
import { emptyRoot, type Hash, hashLeaf, hashPair, type TreeNode } from "./merkle.ts";

const BATCH = 1000;
const PROBLEMS_MAX = 100;

type Problem = JournalVerification["problems"][number];

interface Claim {
  readonly checkpoint: Checkpoint;
  /** The partner that cosigned it; absent: only our own signature. */
  readonly partner?: string;
}

interface Findings {
  readonly problems: Problem[];
  /** Checkpoints that the recomputed log meets. */
  readonly met: Claim[];
}

/** `keys`: the party's present signing key and the ones it followed. */
export async function verifyJournal(
  store: Store,
  party: string,
  keys: readonly DatedKey[],
): Promise<JournalVerification> {
  return store.transaction(async (tx) => {
    await sql`set transaction isolation level repeatable read`.execute(tx);
    const findings: Findings = { problems: [], met: [] };
    const claims = await signedClaims(tx, party, keys, findings);
    const log = await recompute(tx, claims, findings);
    await checkLength(tx, log.size, claims, findings);
    return {
      ok: findings.problems.length === 0,
      entries: log.size,
      rootHash: toHex(log.root()),
      problems: findings.problems.slice(0, PROBLEMS_MAX),
      provenUpTo: latestPerPartner(findings.met),
    };
  });
}

/** Own checkpoints and those that partners cosigned; a bad signature is a finding. */
async function signedClaims(
  db: Kysely<Database>,
  party: string,
  keys: readonly DatedKey[],
  findings: Findings,
): Promise<Claim[]> {
  const claims: Claim[] = [];
  const own = await db.selectFrom("journal_checkpoints").selectAll().orderBy("size").execute();
  const cosigned = await db.selectFrom("journal_witnesses").selectAll().orderBy("size").execute();
  const open = (size: number, note: string, claim: (checkpoint: Checkpoint) => Claim, what: string): void => {
    try {
      const checkpoint = openOwnNote(note, party, keys);
      if (checkpoint.size !== size || checkpoint.party !== party) throw new Error("another checkpoint");
      claims.push(claim(checkpoint));
    } catch {
      findings.problems.push({
        index: null,
        message: `${what} at size ${size} was changed: its signature does not hold`,
      });
    }
  };
  for (const row of own) open(row.size, row.note, (checkpoint) => ({ checkpoint }), "the signed checkpoint");
  for (const { size, note, partner, partner_key } of cosigned) {
    const claim = (checkpoint: Checkpoint): Claim => {
      openNote(note, partner, partner_key);
      return { checkpoint, partner };
    };
    open(size, note, claim, `the checkpoint cosigned by ${partner}`);
  }
  return claims;
}

/** A former key vouches only for what is from its time. */
function openOwnNote(note: string, party: string, keys: readonly DatedKey[]): Checkpoint {
  for (const { publicKey, until } of keys) {
    try {
      const checkpoint = openNote(note, party, publicKey);
      if (until === null || checkpoint.at <= until) return checkpoint;
    } catch {
      // Another of them may have signed it.
    }
  }
  throw new Error("signed with no key of this party");
}

/** Peaks of the complete subtrees on the right edge: enough for the root at each size passed on the way. */
class Frontier {
  size = 0;
  readonly #peaks: TreeNode[] = [];

  /** Answers the completed nodes, leaf first. */
  push(leaf: Hash): TreeNode[] {
    let node: TreeNode = { level: 0, position: this.size, hash: leaf };
    const made = [node];
    while (this.#peaks.at(-1)?.level === node.level) {
      const left = this.#peaks.pop()!;
      node = { level: node.level + 1, position: Math.floor(node.position / 2), hash: hashPair(left.hash, node.hash) };
      made.push(node);
    }
    this.#peaks.push(node);
    this.size++;
    return made;
  }

  root(): Hash {
    const last = this.#peaks.at(-1);
    if (last === undefined) return emptyRoot();
    return this.#peaks.slice(0, -1).reduceRight((right, peak) => hashPair(peak.hash, right), last.hash);
  }
}

async function recompute(db: Kysely<Database>, claims: readonly Claim[], findings: Findings): Promise<Frontier> {
  const actual = new Frontier();
  // Fed with the stored leaves, so that one edited entry is one finding, not one per subtree above it.
  const stored = new Frontier();
  const bySize = Map.groupBy(claims, (claim) => claim.checkpoint.size);
  for (;;) {
    const rows = await batch(db, actual.size);
    const nodes = await storedNodes(db, actual.size);
    for (const row of rows) {
      if (row.index !== actual.size) {
        findings.problems.push({ index: actual.size, message: `entry ${actual.size} is missing` });
        return actual;
      }
      const leaf = hashLeaf(utf8(row.entry));
      checkEntry(row.index, row.entry, leaf, nodes, findings);
      checkNodes(row.index, stored.push(nodes.get(nodeKey(0, row.index)) ?? leaf), nodes, findings);
      actual.push(leaf);
      for (const claim of bySize.get(actual.size) ?? []) checkClaim(claim, actual.root(), findings);
      if (findings.problems.length > PROBLEMS_MAX) return actual;
    }
    if (rows.length < BATCH) return actual;
  }
}

const batch = (db: Kysely<Database>, from: number) =>
  db.selectFrom("journal_entries").selectAll().where("index", ">=", from).orderBy("index").limit(BATCH).execute();

/** The stored nodes that the batch from `from` completes, by level and position. */
async function storedNodes(db: Kysely<Database>, from: number): Promise<Map<string, Hash>> {
  const levels = Array.from({ length: Math.ceil(Math.log2(from + BATCH)) + 1 }, (_, level) => level);
  const rows = await db
    .selectFrom("journal_nodes")
    .selectAll()
    .where((where) =>
      where.or(
        levels.map((level) =>
          where.and([
            where("level", "=", level),
            where("position", ">=", Math.floor(from / 2 ** level)),
            where("position", "<", Math.ceil((from + BATCH) / 2 ** level)),
          ]),
        ),
      ),
    )
    .execute();
  return new Map(rows.map((row) => [nodeKey(row.level, row.position), row.hash]));
}

const nodeKey = (level: number, position: number): string => `${level}/${position}`;

function checkEntry(index: number, text: string, leaf: Hash, nodes: Map<string, Hash>, { problems }: Findings): void {
  const stored = nodes.get(nodeKey(0, index));
  if (stored === undefined || !equalBytes(stored, leaf)) {
    problems.push({ index, message: `entry ${index} was edited or replaced` });
    return;
  }
  const place = indexIn(text);
  if (place !== index)
    problems.push({
      index,
      message: `entry ${index} stands in the wrong place: it was written as entry ${place ?? "?"}`,
    });
}

function checkNodes(index: number, made: readonly TreeNode[], nodes: Map<string, Hash>, { problems }: Findings): void {
  for (const { level, position, hash } of made.slice(1)) {
    const stored = nodes.get(nodeKey(level, position));
    if (stored !== undefined && equalBytes(stored, hash)) continue;
    problems.push({ index, message: `the hash tree above entry ${index} was changed (level ${level})` });
  }
}

function indexIn(text: string): number | undefined {
  try {
    return (JSON.parse(text) as StoredEntry).index;
  } catch {
    return undefined;
  }
}

function checkClaim(claim: Claim, root: Hash, findings: Findings): void {
  if (equalBytes(root, claim.checkpoint.rootHash)) {
    findings.met.push(claim);
    return;
  }
  const { size, at } = claim.checkpoint;
  const whose = claim.partner === undefined ? "the own checkpoint" : `the checkpoint that ${claim.partner} holds`;
  findings.problems.push({
    index: null,
    message: `the first ${size} entries are not those of ${whose} of ${at.toISOString()}: entries were changed, removed or reordered`,
  });
}

/** A log cut off at its end: the head, or a checkpoint, knows of more entries than there are. */
async function checkLength(
  db: Kysely<Database>,
  size: number,
  claims: readonly Claim[],
  { problems }: Findings,
): Promise<void> {
  const head = await db.selectFrom("journal_head").select("size").where("id", "=", 1).executeTakeFirst();
  const known = claims.reduce((largest, { checkpoint }) => Math.max(largest, checkpoint.size), head?.size ?? 0);
  if (known > size) problems.push({ index: size, message: `entries ${size} to ${known - 1} were removed` });
  if (head === undefined || head.size < size)
    problems.push({
      index: null,
      message: `the journal's head says ${head?.size ?? "nothing"}, but there are ${size} entries`,
    });
}

function latestPerPartner(met: readonly Claim[]): JournalVerification["provenUpTo"] {
  const latest = new Map<string, { partner: string; size: number; at: string }>();
  for (const { partner, checkpoint } of met) {
    if (partner === undefined || (latest.get(partner)?.size ?? -1) >= checkpoint.size) continue;
    latest.set(partner, { partner, size: checkpoint.size, at: checkpoint.at.toISOString() });
  }
  return [...latest.values()];
}
