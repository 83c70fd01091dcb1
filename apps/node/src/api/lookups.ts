/** Behind the lookup forms: catalogues of partners' tables, and questions to them. */
import { TomboloError } from "@tombolo/base";
import {
  catalogueFlow,
  lookupFlow,
  planQuery,
  type QueryFlowForm,
  queryFlow,
  recordBytesOf,
} from "@tombolo/components";
import { getDataset } from "../datasets/datasets.ts";
import { flowOf } from "../jobs/rows.ts";
import { partnerDatasets } from "../partner/catalogue.ts";
import type { Services } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import type { Handlers } from "./handlers.ts";
import { check, originOf } from "./jobs.ts";

export const lookupsApi = ({ side }: Services): Handlers<"catalogueFlow" | "lookupFlow" | "queryFlow"> => ({
  catalogueFlow: async ({ body }) => {
    const { name, host, previous, stays } = body;
    const before = previous === null ? null : await catalogueAt(side, previous);
    const projectId = before?.projectId ?? body.projectId;
    if (projectId === null) throw new TomboloError("input.project", "a new catalogue is made in a project");
    if (before !== null && stays)
      throw new TomboloError("input.model", "a table that stays with its owner is prepared anew, not refreshed");
    if (before !== null && before.host !== host.partyId)
      throw new TomboloError("input.model", `the catalogue is of a table of ${before.host}`);
    // A refresh is refused under other rules and limits than those the epoch began with.
    const parameters = before?.parameters ?? body.parameters;
    const flow = catalogueFlow({ name, host, previous, stays, parameters }, side.config.party);
    return { ...(await check(side, projectId, flow)), projectId };
  },
  lookupFlow: async ({ body }) => {
    const { projectId, host, parameters, rows } = await catalogueAt(side, body.catalogue);
    const records = recordsIn(parameters);
    const columns = records.map(({ column }) => column);
    const flow = lookupFlow({ ...body, columns }, side.config.party, host);
    const size = { rows, recordBytes: recordBytesOf(records), keys: body.idsMax, linkMbps: LINK_MBPS };
    const kept = { catalogue: true, copies: false, stays: false, keysPublic: false };
    const { reason: _, ...plan } = planQuery({ ...size, ...kept }, null);
    return { ...(await check(side, projectId, flow)), projectId, plan };
  },
  queryFlow: async ({ body }) => {
    const { projectId, guest, host, columns, keeper, padTo, stays, keysPublic, linkMbps } = body;
    if (body.form === "two-server" && keeper === null)
      throw new TomboloError("input.keeper", "the form with two servers needs a party that keeps the copy", {
        remedy: "Name a keeper that has a contract with both parties, or choose another form.",
      });
    const own = await getDataset(side, guest.datasetId);
    const listed = await partnerDatasets(side, host.partyId).catch(() => []);
    const rows = listed.find(({ id }) => id === host.datasetId)?.rowCount ?? null;
    const idsMax = body.idsMax ?? Math.ceil(Math.max(1, own.rowCount ?? 1) / padTo) * padTo;
    const size = { rows, recordBytes: recordBytesOf(columns), keys: idsMax, linkMbps, stays, keysPublic };
    const named = body.form === "auto" ? null : body.form;
    const { reason, ...plan } = planQuery({ ...size, catalogue: false, copies: keeper !== null }, named);
    const flow = queryFlow({ ...body, form: plan.form, reason, idsMax }, side.config.party);
    return { ...(await check(side, projectId, flow)), projectId, plan };
  },
});

/** Of the link, where nobody says another. */
const LINK_MBPS = 100;

const recordsIn = ({ columns }: KnownCatalogue["parameters"]): CatalogueColumns =>
  Array.isArray(columns) ? (columns as CatalogueColumns) : [];

type CatalogueColumns = QueryFlowForm["columns"];
interface KnownCatalogue {
  readonly projectId: string;
  readonly host: string;
  /** Fingerprints in it, padding included. */
  readonly rows: number | null;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Where a catalogue that this party keeps came from. */
async function catalogueAt(side: Side, modelId: string): Promise<KnownCatalogue> {
  const { job, task, metrics } = await originOf(side, modelId);
  const flow = flowOf(job);
  const made = flow.tasks[task];
  const host = flow.parties.find(({ role }) => role === "host")?.party;
  const asks = flow.parties.some(({ party, role }) => party === side.config.party && role === "guest");
  if (made?.component === "query-prepare")
    throw new TomboloError("input.model", "this table stays with its owner, and is asked as a service", {
      remedy: "Deploy it as a service, or make a catalogue.",
    });
  if (made?.component !== "match-catalogue" || host === undefined || !asks)
    throw new TomboloError("input.model", "this is no catalogue that this party may ask", {
      remedy: "Choose a catalogue of a partner's table that was made for this party.",
    });
  return { projectId: job.project_id, host, parameters: made.parameters, rows: metrics.rows ?? null };
}
