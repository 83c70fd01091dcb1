/** Where everything of a party lives: one data directory, nothing outside it. */
import { join } from "node:path";

export interface DataPaths {
  readonly root: string;
  readonly config: string;
  readonly keys: string;
  /** Prepared to follow those. */
  readonly nextKeys: string;
  readonly database: string;
  readonly datasets: string;
  readonly tasks: string;
  readonly logs: string;
  readonly temporary: string;
  readonly lock: string;
  /** Where commands reach a running node. */
  readonly controlSocket: string;
  readonly runnerSocket: string;
}

/** A Unix socket's path may have 107 bytes; the longest name in the directory is 12. */
export const ROOT_LENGTH_MAX = 94;

export const dataPaths = (root: string): DataPaths => ({
  root,
  config: join(root, "node.yaml"),
  keys: join(root, "keys"),
  nextKeys: join(root, "keys.next"),
  database: join(root, "db"),
  datasets: join(root, "datasets"),
  tasks: join(root, "tasks"),
  logs: join(root, "logs"),
  temporary: join(root, "tmp"),
  lock: join(root, "node.lock"),
  controlSocket: join(root, "control.sock"),
  runnerSocket: join(root, "runner.sock"),
});
