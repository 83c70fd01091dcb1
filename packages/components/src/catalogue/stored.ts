/** A catalogue as each party keeps it between jobs: a small model part, and files beside it. */
import { open, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromHex, TomboloError, toHex } from "@tombolo/base";
import { type CatalogueHeader, decodeHeader, encodeHeader, epochOver } from "@tombolo/protocols/psi/unbalanced";
import { z } from "zod";
import { parameters } from "../psi/parameters.ts";

const { normalise, duplicates, empty } = parameters.shape;
const schema = z.strictObject({
  kind: z.literal("catalogue"),
  header: z.string().regex(/^([0-9a-f]{2})+$/),
  /** How ids were written when it was made; questions write theirs alike. */
  normalise,
  duplicates,
  empty,
  /** At the maker: numbers of the dummies that are in it. */
  dummies: z.strictObject({ first: z.number().int(), next: z.number().int() }).nullable(),
});
export type StoredCatalogue = Omit<z.output<typeof schema>, "header" | "kind"> & { readonly header: CatalogueHeader };

export const encodeStored = ({ header, ...rest }: StoredCatalogue): unknown => ({
  kind: "catalogue",
  header: toHex(encodeHeader(header)),
  ...rest,
});

export function decodeStored(value: unknown): StoredCatalogue {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new TomboloError("input.model", "the model is not a catalogue");
  const { kind: _, header, ...rest } = parsed.data;
  return { ...rest, header: decodeHeader(fromHex(header)) };
}

export const FILES = {
  tags: "tags",
  digests: "digests",
  key: "key",
  asked: "asked",
  superseded: "superseded",
} as const;
const RECORD_BYTES = 8;
const KEY_BYTES = 32;

export const saveKey = (folder: string, key: Uint8Array): Promise<void> =>
  writeFile(join(folder, FILES.key), key, { mode: 0o600, flush: true });

export async function loadKey(folder: string): Promise<Uint8Array> {
  const key = new Uint8Array(await readFile(join(folder, FILES.key)));
  if (key.length !== KEY_BYTES) throw new TomboloError("state.catalogue", "the catalogue's key is not here");
  return key;
}

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

/** A newer version of the epoch counts the questions now. */
export const supersede = (folder: string): Promise<void> =>
  writeFile(join(folder, FILES.superseded), "", { mode: 0o600, flush: true });

export async function refuseSuperseded(folder: string): Promise<void> {
  const newer = await stat(join(folder, FILES.superseded)).catch(() => undefined);
  if (newer !== undefined) throw epochOver("there is a newer version");
}
