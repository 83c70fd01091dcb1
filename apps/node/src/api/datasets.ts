import { TomboloError } from "@tombolo/base";
import { preview } from "@tombolo/datasets";
import type { NodeContext } from "../context.ts";
import {
  deleteDataset,
  describeDataset,
  getDataset,
  importDataset,
  listDatasets,
  publishDataset,
  snapshotFile,
} from "../datasets/datasets.ts";
import type { Handlers } from "./handlers.ts";

const PREVIEW_ROWS = 50;
/** Imports are heavy on memory and disk; more wait for their turn at the caller. */
const IMPORTS_MAX = 2;

type Names =
  | "listDatasets"
  | "uploadDataset"
  | "getDataset"
  | "updateDataset"
  | "publishDataset"
  | "previewDataset"
  | "deleteDataset";

export function datasetsApi(
  context: NodeContext,
  jobsUsing: (datasetId: string) => Promise<readonly string[]>,
): Handlers<Names> {
  let importing = 0;
  return {
    listDatasets: async () => ({ items: await listDatasets(context) }),
    getDataset: ({ params }) => getDataset(context, params.id),
    uploadDataset: async ({ actor, query, body, http }) => {
      if (importing >= IMPORTS_MAX)
        throw new TomboloError("resource.imports", `${importing} imports are running`, {
          remedy: "Try again when one is done.",
        });
      importing++;
      try {
        const { name, filename, id, label } = query;
        const { contentLength: bytesExpected, signal } = http;
        return await importDataset(context, actor, {
          ...{ name, filename, idColumn: id, labelColumn: label, bytes: body, bytesExpected, signal },
        });
      } finally {
        importing--;
      }
    },
    updateDataset: ({ actor, params, body }) => describeDataset(context, actor, params.id, body),
    publishDataset: ({ actor, params, body }) => publishDataset(context, actor, params.id, body),
    previewDataset: async ({ params }) => {
      await getDataset(context, params.id);
      const { columns, rows } = await preview(snapshotFile(context, params.id), PREVIEW_ROWS);
      return { columns: [...columns], rows: rows.map((row) => [...row]) };
    },
    deleteDataset: async ({ actor, params }) => {
      await deleteDataset(context, actor, params.id, jobsUsing);
      return { done: true };
    },
  };
}
