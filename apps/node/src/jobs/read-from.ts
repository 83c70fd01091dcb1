/**
 * Which attempts a task's inputs come from. Two attempts of a match have their rows in two orders, and two draws differ: whatever
 * reaches a task, by way of however many others, must come of one attempt of each, at all parties of it.
 */
import { TomboloError } from "@tombolo/base";
import { sha256Hex } from "../config/keys.ts";
import { asJson, statementBytes } from "../consent/document.ts";
import type { Side } from "../partner/side.ts";
import { attemptsOf, type Job } from "./rows.ts";
import type { TaskOrder } from "./wire.ts";

/** The attempt by task. */
export type ReadFrom = Readonly<Record<string, number>>;

/**
 * Of what an order names, as far as this party's own attempts say where they read from. Throws `protocol.inputs` for two attempts of a
 * task, and where an earlier attempt of the ordered task read from others.
 */
export async function inputsReadFrom(side: Side, job: Job, order: TaskOrder): Promise<ReadFrom> {
  const attempts = await attemptsOf(side, job.id);
  const found = new Map<string, number>();
  const add = (task: string, attempt: number): void => {
    const other = found.get(task) ?? attempt;
    if (other !== attempt) throw mixed(job, `attempts ${other} and ${attempt} of ${task} would feed ${order.task}`);
    found.set(task, attempt);
  };
  for (const { task, attempt } of order.upstream) {
    add(task, attempt);
    const own = attempts.find((each) => each.task === task && each.attempt === attempt);
    for (const [before, of] of Object.entries(own?.read_from ?? {})) add(before, of);
  }
  // A later attempt goes on from the checkpoint of an earlier one.
  for (const { task, read_from } of attempts)
    if (task === order.task) for (const [before, of] of Object.entries(read_from ?? {})) add(before, of);
  return Object.fromEntries(found);
}

const mixed = ({ initiator }: Job, why: string): TomboloError =>
  new TomboloError("protocol.inputs", `inputs of two runs do not go together: ${why}`, {
    blame: initiator,
    remedy: "Submit the flow as a new job.",
  });

/** For the binding of a task's sessions: parties that were told of other inputs do not speak with each other. */
export function inputsBinding({ upstream }: Pick<TaskOrder, "upstream">): { inputs?: string } {
  if (upstream.length === 0) return {};
  const named = upstream.flatMap(({ task, attempt, digests }) => [
    { task, attempt },
    ...digests.map(({ party, digest }) => ({ task, attempt, party, digest })),
  ]);
  return { inputs: sha256Hex(statementBytes("task-inputs", asJson(named.toSorted(byText)))) };
}

const byText = (a: object, b: object): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
