/** The online store in Redis, or what speaks its protocol: one hash a place, with the mark as a field of its own. */
import { createClient, RESP_TYPES } from "@redis/client";
import type { Backend, Change, Place } from "./backend.ts";

const CONNECT_MS = 5_000;
const COMMANDS_WAITING_MAX = 10_000;
const RETRY_MS_MAX = 2_000;
const SCAN_COUNT = 1_000;
const MARK = "mark";
/** A party's id, a job's and a task's have none. */
const BETWEEN = ":";

type Client = ReturnType<typeof clientOf>;

export async function openRedis(url: string, party: string): Promise<Backend> {
  const client = clientOf(url);
  try {
    await client.connect();
    await client.ping();
  } catch (error) {
    client.destroy();
    throw error;
  }
  return new RedisRows(client, party);
}

function clientOf(url: string) {
  let connected = false;
  const client = createClient({
    url,
    RESP: 2,
    // What waits for a server that is away would be answered too late.
    disableOfflineQueue: true,
    commandsQueueMaxLength: COMMANDS_WAITING_MAX,
    socket: {
      connectTimeout: CONNECT_MS,
      reconnectStrategy: (retries, cause) => (connected ? Math.min(RETRY_MS_MAX, 100 * (retries + 1)) : cause),
    },
  }).withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer });
  client.on("ready", () => {
    connected = true;
  });
  // Each call says what failed; without a listener it would end the process.
  client.on("error", () => undefined);
  return client;
}

class RedisRows implements Backend {
  readonly #client: Client;
  readonly #prefix: string;

  constructor(client: Client, party: string) {
    this.#client = client;
    this.#prefix = ["tombolo", "served", party, ""].join(BETWEEN);
  }

  async check(): Promise<void> {
    await this.#client.ping();
  }

  async get(place: Place, keys: readonly Buffer[]): Promise<readonly (Uint8Array | null)[] | null> {
    const [mark, ...values] = await this.#client.hmGet(this.#key(place), [MARK, ...keys]);
    return mark == null ? null : values;
  }

  async write(place: Place, { put, remove, mark }: Change): Promise<void> {
    const key = this.#key(place);
    const set: (Buffer | string)[] = [...put.flat(), ...(mark === null ? [] : [MARK, mark])];
    const all = this.#client.multi();
    if (set.length > 0) all.hSet(key, set as Buffer[]);
    if (remove.length > 0) all.hDel(key, [...remove]);
    if (set.length > 0 || remove.length > 0) await all.exec();
  }

  async mark(place: Place): Promise<string | null> {
    return (await this.#client.hGet(this.#key(place), MARK))?.toString() ?? null;
  }

  async clear(place: Place): Promise<void> {
    await this.#client.unlink(this.#key(place));
  }

  async removeJob(job: string): Promise<void> {
    for (const key of await this.#keys(`${this.#prefix}${job}${BETWEEN}*`)) await this.#client.unlink(key);
  }

  async jobs(): Promise<string[]> {
    const keys = await this.#keys(`${this.#prefix}*`);
    return [...new Set(keys.map((key) => key.slice(this.#prefix.length).split(BETWEEN)[0]!))];
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async #keys(pattern: string): Promise<string[]> {
    const found: string[] = [];
    for await (const keys of this.#client.scanIterator({ MATCH: pattern, COUNT: SCAN_COUNT }))
      found.push(...keys.map(String));
    return found;
  }

  #key({ job, task }: Place): string {
    return `${this.#prefix}${job}${BETWEEN}${task}`;
  }
}
