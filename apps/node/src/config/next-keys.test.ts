/** The steps from prepared keys to present ones, also when a kill comes between two of them. */
import { existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fromBase64Url, toBase64Url } from "@tombolo/base";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createKeys, FORMER_FILE, loadKeys, ownSigningKeys, verifyBytes } from "./keys.ts";
import { announcementBytes, finishTaking, preparedKeys, prepareKeys, takePreparedKeys } from "./next-keys.ts";
import { type DataPaths, dataPaths } from "./paths.ts";

let paths: DataPaths;
const NOW = new Date("2026-11-21T12:00:00Z");
const keys = () => loadKeys(paths.keys, undefined);

beforeEach(async () => {
  paths = dataPaths(mkdtempSync(join(tmpdir(), "tombolo-keys-")));
  await createKeys(paths.keys, "bank", undefined);
});
afterEach(() => rmSync(paths.root, { recursive: true, force: true }));

test("next keys are announced by the present ones and by themselves, and take their place", async () => {
  const present = await keys();
  expect(await preparedKeys(paths)).toBeUndefined();
  const prepared = await prepareKeys(paths, "bank", undefined, present, NOW);
  expect(await preparedKeys(paths)).toEqual(prepared);
  const bytes = announcementBytes(prepared.keys);
  expect(verifyBytes(present.signing.publicKey, bytes, fromBase64Url(prepared.signature))).toBe(true);
  expect(verifyBytes(fromBase64Url(prepared.keys.signingKey), bytes, fromBase64Url(prepared.proof))).toBe(true);
  await takePreparedKeys(paths, present, NOW);
  const next = await keys();
  expect(toBase64Url(next.signing.publicKey)).toBe(prepared.keys.signingKey);
  expect(next.tls.fingerprint).toBe(prepared.keys.certificate);
  expect(next.console).toEqual(present.console);
  expect(ownSigningKeys(next)).toEqual([
    { publicKey: next.signing.publicKey, until: null },
    { publicKey: present.signing.publicKey, until: NOW },
  ]);
  expect(await preparedKeys(paths)).toBeUndefined();
  expect(existsSync(paths.nextKeys)).toBe(false);
  // Once more: the list grows.
  await prepareKeys(paths, "bank", undefined, next, NOW);
  await takePreparedKeys(paths, next, NOW);
  expect((await keys()).former.map(({ certificate }) => certificate)).toEqual([
    present.tls.fingerprint,
    next.tls.fingerprint,
  ]);
});

test("a kill between the steps leaves one pair or the other, whole", async () => {
  const present = await keys();
  const { keys: next } = await prepareKeys(paths, "bank", undefined, present, NOW);
  await finishTaking(paths);
  expect((await keys()).tls.fingerprint).toBe(present.tls.fingerprint);
  renameSync(paths.keys, `${paths.keys}.retired`);
  await finishTaking(paths);
  expect((await keys()).tls.fingerprint).toBe(next.certificate);
  expect(existsSync(`${paths.keys}.retired`)).toBe(false);
});

test("a damaged list of former keys is said, not ignored", async () => {
  writeFileSync(join(paths.keys, FORMER_FILE), "[{}]");
  await expect(keys()).rejects.toMatchObject({ code: "input.keys" });
});
