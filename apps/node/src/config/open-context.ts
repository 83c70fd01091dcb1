/** From a data directory to a NodeContext: lock, configuration, keys, database, in this order. */
import { resolve } from "node:path";
import type { Logger } from "pino";
import type { Clock, NodeContext } from "../context.ts";
import { EventBus } from "../events/bus.ts";
import { Journal } from "../journal/journal.ts";
import { createLog } from "../log/log.ts";
import { openStore } from "../store/store.ts";
import { loadConfig } from "./config.ts";
import { checkDataFolder } from "./data-folder.ts";
import { loadKeys } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { passphraseOf } from "./passphrase.ts";
import { dataPaths } from "./paths.ts";

const systemClock: Clock = { now: () => new Date() };

export interface OpenContext {
  readonly context: NodeContext;
  /** Closes the database and gives the directory back. */
  close(): Promise<void>;
}

export async function openContext(
  directory: string,
  environment: NodeJS.ProcessEnv,
  log?: Logger,
): Promise<OpenContext> {
  const paths = dataPaths(resolve(directory));
  const config = await loadConfig(paths.config, environment);
  await checkDataFolder(paths, 16 * 2 ** 20);
  const lock = takeLock(paths.lock);
  try {
    const keys = await loadKeys(paths.keys, passphraseOf(environment));
    const store = await openStore({ folder: paths.database, url: config.database.url });
    const [events, clock] = [new EventBus(), systemClock];
    const journal = new Journal({ store, party: config.party, key: keys.signing, clock, events });
    const context: NodeContext = {
      ...{ config, paths, keys, store, journal, events, clock },
      log: log ?? createLog(config.party, config.log.level),
      startedAt: clock.now(),
    };
    const close = async (): Promise<void> => {
      await store.close();
      lock.release();
    };
    return { context, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}
