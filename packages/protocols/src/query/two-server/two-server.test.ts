import { createHash } from "node:crypto";
import { concat, TomboloError } from "@tombolo/base";
import { ristretto255 } from "@tombolo/crypto";
import { atWindows, type Me, runWorld, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import { beforeAll, describe, expect, it } from "vitest";
import { publicKeyOf } from "../../oprf/index.ts";
import { rowsOf, type Table } from "../../pir/simple/index.ts";
import {
  type CatalogueHeader,
  HEADER_BYTES,
  idPrefix,
  SIGNATURE_BYTES,
  signHeader,
  tagBytesFor,
} from "../../psi/unbalanced/index.ts";
import { entriesTable } from "../hidden/index.ts";
import { type Asking, catalogueEntries } from "../keyword/index.ts";
import { guest, host, keeper, messages, receiveCopy, sendCopy } from "./index.ts";

const RECORD_BYTES = 20;
const IDS = Array.from({ length: 30 }, (_, i) => `id-${i}`);
const PARTIES = ["bank", "telco", "notary"];

interface Made {
  readonly header: CatalogueHeader;
  readonly signature: Uint8Array;
  readonly key: Uint8Array;
  readonly table: Table;
}

const digestsOf = (ids: readonly string[], catalogue: Uint8Array): Uint8Array =>
  Buffer.concat(ids.map((id) => createHash("sha256").update(idPrefix(catalogue)).update(id).digest().subarray(0, 16)));
const recordOf = (id: string): Uint8Array => new Uint8Array(Buffer.from(`record of ${id}`.padEnd(RECORD_BYTES)));

let made: Made;
beforeAll(async () => {
  const secrets = seededSecrets(9, "two servers");
  const key = ristretto255.randomScalar(secrets);
  const catalogue = secrets.bytes(32).slice();
  const shape = { tagBytes: tagBytesFor(30, 1000), recordBytes: RECORD_BYTES };
  const rows = concat(...IDS.map((id) => concat(digestsOf([id], catalogue), recordOf(id))));
  const parts: Uint8Array[] = [];
  for await (const part of catalogueEntries(rows, key, catalogue, shape)) parts.push(part);
  const zeros = new Uint8Array(32);
  const header = {
    ...{ ...shape, catalogue, version: 1, rows: 30, added: 30, removed: 0, idsMax: 1000, expiresAt: 5000 },
    ...{ publicKey: await publicKeyOf(key), snapshot: zeros, previous: zeros },
  };
  const table = await entriesTable(concat(...parts), header, secrets);
  made = { header, key, table, signature: await signHeader(header, key, secrets) };
});

interface Setting {
  readonly bytesMax?: number;
  readonly budget?: number;
}

async function play(me: Me, use: (ask: Asking) => Promise<unknown>, setting: Setting = {}): Promise<unknown> {
  const { header, signature, key, table } = made;
  if (me.id === "bank") {
    const owner = await me.peer(messages, "guest", "telco", "host");
    const second = await me.peer(messages, "guest", "notary", "host");
    const { header: told } = await owner.receive("header");
    return guest(owner, second, { secrets: me.secrets, header: told, padTo: 2 }, use);
  }
  let asked = 0;
  const admit = async (count = 1): Promise<void> => {
    asked += count;
    if (asked > (setting.budget ?? 100)) throw new TomboloError("consent.budget", "too many ids");
  };
  const asker = await me.peer(messages, "host", "bank", "guest");
  if (me.id === "notary") {
    const owner = await me.peer(messages, "keeper", "telco", "host");
    return keeper(await receiveCopy(owner, setting.bytesMax ?? 2 ** 24), asker, () => admit());
  }
  await sendCopy(table, await me.peer(messages, "host", "notary", "keeper"));
  await asker.send("header", { header, signature });
  return host(asker, { header, key, now: 0, admit, table });
}

const foundIn =
  (...questions: readonly (readonly string[])[]) =>
  (ask: Asking): Promise<unknown> =>
    Promise.all(
      questions.map(async (ids) => {
        const { found, records } = await ask(digestsOf(ids, made.header.catalogue));
        return ids.map((_, i) => (found[i] === 1 ? records.slice(i * RECORD_BYTES, (i + 1) * RECORD_BYTES) : null));
      }),
    );

describe("keyword query with two servers", () => {
  it("finds records, and none where there is none, at windows 1 and 8, within the declared cost", () =>
    atWindows([1, 8], async (window) => {
      const world = await runWorld(PARTIES, { seed: 1, window }, (me) => play(me, foundIn(["id-3", "x"], ["id-29"])));
      expect(world.result("bank")).toEqual([[recordOf("id-3"), null], [recordOf("id-29")]]);
      expect([world.result("telco"), world.result("notary")]).toEqual([4, 4]);
      const { description, cells } = made.table;
      const encoded = messages.copyDescription.codec.encode(description).length;
      const once = HEADER_BYTES + SIGNATURE_BYTES + 36 + 3 * encoded + cells.length;
      expect(world.cost.bytes).toBe(once + 4 * (64 + 2 * (description.columns + rowsOf(description))));
    }));

  it("refuses a copy that is larger than agreed, and what a budget does not allow", async () => {
    const failure = async (setting: Setting) =>
      (await runWorld(PARTIES, { seed: 1 }, (me) => play(me, foundIn(["id-1"]), setting))).error("notary");
    expect(await failure({ bytesMax: 1000 })).toMatchObject({ code: "protocol.size", blame: "telco" });
    expect((await failure({ budget: 1 })).code).toBe("consent.budget");
  });

  it("ends in an error, or without the record, when any message is tampered with", { timeout: 60_000 }, async () => {
    const lost = "a changed id, choice or entry is another, which nothing proves";
    await tamperEvery<unknown>({
      parties: PARTIES,
      table: messages,
      seed: 4,
      deadlineMs: 300,
      run: (me) => play(me, foundIn(["id-1", "id-2"])),
      check({ outcomes }) {
        if (!outcomes.bank!.ok) return;
        const [[first, second]] = outcomes.bank!.value as [[Uint8Array | null, Uint8Array | null]];
        expect([recordOf("id-1"), null]).toContainEqual(first);
        expect([recordOf("id-2"), null]).toContainEqual(second);
      },
      tolerated: { header: lost, copyCells: lost, question: lost, answer: lost, rowQuery: lost, rowAnswer: lost },
    });
  });
});
