/** Flows kept at the node. */
import type { NodeContext } from "../context.ts";
import { createFlow, deleteFlow, saveFlow } from "../flows/flows.ts";
import { keptFlow, keptFlowView, listFlows, listRevisions } from "../flows/rows.ts";
import type { Handlers } from "./handlers.ts";

type Names =
  | "listFlows"
  | "createFlow"
  | "getFlow"
  | "saveFlow"
  | "deleteFlow"
  | "listFlowRevisions"
  | "getFlowRevision";

export const flowsApi = (context: NodeContext): Handlers<Names> => ({
  listFlows: async () => ({ items: await listFlows(context) }),
  createFlow: async ({ body, actor }) => keptFlowView(await createFlow(context, actor, body)),
  getFlow: async ({ params }) => keptFlowView(await keptFlow(context, params.id)),
  saveFlow: async ({ params, body, actor }) => keptFlowView(await saveFlow(context, actor, params.id, body)),
  deleteFlow: async ({ params, query }) => {
    await deleteFlow(context, params.id, query.revision);
    return { done: true };
  },
  listFlowRevisions: async ({ params }) => ({ items: await listRevisions(context, params.id) }),
  getFlowRevision: async ({ params }) => keptFlowView(await keptFlow(context, params.id, params.revision)),
});
