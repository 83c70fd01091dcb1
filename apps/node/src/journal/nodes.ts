import { TomboloError } from "@tombolo/base";
import type { Kysely } from "kysely";
import type { Database } from "../store/schema.ts";
import type { ReadNode } from "./merkle.ts";

/** Reads complete subtrees from the database. A missing one means that the database was changed from outside. */
export const nodeReader =
  (db: Kysely<Database>): ReadNode =>
  async (level, position) => {
    const row = await db
      .selectFrom("journal_nodes")
      .select("hash")
      .where("level", "=", level)
      .where("position", "=", position)
      .executeTakeFirst();
    if (row === undefined)
      throw new TomboloError("state.journal", "the journal is damaged: a tree node is missing", {
        remedy: "Run `tombolo journal verify` and restore the database from a backup.",
        detail: { level, position },
      });
    return row.hash;
  };
