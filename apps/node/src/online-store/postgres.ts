/** The online store in PostgreSQL: a table of places and one of rows, made when it is opened. */
import pg from "pg";
import type { Backend, Change, Place } from "./backend.ts";

const CONNECTIONS_MAX = 8;
const CONNECT_MS = 5_000;
/** On the server; a look-up that is not heard of gives its connection up sooner. */
const STATEMENT_MS = 600_000;
const HEARD_MS = 30_000;

const SCHEMA = `
  create table if not exists tombolo_served_places (
    id bigint generated always as identity primary key,
    party text not null, job text not null, task text not null, mark text,
    unique (party, job, task));
  create table if not exists tombolo_served_rows (
    place bigint not null, key bytea not null, value bytea not null, primary key (place, key))`;
/** Two nodes that open the same database make its tables one after the other. */
const SCHEMA_LOCK = 7_306_911;

const OF_PLACE = "party = $1 and job = $2 and task = $3";

export async function openPostgres(url: string, party: string): Promise<Backend> {
  const pool = new pg.Pool({
    connectionString: url,
    max: CONNECTIONS_MAX,
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    query_timeout: HEARD_MS,
    keepAlive: true,
    application_name: "tombolo",
  });
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on("error", () => undefined);
  try {
    await pool.query(`begin; select pg_advisory_xact_lock(${SCHEMA_LOCK}); ${SCHEMA}; commit`);
  } catch (error) {
    await pool.end();
    throw error;
  }
  return new PostgresRows(pool, party);
}

class PostgresRows implements Backend {
  readonly #pool: pg.Pool;
  readonly #party: string;

  constructor(pool: pg.Pool, party: string) {
    this.#pool = pool;
    this.#party = party;
  }

  async check(): Promise<void> {
    await this.#pool.query("select 1 from tombolo_served_rows limit 1");
  }

  async get(place: Place, keys: readonly Buffer[]): Promise<readonly (Uint8Array | null)[] | null> {
    const { rows } = await this.#pool.query<{ key: Buffer | null; value: Buffer }>({
      name: "tombolo-get",
      text: `select r.key, r.value from tombolo_served_places p
        left join tombolo_served_rows r on r.place = p.id and r.key = any($4::bytea[])
        where ${OF_PLACE} and p.mark is not null`,
      values: [...this.#of(place), keys],
    });
    if (rows.length === 0) return null;
    const found = new Map(rows.flatMap(({ key, value }) => (key === null ? [] : [[key.toString("latin1"), value]])));
    return keys.map((key) => found.get(key.toString("latin1")) ?? null);
  }

  async write(place: Place, { put, remove, mark }: Change): Promise<void> {
    await this.#pool.query({
      name: "tombolo-write",
      text: `with place as (
          insert into tombolo_served_places (party, job, task, mark) values ($1, $2, $3, $4)
          on conflict (party, job, task) do update set mark = coalesce(excluded.mark, tombolo_served_places.mark)
          returning id),
        gone as (
          delete from tombolo_served_rows where place = (select id from place) and key = any($5::bytea[]))
        insert into tombolo_served_rows (place, key, value)
        select place.id, given.key, given.value from place, unnest($6::bytea[], $7::bytea[]) as given (key, value)
        on conflict (place, key) do update set value = excluded.value`,
      values: [...this.#of(place), mark, remove, put.map(([key]) => key), put.map(([, value]) => value)],
    });
  }

  async mark(place: Place): Promise<string | null> {
    const text = `select mark from tombolo_served_places where ${OF_PLACE}`;
    const { rows } = await this.#pool.query<{ mark: string | null }>(text, this.#of(place));
    return rows[0]?.mark ?? null;
  }

  async clear(place: Place): Promise<void> {
    await this.#remove(OF_PLACE, this.#of(place));
  }

  async removeJob(job: string): Promise<void> {
    await this.#remove("party = $1 and job = $2", [this.#party, job]);
  }

  async jobs(): Promise<string[]> {
    const text = "select distinct job from tombolo_served_places where party = $1";
    const { rows } = await this.#pool.query<{ job: string }>(text, [this.#party]);
    return rows.map(({ job }) => job);
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  async #remove(where: string, values: readonly string[]): Promise<void> {
    const query = {
      text: `with gone as (delete from tombolo_served_places where ${where} returning id)
        delete from tombolo_served_rows where place in (select id from gone)`,
      values: [...values],
      query_timeout: STATEMENT_MS,
    };
    await this.#pool.query(query);
  }

  #of({ job, task }: Place): string[] {
    return [this.#party, job, task];
  }
}
