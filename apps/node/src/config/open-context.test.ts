/** When prepared keys are taken: not while anybody holds a line that names the present ones. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { copyEmptyDatabase } from "../testing/empty-database.ts";
import { createKeys } from "./keys.ts";
import { prepareKeys } from "./next-keys.ts";
import { openContext } from "./open-context.ts";
import { dataPaths } from "./paths.ts";

test("prepared keys wait for an invite that is open", async () => {
  const root = mkdtempSync(join(tmpdir(), "tombolo-open-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const paths = dataPaths(root);
  writeFileSync(paths.config, "party: bank\nname: Bank\n");
  await createKeys(paths.keys, "bank", undefined);
  await copyEmptyDatabase(paths.database);
  const { context, close } = await openContext(root, {});
  const present = context.keys.signing.fingerprint;
  const now = context.clock.now();
  await context.store.db
    .insertInto("contracts")
    .values({
      ...{ id: "invite", party_id: null, name: "", status: "INVITED", direction: "they-dial", address: null },
      ...{ proxy: null, signing_key: null, signing_key_fingerprint: null, certificate_fingerprint: null },
      ...{ next_signing_key: null, next_certificate_fingerprint: null, own_next_fingerprint: null },
      ...{ own_confirmed: false, partner_confirmed: false, suite: "international-1", secret_hash: "00", note: null },
      ...{ invite_expires_at: new Date(now.getTime() + 3_600_000), created_by: "ann", created_at: now },
    })
    .execute();
  await prepareKeys(paths, "bank", undefined, context.keys, now);
  await close();
  const started = await openContext(root, {}, { takeNextKeys: true });
  expect(started.context.keys.signing.fingerprint).toBe(present);
  await started.context.store.db.updateTable("contracts").set({ invite_expires_at: now }).execute();
  await started.close();
  const later = await openContext(root, {}, { takeNextKeys: true });
  expect(later.context.keys.former.map(({ certificate }) => certificate)).toEqual([context.keys.tls.fingerprint]);
  expect(later.context.keys.signing.fingerprint).not.toBe(present);
  await later.close();
}, 120_000);
