/**
 * How many different keys a service was asked about today (UTC), at who asks: the partner cannot tell keys apart. By hashes under a
 * key of the day, which goes with them at its end; kept in a file, so that an attempt goes on where the one before stopped. A node that is
 * killed forgets what it had not written, a few calls at most.
 */
import { appendFile, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { concat, type Secrets, toHex, utf8 } from "@tombolo/base";
import { DIGEST_BYTES, ID_DIGEST_BYTES, sha256Prefixed } from "@tombolo/crypto";
import { z } from "zod";
import { field } from "../fields.ts";

export const distinctPerDay = field(
  z.number().int().min(1).max(1_000_000).nullable().default(null),
  { en: "Different keys a day", zh: "每日不同键数上限" },
  {
    en: "Counted by the asking party's node, which refuses more; a key asked again counts once. The partner cannot count these: its own limits count every question. Empty: no limit.",
    zh: "由查询方节点计数并拒绝超出的查询；重复查询同一键只计一次。合作方无法区分不同的键，其限额按每次提问计。留空则不限。",
  },
);

const DAY_BYTES = 10;
const KEY_BYTES = 32;
const HASH_BYTES = 8;

export class DistinctKeys {
  readonly #path: string;
  readonly #most: number;
  readonly #secrets: Secrets;
  #day = "";
  #key: Uint8Array = new Uint8Array(0);
  #seen = new Set<string>();
  /** One after another. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(folder: string, most: number, secrets: Secrets) {
    this.#path = join(folder, "distinct");
    this.#most = most;
    this.#secrets = secrets;
  }

  static async open(folder: string, most: number, secrets: Secrets): Promise<DistinctKeys> {
    const keys = new DistinctKeys(folder, most, secrets);
    const kept = await readFile(keys.#path).catch(() => undefined);
    if (kept === undefined || kept.length < DAY_BYTES + KEY_BYTES) return keys;
    keys.#day = kept.toString("latin1", 0, DAY_BYTES);
    keys.#key = new Uint8Array(kept.subarray(DAY_BYTES, DAY_BYTES + KEY_BYTES));
    for (let at = DAY_BYTES + KEY_BYTES; at + HASH_BYTES <= kept.length; at += HASH_BYTES)
      keys.#seen.add(toHex(kept.subarray(at, at + HASH_BYTES)));
    return keys;
  }

  /** For each digest whether it may be asked about: it was today, or there is room for another. */
  admit(digests: Uint8Array, now: number): Promise<boolean[]> {
    const admitted = this.#last.then(() => this.#admit(digests, now));
    this.#last = admitted.catch(() => {});
    return admitted;
  }

  async #admit(digests: Uint8Array, now: number): Promise<boolean[]> {
    await this.#turnTo(new Date(now).toISOString().slice(0, DAY_BYTES));
    const count = digests.length / ID_DIGEST_BYTES;
    const offsets = Uint32Array.from({ length: count + 1 }, (_, i) => i * ID_DIGEST_BYTES);
    const hashes = await sha256Prefixed(this.#key, digests, offsets);
    const added: Uint8Array[] = [];
    const admitted = Array.from({ length: count }, (_, i) => {
      const hash = hashes.subarray(i * DIGEST_BYTES, i * DIGEST_BYTES + HASH_BYTES);
      const name = toHex(hash);
      if (this.#seen.has(name)) return true;
      if (this.#seen.size >= this.#most) return false;
      this.#seen.add(name);
      added.push(hash);
      return true;
    });
    if (added.length > 0) await appendFile(this.#path, concat(...added), { mode: 0o600 });
    return admitted;
  }

  async #turnTo(day: string): Promise<void> {
    if (day === this.#day) return;
    await rm(this.#path, { force: true });
    this.#day = day;
    this.#seen = new Set();
    this.#key = this.#secrets.bytes(KEY_BYTES).slice();
    await writeFile(this.#path, concat(utf8(day), this.#key), { mode: 0o600 });
  }
}
