/** From a data directory to a NodeContext: lock, configuration, keys, database, in this order. */
import { resolve } from "node:path";
import { fromBase64Url } from "@tombolo/base";
import type { Logger } from "pino";
import { type Clock, type NodeContext, systemActor } from "../context.ts";
import { EventBus } from "../events/bus.ts";
import { Journal } from "../journal/journal.ts";
import { createLog } from "../log/log.ts";
import { openOnlineStore } from "../online-store/online-store.ts";
import { openStore, type Store } from "../store/store.ts";
import { loadConfig } from "./config.ts";
import { checkDataFolder } from "./data-folder.ts";
import { loadKeys, type NodeKeys, sha256Hex } from "./keys.ts";
import { takeLock } from "./lock.ts";
import { finishTaking, preparedKeys, takePreparedKeys } from "./next-keys.ts";
import { passphraseOf } from "./passphrase.ts";
import { type DataPaths, dataPaths } from "./paths.ts";

const systemClock: Clock = { now: () => new Date() };

export interface OpenContext {
  readonly context: NodeContext;
  /** Closes the database and gives the directory back. */
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly log?: Logger;
  /** The node starts: prepared keys that every partner knows become the present ones. */
  readonly takeNextKeys?: boolean;
}

export async function openContext(
  directory: string,
  environment: NodeJS.ProcessEnv,
  { log, takeNextKeys = false }: OpenOptions = {},
): Promise<OpenContext> {
  const paths = dataPaths(resolve(directory));
  const config = await loadConfig(paths.config, environment);
  await checkDataFolder(paths, 16 * 2 ** 20);
  const lock = takeLock(paths.lock);
  try {
    await finishTaking(paths);
    const present = await loadKeys(paths.keys, passphraseOf(environment));
    const store = await openStore({ folder: paths.database, url: config.database.url });
    const onlineStore = await openOnlineStore(config).catch(async (error: unknown) => {
      await store.close();
      throw error;
    });
    const [events, clock] = [new EventBus(), systemClock];
    const taken = takeNextKeys && (await tookNextKeys(paths, store, present, clock));
    const keys = taken ? await loadKeys(paths.keys, passphraseOf(environment)) : present;
    const journal = new Journal({ store, party: config.party, key: keys.signing, clock, events });
    const context: NodeContext = {
      ...{ config, paths, keys, store, onlineStore, journal, events, clock },
      log: log ?? createLog(config.party, config.log.level),
      startedAt: clock.now(),
    };
    if (taken)
      await journal.append(
        "keys.changed",
        systemActor,
        { en: "The keys of this party were changed", zh: "本机构的密钥已更换" },
        {
          signingKey: keys.signing.fingerprint,
          certificate: keys.tls.fingerprint,
          former: present.signing.fingerprint,
        },
      );
    const close = async (): Promise<void> => {
      await onlineStore?.close();
      await store.close();
      lock.release();
    };
    return { context, close };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Not before every partner knows them, and not while a contract is being agreed on or an invite open: people compare the present ones. */
async function tookNextKeys(paths: DataPaths, store: Store, present: NodeKeys, clock: Clock): Promise<boolean> {
  const prepared = await preparedKeys(paths);
  if (prepared === undefined) return false;
  const contracts = await store.db
    .selectFrom("contracts")
    .select(["status", "own_next_fingerprint"])
    .where((eb) =>
      eb.or([
        eb("status", "in", ["APPLIED", "APPROVED"]),
        // An invite line names the present keys, too.
        eb("status", "=", "INVITED").and("invite_expires_at", ">", clock.now()),
      ]),
    )
    .execute();
  const next = sha256Hex(fromBase64Url(prepared.keys.signingKey));
  if (contracts.some((each) => each.status !== "APPROVED" || each.own_next_fingerprint !== next)) return false;
  await takePreparedKeys(paths, present, clock.now());
  return true;
}
