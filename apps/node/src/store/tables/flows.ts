/** Flows kept at this node while people work on them, and their last revisions. */
import type { Json, Timestamp } from "../columns.ts";

export interface FlowTables {
  flows: {
    id: string;
    /** Of the last revision. */
    name: string;
    /** The name as it is compared: no two flows have the same. */
    name_key: string;
    project_id: string | null;
    /** The last one; it counts up by one with each save. */
    revision: number;
    created_by: string;
    created_at: Timestamp;
  };
  flow_revisions: {
    flow_id: string;
    revision: number;
    /** JSON of the flow. */
    flow: string;
    places: Json<Readonly<Record<string, { x: number; y: number }>>>;
    task_count: number;
    parties: Json<readonly string[]>;
    saved_by: string;
    saved_by_id: string;
    saved_at: Timestamp;
    /** When the first of the saves was made that this revision holds. */
    begun_at: Timestamp;
  };
}
