/** The catalogues of a model's hosts, as the guest keeps them together. */
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { decodeStored, encodeStored, FILES, type StoredCatalogue } from "../catalogue/stored.ts";

const schema = z.strictObject({
  kind: z.literal("catalogues"),
  hosts: z.array(z.strictObject({ party: z.string(), catalogue: z.unknown() })).max(64),
});

/** One for each host, in the order of the model. */
export interface KeptCatalogue {
  readonly party: string;
  readonly stored: StoredCatalogue;
}

export const encodeKept = (kept: readonly KeptCatalogue[]): unknown => ({
  kind: "catalogues",
  hosts: kept.map(({ party, stored }) => ({ party, catalogue: encodeStored(stored) })),
});

/** Throws `input.model`. */
export function decodeKept(value: unknown): KeptCatalogue[] {
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new TomboloError("input.model", "the model is no catalogue to score with", {
      remedy: "Make one with boosting-tabulate.",
    });
  return parsed.data.hosts.map(({ party, catalogue }) => ({ party, stored: decodeStored(catalogue, "scores") }));
}

export const tagsFile = (folder: string, host: number): string => join(folder, `host-${host}`, FILES.tags);
