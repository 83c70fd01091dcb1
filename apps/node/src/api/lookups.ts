/** Behind the lookup forms: catalogues of partners' tables, and questions to them. */
import { TomboloError } from "@tombolo/base";
import { catalogueFlow, lookupFlow } from "@tombolo/components";
import { flowOf } from "../jobs/rows.ts";
import type { Services } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import type { Handlers } from "./handlers.ts";
import { check, originOf } from "./jobs.ts";

export const lookupsApi = ({ side }: Services): Handlers<"catalogueFlow" | "lookupFlow"> => ({
  catalogueFlow: async ({ body }) => {
    const { name, host, previous } = body;
    const before = previous === null ? null : await catalogueAt(side, previous);
    const projectId = before?.projectId ?? body.projectId;
    if (projectId === null) throw new TomboloError("input.project", "a new catalogue is made in a project");
    if (before !== null && before.host !== host.partyId)
      throw new TomboloError("input.model", `the catalogue is of a table of ${before.host}`);
    // A refresh is refused under other rules and limits than those the epoch began with.
    const parameters = before?.parameters ?? body.parameters;
    const flow = catalogueFlow({ name, host, previous, parameters }, side.config.party);
    return { ...(await check(side, projectId, flow)), projectId };
  },
  lookupFlow: async ({ body }) => {
    const { projectId, host } = await catalogueAt(side, body.catalogue);
    return { ...(await check(side, projectId, lookupFlow(body, side.config.party, host))), projectId };
  },
});

interface KnownCatalogue {
  readonly projectId: string;
  readonly host: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Where a catalogue that this party keeps came from. */
async function catalogueAt(side: Side, modelId: string): Promise<KnownCatalogue> {
  const { job, task } = await originOf(side, modelId);
  const flow = flowOf(job);
  const made = flow.tasks[task];
  const host = flow.parties.find(({ role }) => role === "host")?.party;
  const asks = flow.parties.some(({ party, role }) => party === side.config.party && role === "guest");
  if (made?.component !== "match-catalogue" || host === undefined || !asks)
    throw new TomboloError("input.model", "this is no catalogue that this party may ask", {
      remedy: "Choose a catalogue of a partner's table that was made for this party.",
    });
  return { projectId: job.project_id, host, parameters: made.parameters };
}
