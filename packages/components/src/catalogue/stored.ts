/** A catalogue as each party keeps it between jobs: a small model part, and files beside it. */
import { open, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, type Secrets, TomboloError, toHex } from "@tombolo/base";
import {
  type CatalogueHeader,
  decodeHeader,
  encodeHeader,
  epochOver,
  headerHash,
} from "@tombolo/protocols/psi/unbalanced";
import { z } from "zod";
import { handed } from "../match-label/parameters.ts";
import { duplicatesRule, emptyRule, parameters } from "../psi/parameters.ts";

const { normalise } = parameters.shape;
const schema = z.strictObject({
  kind: z.literal("catalogue"),
  header: z.string().regex(/^([0-9a-f]{2})+$/),
  /** How ids were written when it was made; questions write theirs alike. */
  normalise,
  duplicates: duplicatesRule,
  empty: emptyRule,
  /** At the maker: the id columns it was made from. A refresh has the same. */
  keys: z.array(z.string()).nullable(),
  /** What stands in the records, in this order; none: there are no records. */
  columns: z.array(handed),
  /** Of a host's part of a model, tabulated: which part it is, and what its records are like; then there are no columns. */
  scores: z
    .strictObject({ digest: z.string(), splits: z.number().int().min(0), ages: z.boolean() })
    .nullable()
    .default(null),
  /** Of a table that stays with its maker: what an asker needs to know of it. */
  retrieval: z
    .strictObject({
      description: z.string().regex(/^([0-9a-f]{2})+$/),
      /** Whether who asks keeps the hint. */
      hint: z.enum(["kept", "none"]).default("kept"),
    })
    .optional(),
  /** At the maker: numbers of the dummies that are in it. */
  dummies: z.strictObject({ first: z.number().int(), next: z.number().int() }).nullable(),
});
export type StoredCatalogue = Omit<z.output<typeof schema>, "header" | "kind"> & { readonly header: CatalogueHeader };

export const encodeStored = ({ header, ...rest }: StoredCatalogue): unknown => ({
  kind: "catalogue",
  header: toHex(encodeHeader(header)),
  ...rest,
});

/** What is asked: sealed entries that the asker keeps, a model's part among them, or a table that stays with its owner. */
export type CatalogueKind = "columns" | "scores" | "retrieval";

const kindOf = ({ scores, retrieval }: Pick<StoredCatalogue, "scores" | "retrieval">): CatalogueKind => {
  if (retrieval !== undefined) return "retrieval";
  return scores === null ? "columns" : "scores";
};

/** Throws `input.model` for another kind of catalogue too: the consent to ask one says nothing of the other. */
export function decodeStored(value: unknown, of: CatalogueKind = "columns"): StoredCatalogue {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new TomboloError("input.model", "the model is not a catalogue");
  const { kind: _, header, ...rest } = parsed.data;
  if (kindOf(rest) !== of)
    throw new TomboloError("input.model", "this catalogue is for another kind of question", {
      remedy:
        "Score with catalogues of boosting-tabulate, ask those of match-catalogue, and those of query-prepare with services of hidden retrieval.",
    });
  return { ...rest, header: decodeHeader(fromHex(header)) };
}

export const FILES = {
  tags: "tags",
  digests: "digests",
  key: "key",
  asked: "asked",
  superseded: "superseded",
  next: "next",
  token: "refresh",
  /** Of a table that stays: its cells at its owner, the hint at who asks. */
  cells: "cells",
  hint: "hint",
} as const;
const RECORD_BYTES = 8;
const KEY_BYTES = 32;

export const saveKey = (folder: string, key: Uint8Array): Promise<void> =>
  writeFile(join(folder, FILES.key), key, { mode: 0o600, flush: true });

export async function loadKey(folder: string): Promise<Uint8Array> {
  const key = new Uint8Array(
    await readFile(join(folder, FILES.key)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") throw epochOver("its key is gone");
      throw error;
    }),
  );
  if (key.length !== KEY_BYTES) throw new TomboloError("state.catalogue", "the catalogue's key is not here");
  return key;
}

/** Whoever gets the key of an epoch tests any id against its catalogue: it goes as soon as it answers nothing more. */
export const forgetKey = (folder: string): Promise<void> => rm(join(folder, FILES.key), { force: true });

/** Writes down that so many ids are asked about, durably, then says how many it are in the epoch so far. */
export async function noteAsked(folder: string, count: number): Promise<number> {
  const record = Buffer.alloc(RECORD_BYTES);
  record.writeDoubleLE(count);
  const file = await open(join(folder, FILES.asked), "a", 0o600);
  try {
    await file.write(record);
    await file.sync();
  } finally {
    await file.close();
  }
  return askedSoFar(folder);
}

export async function askedSoFar(folder: string): Promise<number> {
  const records = await readFile(join(folder, FILES.asked)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return Buffer.alloc(0);
    throw error;
  });
  let asked = 0;
  for (let at = 0; at + RECORD_BYTES <= records.length; at += RECORD_BYTES) asked += records.readDoubleLE(at);
  return asked;
}

const nextSchema = z.strictObject({ header: z.string(), token: z.string() });

/**
 * The one version that may follow the one in `folder`. Fingerprints of a refresh that was cut off may be at the partner:
 * a refresh with other changes, sent beside them, would tell which are dummies and which came with the difference, so
 * only the same one is sent again. Once it is superseded, only by the job that did so: another would count questions anew.
 */
export async function claimNext(folder: string, next: CatalogueHeader, work: string, secrets: Secrets): Promise<void> {
  const token = await tokenOf(work, secrets);
  const header = toHex(await headerHash(next));
  const before = await nextOf(folder);
  if (before?.token === token && before.header === header) return;
  if (before !== undefined && (before.header !== header || (await isSuperseded(folder))))
    throw new TomboloError("state.catalogue", "this version was refreshed already, or begun to be with other data", {
      remedy: "Refresh the newest version, rerun the refresh that was cut off, or make a new catalogue.",
    });
  await writeAside(join(folder, FILES.next), JSON.stringify({ header, token }));
}

/** A newer version of the epoch counts the questions now. */
export async function supersede(folder: string, work: string, secrets: Secrets): Promise<void> {
  if ((await nextOf(folder))?.token !== (await tokenOf(work, secrets)))
    throw new TomboloError("state.catalogue", "another job refreshed this version meanwhile");
  await writeFile(join(folder, FILES.superseded), "", { mode: 0o600, flush: true });
}

export async function refuseSuperseded(folder: string): Promise<void> {
  if (await isSuperseded(folder)) throw epochOver("there is a newer version");
}

const isSuperseded = async (folder: string): Promise<boolean> =>
  (await stat(join(folder, FILES.superseded)).catch(() => undefined)) !== undefined;

/** Tells the attempts of one task from those of others. */
async function tokenOf(work: string, secrets: Secrets): Promise<string> {
  const path = join(work, FILES.token);
  const kept = await readFile(path, "utf8").catch(() => undefined);
  if (kept !== undefined) return kept;
  const token = toHex(secrets.bytes(16));
  await writeAside(path, token);
  return token;
}

async function nextOf(folder: string): Promise<z.output<typeof nextSchema> | undefined> {
  const text = await readFile(join(folder, FILES.next), "utf8").catch(() => undefined);
  return text === undefined ? undefined : nextSchema.parse(JSON.parse(text));
}

async function writeAside(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.tmp`;
  await writeFile(aside, text, { mode: 0o600, flush: true });
  await rename(aside, path);
}
