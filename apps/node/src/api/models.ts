/** The model library: versions with an own part, and what people of this party decide about them. */
import { exportModel } from "../models/export.ts";
import { importModel } from "../models/import.ts";
import { archiveVersion, describeVersion, publishVersion, withdrawModel } from "../models/library.ts";
import { listModels, viewModel } from "../models/list.ts";
import { requestPermit } from "../models/permits.ts";
import { modelReports } from "../models/reports.ts";
import { verifyModel } from "../models/verification.ts";
import { compareModels, modelDetail } from "../models/views.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

type Names =
  | "listModels"
  | "getModel"
  | "verifyModel"
  | "modelReports"
  | "compareModels"
  | "describeModel"
  | "publishModel"
  | "archiveModel"
  | "requestPermit"
  | "withdrawModel"
  | "exportModel"
  | "importModel";

export const modelsApi = ({ side }: Services): Handlers<Names> => ({
  listModels: async () => ({ items: await listModels(side) }),
  getModel: ({ params }) => modelDetail(side, params.id),
  verifyModel: ({ params }) => verifyModel(side, params.id),
  modelReports: async ({ params }) => ({ items: await modelReports(side, params.id) }),
  compareModels: ({ params }) => compareModels(side, params.id, params.other),
  describeModel: async ({ params, body, actor }) => {
    await describeVersion(side, actor, params.id, body);
    return viewModel(side, params.id);
  },
  publishModel: async ({ params, body, actor }) => {
    await publishVersion(side, actor, params.id, body.published);
    return viewModel(side, params.id);
  },
  archiveModel: async ({ params, body, actor }) => {
    await archiveVersion(side, actor, params.id, body.archived);
    return viewModel(side, params.id);
  },
  requestPermit: async ({ params, body, actor }) => {
    await requestPermit(side, actor, params.id, body);
    return modelDetail(side, params.id);
  },
  withdrawModel: async ({ params, body, actor }) => {
    await withdrawModel(side, actor, params.id, body.reason);
    return modelDetail(side, params.id);
  },
  exportModel: ({ params, query, actor }) => exportModel(side, actor, params.id, query.format),
  importModel: async ({ body, actor, http }) => viewModel(side, await importModel(side, actor, body, http.signal)),
});
