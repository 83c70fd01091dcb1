/** Whether a step is still as it was when a job ran. */
import { canonicalJson, fromUtf8, type Json } from "@tombolo/base";
import { type FlowTask, flowSchema } from "@tombolo/scheduler";

const text = (task: FlowTask): string => fromUtf8(canonicalJson(JSON.parse(JSON.stringify(task)) as Json));

/** `flow`: as the job has it. Both with every default written out. */
export function sameTask(task: FlowTask | undefined, flow: unknown, name: string): boolean {
  const ran = flowSchema.safeParse(flow).data?.tasks[name];
  return task !== undefined && ran !== undefined && text(task) === text(ran);
}
