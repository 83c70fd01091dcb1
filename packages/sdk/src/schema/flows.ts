/** Flows kept at the node: what the canvas draws and the command line pulls and pushes. */
import { z } from "zod";
import { id, json, partyId, timestamp } from "./common.ts";
import { flowSource } from "./jobs.ts";

const coordinate = z.number().min(-1e6).max(1e6);
const PLACES_MAX = 64;
/** Where tasks stand on the canvas, by task; one without stands where the layout puts it. */
export const flowPlaces = z
  .record(z.string().max(48), z.object({ x: coordinate, y: coordinate }))
  .refine((places) => Object.keys(places).length <= PLACES_MAX, `more than ${PLACES_MAX} places`);

/** Of the right shape; it need not be complete or sound. Its name is the kept flow's. */
export const newKeptFlow = z.object({
  flow: flowSource,
  projectId: id.nullable().default(null),
  places: flowPlaces.default({}),
});
export const savedFlow = z.object({
  /** The revision that was changed: another has been saved since is `state.flow-changed`, and nothing is saved. */
  base: z.number().int().min(1),
  flow: flowSource,
  /** Absent: as it is. */
  projectId: id.nullable().optional(),
  /** Absent: tasks that are still there stay where they stand. */
  places: flowPlaces.optional(),
  /** `base` was saved by the same hand in the same go: it need not stay in the history. */
  goesOn: z.boolean().default(false),
});

export const flowRevision = z.object({
  revision: z.number().int(),
  changedBy: z.string(),
  changedAt: timestamp,
  taskCount: z.number().int(),
});
export const keptFlowSummary = flowRevision.extend({
  id,
  name: z.string(),
  projectId: id.nullable(),
  parties: z.array(partyId),
  createdBy: z.string(),
  createdAt: timestamp,
});
/** One revision of a kept flow; who and when are those of that revision. */
export const keptFlow = keptFlowSummary.extend({ flow: json, flowYaml: z.string(), places: flowPlaces });

export type FlowPlaces = z.infer<typeof flowPlaces>;
export type FlowRevision = z.infer<typeof flowRevision>;
export type KeptFlowSummary = z.infer<typeof keptFlowSummary>;
export type KeptFlow = z.infer<typeof keptFlow>;
