import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { GrantTerms } from "@tombolo/sdk";
import { create, extract } from "tar";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createUser, listUsers } from "../auth/users.ts";
import { openContext } from "../config/open-context.ts";
import { type NodeContext, systemActor } from "../context.ts";
import { listGrants } from "../grants/grant-rows.ts";
import { confirmGrant } from "../grants/grants.ts";
import { Outbox } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { backUp } from "./back-up.ts";
import { restore } from "./restore.ts";
import { markRestored, settleRestored } from "./settle.ts";

const folder = mkdtempSync(join(tmpdir(), "tombolo-backup-"));
const file = join(folder, "bank.tar.gz");
let context: TestContext;

const put = (path: string, text: string): void => {
  const to = join(context.paths.root, path);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
};

const TERMS = { datasetId: "d1", partners: ["telco"], expiresAt: "2099-01-01T00:00:00Z" } as GrantTerms;

const keepGrant = (id: string, owner: string, status: "ACTIVE" | "USED_UP") =>
  context.store.db
    .insertInto("grants")
    .values({
      ...{ id, owner, status, terms: toJson(TERMS), dataset_name: "d1", uses_left: 3 },
      ...{ requested_party: "telco", requested_by: "tom", created_at: context.clock.now() },
    })
    .execute();

beforeAll(async () => {
  context = await testContext();
  put("node.yaml", "party: bank\nname: Test bank\n");
  put("datasets/d1/data.parquet", "rows".repeat(100_000));
  put("tasks/job/train/1/model.json", '{"kind":"x"}');
  put("tasks/job/catalogue/1/catalogue.files/key", "secret of an epoch");
  put("tasks/job/catalogue/1/catalogue.files/tags", "tags");
  put("tasks/job/train/work/half-done", "x");
  put("logs/node.log", "x");
  await createUser(context, systemActor, { username: "alice", displayName: "Alice", roles: ["analyst"] });
  await keepGrant("grant-own", "bank", "ACTIVE");
  await keepGrant("grant-used", "bank", "USED_UP");
  await keepGrant("grant-theirs", "telco", "ACTIVE");
  await context.journal.append("test.entry", systemActor, { en: "x", zh: "x" });
  await backUp(context, file);
  await context.store.db.updateTable("grants").set({ status: "REVOKED" }).where("id", "=", "grant-own").execute();
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

test("what a backup restores is what there was, but for what must not come back", async () => {
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const directory = join(folder, "restored");
  const done = await restore(file, directory, {});
  expect(done).toMatchObject({
    party: "bank",
    database: "embedded",
    journalOk: true,
    journalEntries: 2,
    grantsSuspended: 1,
  });
  for (const path of ["datasets/d1/data.parquet", "tasks/job/train/1/model.json"])
    expect(readFileSync(join(directory, path))).toEqual(readFileSync(join(context.paths.root, path)));
  expect(existsSync(join(directory, "tasks/job/catalogue/1/catalogue.files/tags"))).toBe(true);
  for (const path of ["tasks/job/catalogue/1/catalogue.files/key", "tasks/job/train/work", "backup.json"])
    expect(existsSync(join(directory, path)), path).toBe(false);
  expect(statSync(join(directory, "keys")).mode & 0o077).toBe(0);
  const { context: again, close } = await openContext(directory, {});
  expect(again.keys.signing.fingerprint).toBe(context.keys.signing.fingerprint);
  expect((await listUsers(again)).map(({ username }) => username)).toEqual(["alice"]);
  expect(await again.journal.size()).toBe(3);
  await grantsWait(again);
  await close();
});

/** One was revoked after the backup: none lets anybody in until an approver confirms it. */
async function grantsWait(again: NodeContext): Promise<void> {
  const all = (await listGrants(again)).map(({ id, status }) => [id, status] as const);
  const expected = { "grant-own": "SUSPENDED", "grant-used": "USED_UP", "grant-theirs": "ACTIVE" };
  expect(Object.fromEntries(all)).toEqual(expected);
  expect(await settleRestored(again)).toBe(0);
  const side = { ...again, outbox: new Outbox() } as unknown as Side;
  await expect(confirmGrant(side, systemActor, "grant-used")).rejects.toMatchObject({ code: "state.grant" });
  expect(await confirmGrant(side, systemActor, "grant-own")).toMatchObject({ status: "ACTIVE", reason: null });
  expect(await again.journal.size()).toBe(4);
}

test("a database that is restored by other means is settled when the node comes up", async () => {
  await markRestored(context, "2026-11-22T00:00:00Z");
  const { db } = context.store;
  await db.updateTable("grants").set({ status: "ACTIVE" }).where("id", "=", "grant-own").execute();
  expect(await settleRestored(context)).toBe(1);
  expect(await settleRestored(context)).toBe(0);
});

test("nothing is overwritten, and a backup does not hold itself", async () => {
  await expect(backUp(context, file)).rejects.toMatchObject({ code: "state.exists" });
  await expect(backUp(context, join(context.paths.root, "b.tar.gz"))).rejects.toMatchObject({ code: "input.file" });
  await expect(restore(file, context.paths.root, {})).rejects.toMatchObject({ code: "state.exists" });
  await expect(restore(join(folder, "none"), join(folder, "n"), {})).rejects.toMatchObject({ code: "input.file" });
});

/** A backup with something in it changed, packed again. */
async function altered(name: string, change: (inside: string) => void): Promise<string> {
  const inside = join(folder, name);
  mkdirSync(inside);
  await extract({ file, cwd: inside });
  change(inside);
  const to = join(folder, `${name}.tar.gz`);
  await create({ cwd: inside, file: to, gzip: true }, ["."]);
  return to;
}

test.each<[string, (inside: string) => void]>([
  ["a changed file", (inside) => writeFileSync(join(inside, "datasets/d1/data.parquet"), "other")],
  ["a missing file", (inside) => rmSync(join(inside, "keys/signing-key.pem"))],
  ["a link out", (inside) => symlinkSync("/etc/passwd", join(inside, "datasets/link"))],
  ["a file of another kind", (inside) => writeFileSync(join(inside, "run-me.sh"), "x")],
  ["a broken manifest", (inside) => writeFileSync(join(inside, "backup.json"), "{}")],
])("%s is found, and nothing is left", async (name, change) => {
  const bad = await altered(name.replaceAll(" ", "-"), change);
  const directory = join(folder, `${name} restored`.replaceAll(" ", "-"));
  await expect(restore(bad, directory, {})).rejects.toMatchObject({ code: "input.backup" });
  expect(existsSync(directory)).toBe(false);
});

test("a torn file is found", async () => {
  const torn = join(folder, "torn.tar.gz");
  writeFileSync(torn, readFileSync(file).subarray(0, 100_000));
  await expect(restore(torn, join(folder, "torn"), {})).rejects.toMatchObject({ code: "input.backup" });
});
