import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
import { createDataFolder } from "../config/data-folder.ts";
import { openContext } from "../config/open-context.ts";
import { type NodeContext, systemActor } from "../context.ts";
import { createFlow, saveFlow } from "../flows/flows.ts";
import { keptFlow, listRevisions } from "../flows/rows.ts";
import { listGrants } from "../grants/grant-rows.ts";
import { confirmGrant } from "../grants/grants.ts";
import { contractById, contractWith, findKeys, fingerprintOf, SUITE } from "../partner/contract-rows.ts";
import { confirmContract } from "../partner/contracts.ts";
import { Outbox } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { scheduleById } from "../schedules/rows.ts";
import { toJson } from "../store/columns.ts";
import { copyEmptyDatabase } from "../testing/empty-database.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import type { Manifest } from "./archive.ts";
import { backUp } from "./back-up.ts";
import { restore } from "./restore.ts";
import { markRestored, settleRestored } from "./settle.ts";

const folder = mkdtempSync(join(tmpdir(), "tombolo-backup-"));
const file = join(folder, "bank.tar.gz");
let context: TestContext;
let flowId: string;

const put = (path: string, text: string): void => {
  const to = join(context.paths.root, path);
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, text);
};

const NOTHING = { grants: [], schedules: [], contracts: [] };

const TERMS = { datasetId: "d1", partners: ["telco"], expiresAt: "2099-01-01T00:00:00Z" } as GrantTerms;

const keepGrant = (id: string, owner: string, status: "ACTIVE" | "USED_UP") =>
  context.store.db
    .insertInto("grants")
    .values({
      ...{ id, owner, status, terms: toJson(TERMS), dataset_name: "d1", uses_left: 3 },
      ...{ requested_party: "telco", requested_by: "tom", created_at: context.clock.now() },
    })
    .execute();

const keepSchedule = (id: string, status: "ACTIVE" | "PAUSED", reason: string | null = null) => {
  const now = context.clock.now();
  return context.store.db
    .insertInto("schedules")
    .values({
      ...{ id, name: id, project_id: "p", status, flow: toJson({}), message: "", cron: "0 6 * * *", time_zone: "UTC" },
      ...{
        until: now,
        approved_hash: "h",
        next_run_at: status === "ACTIVE" ? now : null,
        held: reason !== null,
        reason,
      },
      ...{ created_by: "asker", created_by_id: "asker", created_at: now, approved_by: "approver" },
    })
    .execute();
};

const keepContract = (party: string, status: "APPLIED" | "APPROVED" | "TERMINATED") =>
  context.store.db
    .insertInto("contracts")
    .values({
      ...{ id: party, party_id: party, name: party, status, direction: "they-dial", address: null, proxy: null },
      ...{ signing_key: "A".repeat(43), signing_key_fingerprint: "ab".repeat(32), secret_hash: null, note: null },
      ...{ certificate_fingerprint: "cd".repeat(32), next_signing_key: null, next_certificate_fingerprint: null },
      ...{ own_next_fingerprint: null, own_confirmed: true, partner_confirmed: status === "APPROVED", suite: SUITE },
      ...{ invite_expires_at: null, created_by: "olga", created_at: context.clock.now() },
    })
    .execute();

/** With a revision behind it. */
async function keepFlow(): Promise<string> {
  const flow = (name: string) => ({ version: "1", name, parties: [{ party: "bank", role: "guest" }], tasks: {} });
  const { row } = await createFlow(context, systemActor, { flow: flow("Draft"), projectId: null, places: {} });
  await saveFlow(context, systemActor, row.id, { flow: flow("Score card"), base: 1, goesOn: false });
  return row.id;
}

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
  await keepSchedule("daily", "ACTIVE");
  await keepSchedule("rested", "PAUSED");
  await keepSchedule("held", "PAUSED", "seen by an approver");
  await keepContract("telco", "APPROVED");
  await keepContract("shop", "APPLIED");
  await keepContract("over", "TERMINATED");
  flowId = await keepFlow();
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
    waiting: { grants: ["grant-own"], schedules: ["daily", "rested"], contracts: ["shop", "telco"] },
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
  expect((await keptFlow(again, flowId)).row).toMatchObject({ name: "Score card", revision: 2 });
  expect((await listRevisions(again, flowId)).map(({ revision }) => revision).sort()).toEqual([1, 2]);
  // The schedules' two, and the restore itself.
  expect(await again.journal.size()).toBe(5);
  await schedulesAndContractsWait(again);
  await grantsWait(again);
  await close();
});

/** One was revoked after the backup: none lets anybody in until an approver confirms it. */
async function grantsWait(again: NodeContext): Promise<void> {
  const all = (await listGrants(again)).map(({ id, status }) => [id, status] as const);
  const expected = { "grant-own": "SUSPENDED", "grant-used": "USED_UP", "grant-theirs": "ACTIVE" };
  expect(Object.fromEntries(all)).toEqual(expected);
  expect(await settleRestored(again)).toEqual(NOTHING);
  const side = { ...again, outbox: new Outbox() } as unknown as Side;
  await expect(confirmGrant(side, systemActor, "grant-used")).rejects.toMatchObject({ code: "state.grant" });
  expect(await confirmGrant(side, systemActor, "grant-own")).toMatchObject({ status: "ACTIVE", reason: null });
  expect(await again.journal.size()).toBe(7);
}

/** Withdrawn and ended after the backup: none runs, and no partner is let in, until a person says so. */
async function schedulesAndContractsWait(again: NodeContext): Promise<void> {
  for (const id of ["daily", "rested"])
    expect(await scheduleById(again, id)).toMatchObject({ status: "PAUSED", held: true, next_run_at: null });
  expect(await scheduleById(again, "held")).toMatchObject({
    status: "PAUSED",
    held: true,
    reason: "seen by an approver",
  });
  for (const party of ["telco", "shop"]) {
    await expect(contractWith(again, party)).rejects.toMatchObject({ code: "consent.no-contract" });
    expect(await findKeys(again, party)).toMatchObject({ confirmed: false });
  }
  expect((await contractById(again, "over")).status).toBe("TERMINATED");
  const side = { ...again, outbox: new Outbox(), wire: { refresh: async () => {} } } as unknown as Side;
  const telco = await contractById(again, "telco");
  await confirmContract(side, systemActor, "telco", fingerprintOf(again, telco)!);
  expect((await contractWith(again, "telco")).id).toBe("telco");
}

test("what does not open leaves no directory, and the next try makes it", async () => {
  const sealed = join(folder, "sealed");
  const right = { TOMBOLO_PASSPHRASE: "the right words" };
  const config = { party: "bank", name: "Bank" };
  const paths = await createDataFolder({ directory: sealed, config, passphrase: right.TOMBOLO_PASSPHRASE });
  await copyEmptyDatabase(paths.database);
  const { context: whole, close } = await openContext(sealed, right);
  const from = join(folder, "sealed.tar.gz");
  await backUp(whole, from);
  await close();
  const directory = join(folder, "unsealed");
  const wrong = { TOMBOLO_PASSPHRASE: "other words" };
  await expect(restore(from, directory, wrong)).rejects.toMatchObject({ code: "input.keys" });
  expect(existsSync(directory)).toBe(false);
  expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  expect(await restore(from, directory, right)).toMatchObject({ directory, journalOk: true });
});

test("a directory whose database comes later has the mark from the moment it appears", async () => {
  const without = await altered("without-database", (inside) => {
    rmSync(join(inside, "database.tar.gz"));
    const manifest = JSON.parse(readFileSync(join(inside, "backup.json"), "utf8")) as Manifest;
    const files = manifest.files.filter(({ path }) => path !== "database.tar.gz");
    writeFileSync(join(inside, "backup.json"), JSON.stringify({ ...manifest, database: "none", files }));
  });
  const directory = join(folder, "later");
  const away = { TOMBOLO_DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" };
  await expect(restore(without, directory, away)).rejects.toThrow();
  expect(existsSync(directory)).toBe(false);
  expect(await restore(without, directory, {})).toMatchObject({ database: "none", waiting: null });
  expect(existsSync(join(directory, "restored"))).toBe(true);
});

test("a database that is restored by other means is settled when the node comes up", async () => {
  await markRestored(context.paths.root, "2026-11-22T00:00:00Z");
  const { db } = context.store;
  await db.updateTable("grants").set({ status: "ACTIVE" }).where("id", "=", "grant-own").execute();
  expect(await settleRestored(context)).toMatchObject({ grants: ["grant-own"] });
  expect(await settleRestored(context)).toEqual(NOTHING);
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
