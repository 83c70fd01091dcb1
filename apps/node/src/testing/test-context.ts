/** A real NodeContext on a temporary data directory: real PGlite, real keys. For tests only. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { checkConfig } from "../config/config.ts";
import { createKeys, loadKeys } from "../config/keys.ts";
import { dataPaths } from "../config/paths.ts";
import type { NodeContext } from "../context.ts";
import { EventBus } from "../events/bus.ts";
import { Journal } from "../journal/journal.ts";
import { openStore } from "../store/store.ts";
import { copyEmptyDatabase } from "./empty-database.ts";

/** A clock that tests move by hand. */
export class TestClock {
  time: Date;
  constructor(time = new Date("2026-11-21T09:00:00Z")) {
    this.time = time;
  }
  now(): Date {
    return this.time;
  }
  advance(minutes: number): void {
    this.time = new Date(this.time.getTime() + minutes * 60_000);
  }
}

export interface TestContext extends NodeContext {
  readonly clock: TestClock;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface TestContextOptions {
  readonly party?: string;
  readonly databaseUrl?: string;
  /** Merged over the defaults, as in node.yaml. */
  readonly config?: Record<string, unknown>;
}

export async function testContext(options: TestContextOptions = {}): Promise<TestContext> {
  const party = options.party ?? "bank";
  const root = mkdtempSync(join(tmpdir(), "tombolo-node-"));
  const paths = dataPaths(root);
  for (const folder of [paths.datasets, paths.temporary]) mkdirSync(folder, { recursive: true });
  const config = checkConfig({ party, name: `Test ${party}`, ...options.config });
  await createKeys(paths.keys, party, undefined);
  const keys = await loadKeys(paths.keys, undefined);
  if (options.databaseUrl === undefined) await copyEmptyDatabase(paths.database);
  const store = await openStore({ folder: paths.database, url: options.databaseUrl });
  const clock = new TestClock();
  const events = new EventBus();
  const journal = new Journal({ store, party, key: keys.signing, clock, events });
  return {
    onlineStore: undefined,
    ...{ config, paths, keys, store, journal, events, clock, log: pino({ level: "silent" }), startedAt: clock.now() },
    async [Symbol.asyncDispose]() {
      await store.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
