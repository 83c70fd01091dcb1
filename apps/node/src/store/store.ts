/**
 * One database per party: PGlite in the data directory, or a PostgreSQL by URL; one dialect, one set of migrations.
 *
 * `store.db` is the transaction the caller is in, if it is in one: so a function works the same inside and outside a
 * transaction, and the single connection of PGlite cannot wait for itself. Work started inside a transaction must end
 * inside it; what should happen only once it is committed (events, messages to partners) goes to `afterCommit`.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { PGlite } from "@electric-sql/pglite";
import { TomboloError } from "@tombolo/base";
import { Kysely, PGliteDialect, PostgresDialect, sql, type Transaction } from "kysely";
import pg from "pg";
import { migrate } from "./migrate.ts";
import { openPglite } from "./pglite.ts";
import type { Database } from "./schema.ts";

export interface StoreOptions {
  /** Folder of the embedded database; used when there is no URL. */
  readonly folder: string;
  /** postgres://... */
  readonly url?: string | undefined;
}

interface Scope {
  readonly transaction: Transaction<Database>;
  readonly afterCommit: (() => void)[];
}

export class Store {
  readonly kind: "pglite" | "postgres";
  readonly #db: Kysely<Database>;
  readonly #embedded: PGlite | undefined;
  readonly #scope = new AsyncLocalStorage<Scope | undefined>();

  constructor({ db, embedded }: Connected) {
    this.kind = embedded === undefined ? "postgres" : "pglite";
    this.#db = db;
    this.#embedded = embedded;
  }

  /** The current transaction, or the database when there is none. */
  get db(): Kysely<Database> {
    return this.#scope.getStore()?.transaction ?? this.#db;
  }

  /** Commits when `work` resolves, rolls back when it rejects. Inside another transaction it joins that one. */
  async transaction<T>(work: (tx: Transaction<Database>) => Promise<T>): Promise<T> {
    const outer = this.#scope.getStore();
    if (outer !== undefined) return work(outer.transaction);
    const afterCommit: (() => void)[] = [];
    const result = await this.#db
      .transaction()
      .execute((transaction) => this.#scope.run({ transaction, afterCommit }, () => work(transaction)));
    for (const each of afterCommit) each();
    return result;
  }

  /** Runs `work` once the current transaction has committed; at once when there is none; never after a rollback. */
  afterCommit(work: () => void): void {
    const scope = this.#scope.getStore();
    if (scope === undefined) work();
    else scope.afterCommit.push(() => this.#scope.run(undefined, work));
  }

  /** The embedded database as a gzipped tar, for `loadPglite`; null for one that is elsewhere. */
  async dump(): Promise<Uint8Array | null> {
    const embedded = this.#embedded;
    if (embedded === undefined) return null;
    // Holding its only connection: nothing is written meanwhile.
    const dumped = await this.#db.connection().execute(() => embedded.dumpDataDir("gzip"));
    return new Uint8Array(await dumped.arrayBuffer());
  }

  async close(): Promise<void> {
    await this.#db.destroy();
  }
}

interface Connected {
  readonly db: Kysely<Database>;
  readonly embedded: PGlite | undefined;
}

/** Opens the database, applies migrations. Throws `resource.database` with a remedy when it cannot. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const kind = options.url === undefined ? "pglite" : "postgres";
  const connected = await connect(options).catch((cause: unknown) => {
    throw unreachableDatabase(kind, cause);
  });
  const { db } = connected;
  try {
    await migrate(db as unknown as Kysely<never>);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return new Store(connected);
}

async function connect({ folder, url }: StoreOptions): Promise<Connected> {
  if (url === undefined) {
    const embedded = await openPglite(folder);
    return { db: new Kysely<Database>({ dialect: new PGliteDialect({ pglite: embedded }) }), embedded };
  }
  const pool = new pg.Pool({ connectionString: url, max: 10, connectionTimeoutMillis: 10_000, types });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => undefined);
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await sql`select 1`.execute(db);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, embedded: undefined };
}

/** int8 as number, as PGlite does: counts and bytes stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};

function unreachableDatabase(kind: Store["kind"], cause: unknown): TomboloError {
  const where = kind === "pglite" ? "the embedded database" : "the PostgreSQL server";
  const remedy =
    kind === "pglite"
      ? "Check that the data directory is complete, readable and on a disk with free space."
      : "Check database.url (host, port, user, password, database name) and that the server is up.";
  return new TomboloError("resource.database", `${where} could not be opened`, { remedy, cause });
}
