/** Where everything of a party lives: one data directory, nothing outside it. */
import { join } from "node:path";

export interface DataPaths {
  readonly root: string;
  readonly config: string;
  readonly keys: string;
  readonly database: string;
  readonly datasets: string;
  readonly tasks: string;
  readonly logs: string;
  readonly temporary: string;
  readonly lock: string;
  readonly runnerSocket: string;
}

export const dataPaths = (root: string): DataPaths => ({
  root,
  config: join(root, "node.yaml"),
  keys: join(root, "keys"),
  database: join(root, "db"),
  datasets: join(root, "datasets"),
  tasks: join(root, "tasks"),
  logs: join(root, "logs"),
  temporary: join(root, "tmp"),
  lock: join(root, "node.lock"),
  runnerSocket: join(root, "runner.sock"),
});
