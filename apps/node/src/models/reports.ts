/**
 * Own reports about a version: of its training, and evaluations of what was scored with it, in its own job and in later
 * ones. A party that has no labels has none of these figures.
 */
import { type Flow, flowEdges, parseInputRef } from "@tombolo/scheduler";
import type { modelReport } from "@tombolo/sdk";
import type { z } from "zod";
import { flowOf, type Job, jobById } from "../jobs/rows.ts";
import { jobReports } from "../jobs/show.ts";
import type { Side } from "../partner/side.ts";
import { modelById } from "./rows.ts";

type ModelReport = z.input<typeof modelReport>;

/** Later jobs that are looked through, the newest. */
const JOBS_MAX = 20;

export async function modelReports(side: Side, id: string): Promise<ModelReport[]> {
  const { job_id, task } = await modelById(side, id);
  const made = await jobById(side, job_id);
  const training = (await reportsOf(side, made, [task])).map((each) => ({ ...each, about: "training" as const }));
  const evaluations = await reportsOf(side, made, tasksBelow(flowOf(made), [task]), isEvaluation);
  const later = await laterJobs(side, id);
  const since = await Promise.all(later.map((job) => reportsOf(side, job, tasksUsing(flowOf(job), id), isEvaluation)));
  return [...training, ...[...evaluations, ...since.flat()].map((each) => ({ ...each, about: "evaluation" as const }))];
}

const isEvaluation = (kind: string): boolean => kind.endsWith("-evaluation") || kind === "contributions";

async function reportsOf(
  side: Side,
  job: Job,
  tasks: readonly string[],
  wanted: (kind: string) => boolean = () => true,
): Promise<Omit<ModelReport, "about">[]> {
  const reports = tasks.length === 0 ? [] : await jobReports(side, job.id);
  return reports
    .filter(({ task, kind }) => tasks.includes(task) && wanted(kind))
    .map((report) => ({ ...report, jobId: job.id, jobName: job.name, at: job.created_at.toISOString() }));
}

async function laterJobs(side: Side, id: string): Promise<Job[]> {
  const jobs = await side.store.db.selectFrom("jobs").selectAll().orderBy("created_at", "desc").execute();
  return jobs.filter(({ document }) => document.models.includes(id)).slice(0, JOBS_MAX);
}

/** Tasks that take what these leave, or what comes of it. */
export function tasksBelow(flow: Flow, from: readonly string[]): string[] {
  const edges = flowEdges(flow);
  const found = new Set<string>();
  const open = [...from];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const { to } of edges.filter((edge) => edge.from === at))
      if (!found.has(to)) {
        found.add(to);
        open.push(to);
      }
  return [...found];
}

/** Tasks that take the model from the library, and those below them. */
export function tasksUsing(flow: Flow, id: string): string[] {
  const users = Object.entries(flow.tasks).flatMap(([name, { inputs }]) =>
    Object.values(inputs)
      .map(parseInputRef)
      .some((ref) => ref.kind === "model" && ref.modelId === id)
      ? [name]
      : [],
  );
  return [...users, ...tasksBelow(flow, users)];
}
