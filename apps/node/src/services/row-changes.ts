/** At a party whose table answers in somebody's service: changes of rows while it runs, and what is asked of it. */
import { TomboloError } from "@tombolo/base";
import { findComponent, servedNotes } from "@tombolo/components";
import type { Flow } from "@tombolo/scheduler";
import type { servedRows, servedRowsTaken, servedStability } from "@tombolo/sdk";
import type { z } from "zod";
import type { Actor } from "../context.ts";
import { flowOf, type Job, jobById } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import { stabilityIndex, sum } from "./figures.ts";

/** Durable once it resolves: the next attempt of the service knows them. */
export async function changeServedRows(
  side: Side,
  actor: Actor,
  jobId: string,
  changes: z.output<typeof servedRows>["changes"],
): Promise<z.input<typeof servedRowsTaken>> {
  const { job, flow, task } = await servedHere(side, jobId);
  if (flow.tasks[task]!.component === "boosting-serve-hidden")
    throw new TomboloError(
      "input.job",
      "the rows of a service that hides who is scored are those it was deployed with",
      {
        remedy: "Publish the table anew, and have the service deployed on it.",
      },
    );
  const answers = await side.driver.attempts.ask(side, jobId, task, changes);
  const taken = answers as z.input<typeof servedRowsTaken>["changes"];
  await side.journal.append(
    "service.rows-changed",
    actor,
    { en: `Changed rows that serve in ${job.name}`, zh: `更新服务 ${job.name} 中的在线数据` },
    { job: jobId, changes: changes.length, taken: taken.filter(({ done }) => done === true).length },
  );
  return { changes: taken };
}

/** Of the rows asked about in the last hour, against all that are held here: for this party's eyes. */
export async function servedInputs(side: Side, jobId: string): Promise<z.input<typeof servedStability>> {
  const { task } = await servedHere(side, jobId);
  const held = side.driver.attempts.observed(jobId, task) ?? {};
  const columns = side.driver.attempts.hourOf(jobId, task)?.columns ?? [];
  const inputs = columns.map(({ column, seen }) => {
    const index = stabilityIndex(held[`held:${column}`] ?? [], seen);
    return { column, rows: sum(seen), index };
  });
  return { inputs, notes: servedNotes(held) };
}

async function servedHere(side: Side, jobId: string): Promise<{ job: Job; flow: Flow; task: string }> {
  const job = await jobById(side, jobId);
  const flow = flowOf(job);
  const role = flow.parties.find(({ party }) => party === side.config.party)?.role;
  const task = Object.keys(flow.tasks).find((name) => findComponent(flow.tasks[name]!.component)?.serves === "score");
  if (task !== undefined && role === "host") return { job, flow, task };
  throw new TomboloError("input.job", "no own table answers in this job", {
    remedy: "Name a job in which your party's table serves.",
  });
}
