/** What a deployment's scores are held against: those of the model's own test, where training left them here. */
import { join } from "node:path";
import { readColumns } from "@tombolo/datasets";
import { attemptFolder } from "../jobs/capability.ts";
import { attemptsOf, flowOf, jobById } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";
import type { ScoreReference } from "../store/tables/services.ts";
import { countsOf, ROWS_FOR_STABILITY, scoreEdges } from "./figures.ts";

const SCORE_COLUMN = "score";

/** Null where the model was not tested, or on too few rows. */
export async function testReference(
  side: Side,
  model: { job_id: string; task: string },
): Promise<ScoreReference | null> {
  const scores = await testScores(side, model).catch((error: unknown) => {
    side.log.warn({ err: error, job: model.job_id }, "the scores of a model's test could not be read");
    return [];
  });
  return scores.length < ROWS_FOR_STABILITY ? null : referenceOf("test", scores);
}

export function referenceOf(from: ScoreReference["from"], scores: readonly number[]): ScoreReference {
  const edges = scoreEdges(scores);
  return { from, edges, counts: countsOf(edges, scores) };
}

async function testScores(side: Side, model: { job_id: string; task: string }): Promise<number[]> {
  const { tasks } = flowOf(await jobById(side, model.job_id));
  const tests = Object.keys(tasks).filter((name) => tasks[name]!.inputs.model === `${model.task}.model`);
  const attempts = (await attemptsOf(side, model.job_id)).filter(
    ({ task, status }) => status === "SUCCESS" && tests.includes(task),
  );
  for (const { task, attempt, outputs } of attempts) {
    const table = outputs.find(({ kind }) => kind === "table");
    if (table === undefined) continue;
    const path = join(attemptFolder(side, model.job_id, task, attempt), table.file);
    const { columns } = await readColumns(path, [SCORE_COLUMN]);
    const [column] = columns;
    if (column?.kind === "number") return Array.from(column.values).filter((score) => Number.isFinite(score));
  }
  return [];
}
