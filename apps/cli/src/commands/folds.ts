import { TomboloError } from "@tombolo/base";
import { crossValidated, FOLDS, FOLDS_MAX, flowToYaml, type NotFolded, parseFlow, TASKS_MAX } from "@tombolo/scheduler";
import { type Command, InvalidArgumentError } from "commander";
import { withoutNode } from "../command.ts";
import { type Output, print } from "../output.ts";
import { readFlow } from "./jobs.ts";
import { keptLine, withKeptLine, writeFlow } from "./kept-file.ts";

const WHY: Readonly<Record<NotFolded, string>> = {
  "no-training": "there is no such task, or it trains nothing that folds could judge",
  "no-rows": "the task, or what prepares its columns, reads no rows yet",
  "no-guest": "the flow has no guest, whose label the folds are judged by",
  "too-long": `the flow would have more than ${TASKS_MAX} tasks`,
};

function foldCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 2 || count > FOLDS_MAX)
    throw new InvalidArgumentError(`It must be a whole number from 2 to ${FOLDS_MAX}.`);
  return count;
}

interface FoldsOptions {
  readonly task: string;
  readonly folds: number;
  readonly out?: string;
  readonly force?: boolean;
}

async function folds(output: Output, path: string, { task, folds: count, out, force }: FoldsOptions): Promise<void> {
  const text = await readFlow(path);
  const made = crossValidated(parseFlow(text), task, count);
  if (!made.ok)
    throw new TomboloError("input.task", `"${task}" cannot be cross-validated: ${WHY[made.why]}`, {
      remedy: "Name a training task with --task, or take fewer --folds.",
    });
  const line = keptLine(text);
  const yaml = flowToYaml(made.flow);
  const file = line === undefined ? yaml : withKeptLine(yaml, line);
  if (out !== undefined) await writeFlow(out, file, force);
  const told = { task: made.task, flow: made.flow, ...(out === undefined ? {} : { file: out }) };
  print(output, told, () =>
    out === undefined
      ? file.trimEnd()
      : `${count} folds of "${task}" written to ${out}; "${made.task}" tells how they went`,
  );
}

export function foldsCommand(flow: Command): void {
  withoutNode<[string, FoldsOptions]>(
    flow
      .command("folds <flow.yaml>")
      .description("the flow with a training task cross-validated, as the canvas's button draws it")
      .requiredOption("--task <name>", "the training task")
      .option("--folds <number>", `2 to ${FOLDS_MAX}`, foldCount, FOLDS)
      .option("--out <file>", "where to write it; onto the screen when none is named")
      .option("--force", "write over the file that is there"),
    folds,
  );
}
