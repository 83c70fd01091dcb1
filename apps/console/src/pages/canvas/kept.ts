/** Drafts in this browser, of flows kept at the node too, so that no reload loses work: one list for each party, the latest first. */
import { z } from "zod";
import { type Draft, draftSchema } from "./draft.ts";

const DRAFTS_MAX = 30;

const keptSchema = z.object({
  id: z.string(),
  savedAt: z.number(),
  projectId: z.string().nullable(),
  jobId: z.string().nullable(),
  draft: draftSchema,
  /** The node's flow that it is of; `clean`: nothing has been drawn since that was saved. */
  node: z
    .object({
      id: z.string(),
      revision: z.number(),
      changedBy: z.string(),
      changedAt: z.string(),
      projectId: z.string().nullable(),
      clean: z.boolean(),
    })
    .nullable()
    .default(null),
});
export type Kept = z.infer<typeof keptSchema>;

/** What of the browser's storage is used. */
export interface Shelf {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const keyOf = (party: string): string => `tombolo.canvas.${party}`;

/** What cannot be read, or is of an older form, is left out. */
export function keptDrafts(shelf: Shelf, party: string): Kept[] {
  try {
    const listed = z.array(z.unknown()).safeParse(JSON.parse(shelf.getItem(keyOf(party)) ?? "[]"));
    return (listed.data ?? []).flatMap((each) => {
      const kept = keptSchema.safeParse(each);
      return kept.success ? [kept.data] : [];
    });
  } catch {
    return [];
  }
}

/** A draft that is no flow file yet is not kept: a new one without steps, or one whose name is being typed. */
export function keepDraft(shelf: Shelf, party: string, kept: Omit<Kept, "draft"> & { readonly draft: Draft }): boolean {
  const parsed = keptSchema.safeParse(kept);
  if (!parsed.success) return false;
  if (parsed.data.node === null && Object.keys(parsed.data.draft.flow.tasks).length === 0) return false;
  const others = keptDrafts(shelf, party).filter(({ id }) => id !== kept.id);
  return write(shelf, party, [parsed.data, ...others]);
}

export const dropDraft = (shelf: Shelf, party: string, id: string): boolean =>
  write(
    shelf,
    party,
    keptDrafts(shelf, party).filter((each) => each.id !== id),
  );

/** False where the browser has no room. */
function write(shelf: Shelf, party: string, drafts: readonly Kept[]): boolean {
  try {
    shelf.setItem(keyOf(party), JSON.stringify(drafts.slice(0, DRAFTS_MAX)));
    return true;
  } catch {
    return false;
  }
}
