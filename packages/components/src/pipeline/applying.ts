/**
 * Other rows through what an earlier task fixed: each party's own table, by the model that the task left there. Local; ids and
 * label stay as they are, rows in a joint order stay in it, and the table's pipeline says what it went through.
 */
import { z } from "zod";
import {
  aligned,
  anyNumber,
  component,
  model,
  type Participant,
  type ReportValue,
  report,
  type TaskContext,
  type TaskTable,
  type Text,
  table,
} from "../component.ts";
import { earlyEnds } from "../disclosing.ts";
import { type FittedTransform, requireLikeLearnt, through } from "./pipeline.ts";

export interface Applying {
  readonly name: string;
  readonly version: string;
  readonly title: Text;
  readonly summary: Text;
  /** Kind of the model that the earlier task left. */
  readonly holds: string;
  /** What partners learn when it fails, after "that". */
  readonly why: Text;
  /** Whether rows have to have gone through what those went through that it was learnt on: whatever looks at values. */
  readonly inOrder: boolean;
  /** Throws `input.model` for what such a task did not leave. */
  stored(value: unknown): FittedTransform;
  /** Throws where the transform does not fit the table. */
  apply(
    data: TaskTable,
    fitted: FittedTransform,
    self: Participant,
  ): { readonly done: TaskTable; readonly report: ReportValue };
}

const none = z.strictObject({});
type Context = TaskContext<z.output<typeof none>, z.output<typeof none>>;

export function applying({ name, version, title, summary, holds, why, inOrder, stored, apply }: Applying) {
  async function run({ inputs, outputs, self }: Context): Promise<void> {
    const data = await inputs.table("data");
    const fitted = stored(await inputs.model("model"));
    const pipeline = through(data, fitted);
    if (inOrder) requireLikeLearnt(fitted, data);
    const made = apply(data, fitted, self);
    await outputs.table("data", { ...made.done, pipeline });
    await outputs.report("report", made.report);
  }
  return component({
    name,
    version,
    title,
    summary,
    roles: { guest: anyNumber, host: anyNumber },
    parameters: none,
    partyParameters: none,
    inputs: { data: table(), model: model(holds) },
    outputs: { data: aligned(table(), "kept"), report: report() },
    protocol: null,
    use: "both",
    discloses: ({ participants }) => earlyEnds(participants, why),
    run: { guest: run, host: run },
  });
}
