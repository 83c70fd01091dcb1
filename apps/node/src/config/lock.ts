/**
 * One process per data directory. The lock names process, its start time and the machine's boot, so that a process
 * number used again, or a lock left by a crash, does not keep the node from starting.
 */
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { TomboloError } from "@tombolo/base";

export interface DataLock {
  release(): void;
}

/** Throws `state.running` when another process holds it. */
export function takeLock(file: string): DataLock {
  const mine = JSON.stringify({ pid: process.pid, started: startOf(process.pid) });
  for (let attempt = 0; attempt < 5; attempt++) {
    if (create(file, mine)) return { release: () => release(file, mine) };
    const holder = read(file);
    if (holder === undefined) continue;
    if (isAlive(holder)) throw running(holder);
    removeStale(file, holder);
  }
  throw running(read(file) ?? "");
}

/** The process that holds the lock, if it lives. */
export function lockHolder(file: string): number | undefined {
  const holder = read(file);
  return holder !== undefined && isAlive(holder) ? pidIn(holder) : undefined;
}

function create(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Moves the dead lock away; if somebody renewed it in between, puts the new one back. */
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
    if (read(aside) !== stale) linkSync(aside, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
  rmSync(aside, { force: true });
}

function release(file: string, mine: string): void {
  if (read(file) === mine) rmSync(file, { force: true });
}

function isAlive(holder: string): boolean {
  const pid = pidIn(holder);
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return (JSON.parse(holder) as { started?: string }).started === startOf(pid);
}

function pidIn(holder: string): number | undefined {
  try {
    const { pid } = JSON.parse(holder) as { pid: unknown };
    return Number.isSafeInteger(pid) ? (pid as number) : undefined;
  } catch {
    return undefined;
  }
}

/** Boot and start time where the system tells (Linux); elsewhere the process number alone decides. */
function startOf(pid: number): string {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // Field 22, counted after the command's closing parenthesis.
    return `${boot}/${stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19]}`;
  } catch {
    return "";
  }
}

const running = (holder: string): TomboloError =>
  new TomboloError("state.running", `another process (${pidIn(holder) ?? "?"}) uses this data directory`, {
    remedy: "Stop it first; a data directory belongs to one process.",
  });
