/** A real PostgreSQL for tests: a cluster of its own in a temporary folder, run by an account that may. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { freePorts } from "./cluster.ts";

const binaries = findBinaries();
const account = accountOf();

/** False where its server is not installed, or no account may run it. */
export const hasPostgres: boolean = binaries !== undefined && account !== undefined;

/** Debian keeps them out of PATH. */
function findBinaries(): string | undefined {
  const root = "/usr/lib/postgresql";
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((each) => join(root, each, "bin")), "/usr/local/bin", "/usr/bin"];
  return folders.find((folder) => ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name))));
}

interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; then `postgres` or `nobody` runs it. */
function accountOf(): Account | undefined {
  const { uid, gid } = userInfo();
  if (uid !== 0) return { uid, gid };
  for (const name of ["postgres", "nobody"])
    try {
      const id = (flag: string) => Number(execFileSync("id", [flag, name], { encoding: "utf8", stdio: "pipe" }));
      return { uid: id("-u"), gid: id("-g") };
    } catch {
      // No such account here.
    }
  return undefined;
}

export class Postgres {
  /** Without a database's name. */
  readonly url: string;
  readonly #folder: string;

  private constructor(url: string, folder: string) {
    this.url = url;
    this.#folder = folder;
  }

  static async start(): Promise<Postgres> {
    const folder = mkdtempSync(join(tmpdir(), "tombolo-postgres-"));
    chownSync(folder, account!.uid, account!.gid);
    chmodSync(folder, 0o700);
    const data = join(folder, "data");
    const [port] = await freePorts(1);
    run(folder, "initdb", ["-D", data, "-U", "tombolo", "--auth=trust", "--encoding=UTF8"]);
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
    run(folder, "pg_ctl", ["-D", data, "-w", "-l", join(folder, "log"), "-o", settings, "start"]);
    return new Postgres(`postgres://tombolo@127.0.0.1:${port}`, folder);
  }

  async createDatabase(name: string): Promise<string> {
    const { default: pg } = await import("pg");
    const client = new pg.Client(`${this.url}/postgres`);
    await client.connect();
    await client.query(`create database ${name}`);
    await client.end();
    return `${this.url}/${name}`;
  }

  stop(): void {
    run(this.#folder, "pg_ctl", ["-D", join(this.#folder, "data"), "-m", "immediate", "stop"]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function run(folder: string, program: string, args: readonly string[]): void {
  const options = { ...account, cwd: folder, stdio: "pipe" as const, env: { PATH: process.env.PATH, LC_ALL: "C" } };
  execFileSync(join(binaries!, program), args, options);
}
