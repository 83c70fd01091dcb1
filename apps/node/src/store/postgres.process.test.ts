/** The store's suite on a real PostgreSQL: a cluster of its own in a temporary folder, by an account that may run one. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { storeSuite } from "../testing/store-suite.ts";
import { testContext } from "../testing/test-context.ts";
import { openStore } from "./store.ts";

const binaries = findBinaries();
const account = accountOf();
const possible = binaries !== undefined && account !== undefined;

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

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

describe.skipIf(!possible)("store on PostgreSQL", () => {
  let folder: string;
  let base: string;
  const run = (program: string, args: readonly string[]): void => {
    const options = { ...account, cwd: folder, stdio: "pipe" as const, env: { PATH: process.env.PATH, LC_ALL: "C" } };
    execFileSync(join(binaries!, program), args, options);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tombolo-postgres-"));
    chownSync(folder, account!.uid, account!.gid);
    chmodSync(folder, 0o700);
    const data = join(folder, "data");
    const port = await freePort();
    run("initdb", ["-D", data, "-U", "tombolo", "--auth=trust", "--encoding=UTF8"]);
    const settings = `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=${folder}`;
    run("pg_ctl", ["-D", data, "-w", "-l", join(folder, "log"), "-o", settings, "start"]);
    base = `postgres://tombolo@127.0.0.1:${port}`;
  }, 120_000);
  afterAll(() => {
    run("pg_ctl", ["-D", join(folder, "data"), "-m", "immediate", "stop"]);
    rmSync(folder, { recursive: true, force: true });
  });

  storeSuite(() => testContext({ databaseUrl: `${base}/postgres` }));

  test("two nodes that open the same empty database migrate it once", async () => {
    const { default: pg } = await import("pg");
    const client = new pg.Client(`${base}/postgres`);
    await client.connect();
    await client.query("create database twice");
    await client.end();
    const open = () => openStore({ folder: "/nowhere", url: `${base}/twice` });
    const [first, second] = await Promise.all([open(), open()]);
    expect(await second.db.selectFrom("journal_head").select("size").execute()).toEqual([{ size: 0 }]);
    await first.close();
    await second.close();
  });
});

test("an unreachable PostgreSQL is named with what to check", async () => {
  const opening = openStore({ folder: "/nowhere", url: `postgres://tombolo@127.0.0.1:${await freePort()}/x` });
  await expect(opening).rejects.toMatchObject({
    code: "resource.database",
    remedy: expect.stringContaining("database.url"),
  });
});

test.runIf(!possible)("store on PostgreSQL is skipped: its server is not installed here", () => {
  expect(possible).toBe(false);
});
