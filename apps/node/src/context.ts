/** What every area of the node receives. Built once in main.ts. */
import type { Logger } from "pino";
import type { Clock } from "./actor.ts";
import type { NodeConfig } from "./config/config.ts";
import type { NodeKeys } from "./config/keys.ts";
import type { DataPaths } from "./config/paths.ts";
import type { EventBus } from "./events/bus.ts";
import type { Journal } from "./journal/journal.ts";
import type { OnlineStore } from "./online-store/online-store.ts";
import type { Store } from "./store/store.ts";

export { type Actor, type Clock, systemActor } from "./actor.ts";

export interface NodeContext {
  readonly config: NodeConfig;
  readonly paths: DataPaths;
  readonly keys: NodeKeys;
  readonly store: Store;
  readonly journal: Journal;
  readonly events: EventBus;
  /** Where services look rows up, if one is configured. */
  readonly onlineStore: OnlineStore | undefined;
  readonly log: Logger;
  readonly clock: Clock;
  readonly startedAt: Date;
}
