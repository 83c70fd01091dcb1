/**
 * The journal (存证): every use, consent, refusal, job and task, as an append-only Merkle log (RFC 6962 hashing).
 *
 * Proves: integrity of all entries against a signed checkpoint; completeness only up to the latest checkpoint that a
 * partner holds (exchange.ts). Adversary: whoever can write to the database, and, before a partner's cosignature,
 * even the holder of the signing key could rewrite the tail; verify.ts says up to where that is excluded.
 *
 * An entry is stored as the canonical JSON that was hashed, so nothing is lost in a round trip through the database.
 */
import { canonicalJson, fromUtf8, type Json, toHex, utf8 } from "@tombolo/base";
import type { JournalEntry, Text } from "@tombolo/sdk";
import type { Actor, Clock } from "../actor.ts";
import type { SigningKey } from "../config/keys.ts";
import type { EventBus } from "../events/bus.ts";
import type { Store } from "../store/store.ts";
import { type Checkpoint, checkpointText, signNote } from "./checkpoint.ts";
import { appended, hashLeaf, rangeHash } from "./merkle.ts";
import { nodeReader } from "./nodes.ts";

export interface JournalOptions {
  readonly store: Store;
  readonly party: string;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly events: EventBus;
}

export interface SignedCheckpoint extends Checkpoint {
  /** The signed note: what partners get and keep. */
  readonly note: string;
}

/** What the leaf hash covers. `index` inside it binds the order. */
export interface StoredEntry {
  readonly index: number;
  readonly at: string;
  readonly kind: string;
  readonly actor: string;
  readonly summary: Text;
  readonly body: Json;
}

export class Journal {
  readonly store: Store;
  readonly party: string;
  readonly key: SigningKey;
  readonly clock: Clock;
  readonly #events: EventBus;

  constructor(options: JournalOptions) {
    this.store = options.store;
    this.party = options.party;
    this.key = options.key;
    this.clock = options.clock;
    this.#events = options.events;
  }

  /**
   * Appends inside the caller's transaction, if it is in one: the act and its entry are committed together.
   * `body` holds ids, hashes, counts and terms, never row values or secrets.
   */
  async append(kind: string, actor: Actor, summary: Text, body: Json = {}): Promise<JournalEntry> {
    return this.store.transaction(async (tx) => {
      const head = await tx
        .selectFrom("journal_head")
        .select("size")
        .where("id", "=", 1)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const stored: StoredEntry = {
        index: head.size,
        at: this.clock.now().toISOString(),
        kind,
        actor: actorLabel(actor),
        summary,
        body,
      };
      const bytes = canonicalJson(stored as unknown as Json);
      const leaf = hashLeaf(bytes);
      const nodes = await appended(head.size, leaf, nodeReader(tx));
      await tx
        .insertInto("journal_entries")
        .values({ index: head.size, entry: fromUtf8(bytes) })
        .execute();
      await tx.insertInto("journal_nodes").values(nodes).execute();
      await tx
        .updateTable("journal_head")
        .set({ size: head.size + 1 })
        .where("id", "=", 1)
        .execute();
      this.store.afterCommit(() => this.#events.publish({ kind: "journal", id: String(stored.index), data: null }));
      return { ...stored, leafHash: toHex(leaf) };
    });
  }

  async size(): Promise<number> {
    return (await this.store.db.selectFrom("journal_head").select("size").where("id", "=", 1).executeTakeFirstOrThrow())
      .size;
  }

  /** Newest first; `before` is an index. */
  async entries(limit: number, before?: number): Promise<JournalEntry[]> {
    let query = this.store.db.selectFrom("journal_entries").select("entry").orderBy("index", "desc").limit(limit);
    if (before !== undefined) query = query.where("index", "<", before);
    const rows = await query.execute();
    return rows.map(({ entry }) => ({ ...(JSON.parse(entry) as StoredEntry), leafHash: toHex(hashLeaf(utf8(entry))) }));
  }

  /** The signed checkpoint of the present size; made once per size. */
  async checkpoint(): Promise<SignedCheckpoint> {
    return this.store.transaction(async (tx) => {
      const { size } = await tx
        .selectFrom("journal_head")
        .select("size")
        .where("id", "=", 1)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const rootHash = await rangeHash(0, size, nodeReader(tx));
      const known = await tx.selectFrom("journal_checkpoints").selectAll().where("size", "=", size).executeTakeFirst();
      if (known !== undefined) return { party: this.party, size, rootHash, at: known.at, note: known.note };
      const checkpoint = { party: this.party, size, rootHash, at: this.clock.now() };
      const note = signNote(checkpointText(checkpoint), this.party, this.key);
      await tx.insertInto("journal_checkpoints").values({ size, note, at: checkpoint.at }).execute();
      return { ...checkpoint, note };
    });
  }
}

const actorLabel = (actor: Actor): string => (actor.kind === "user" ? actor.name : `${actor.kind}:${actor.name}`);
