/**
 * A runner started ahead: its code is loaded, so that the next task begins at once. It has no capability and waits in
 * an empty folder; each still runs one attempt and ends. While tasks come there is one more than work; then none.
 */
import { type ChildProcess, fork } from "node:child_process";
import { memoryFlags } from "./memory.ts";

export interface ProcessLimits {
  readonly heapMiB: number;
  readonly threads: number;
  /** Folder in which runners keep compiled code: halves their start. */
  readonly compileCache: string;
  /** Folder in which a runner without a task waits. */
  readonly waitsIn: string;
}

const MAIN = new URL("./main.ts", import.meta.url);
const IDLE_MS = 60_000;
/** All a runner sees of the node's environment: no proxy, no database URL, no passphrase. */
const ENVIRONMENT = ["PATH", "LANG", "LC_ALL", "TZ", "TOMBOLO_KERNELS"] as const;

export class SpareRunners {
  readonly #limits: ProcessLimits;
  #spare: ChildProcess | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(limits: ProcessLimits) {
    this.#limits = limits;
  }

  /** The one that waits, else a new one; the next is started. */
  take(): ChildProcess {
    const taken = this.#spare ?? forkRunner(this.#limits);
    this.#spare = undefined;
    if (!this.#closed) this.#keepOne();
    return taken;
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #keepOne(): void {
    const spare = forkRunner(this.#limits);
    const gone = (): void => {
      if (this.#spare === spare) this.#spare = undefined;
    };
    spare.once("exit", gone).once("error", gone);
    this.#spare = spare;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#end(), IDLE_MS).unref();
  }

  #end(): void {
    clearTimeout(this.#idle);
    this.#spare?.kill("SIGKILL");
    this.#spare = undefined;
  }
}

export function forkRunner({ heapMiB, threads, compileCache, waitsIn }: ProcessLimits): ChildProcess {
  const env: Record<string, string> = {
    HOME: waitsIn,
    TMPDIR: waitsIn,
    RAYON_NUM_THREADS: String(threads),
    NODE_COMPILE_CACHE: compileCache,
  };
  for (const name of ENVIRONMENT) if (process.env[name] !== undefined) env[name] = process.env[name];
  return fork(MAIN, [], {
    cwd: waitsIn,
    env,
    execArgv: [...memoryFlags(heapMiB), "--disable-warning=ExperimentalWarning"],
    serialization: "advanced",
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
}
