/** Components of which two tasks of one flow may not count the same party's dataset. */
import type { ComponentInfo, ComponentLookup } from "./component-info.ts";
import { type Flow, participantsOf } from "./flow.ts";
import { predecessors } from "./graph.ts";
import { type Problem, problem } from "./problem.ts";

interface Counted {
  readonly name: string;
  readonly component: string;
  /** By what identifies it, a dataset of a party that takes part. */
  readonly datasets: ReadonlyMap<string, DatasetOf>;
}
interface DatasetOf {
  readonly party: string;
  readonly datasetId: string;
}

/**
 * All first attempts of a job draw one use of a grant together: two such tasks would cost what one costs. What a party counts by
 * itself is told to nobody.
 */
export function repeatedCounts(flow: Flow, lookup: ComponentLookup): Problem[] {
  const counting = Object.entries(flow.tasks).flatMap(([name, task]): Counted[] =>
    countsOnce(lookup(task.component), task.parameters) && participantsOf(flow, task).length > 1
      ? [{ name, component: task.component, datasets: datasetsBehind(flow, lookup, name) }]
      : [],
  );
  return counting.flatMap((task, i) => {
    for (const earlier of counting.slice(0, i)) {
      const common = [...task.datasets].find(([key]) => earlier.datasets.has(key));
      if (earlier.component === task.component && common !== undefined) return [repeated(task, earlier, common[1])];
    }
    return [];
  });
}

/** Parameters that are not right yet are a problem of their own. */
function countsOnce(component: ComponentInfo | undefined, parameters: unknown): boolean {
  if (component?.oncePerDataset === undefined) return false;
  const parsed = component.parameters.safeParse(parameters);
  return parsed.success && component.oncePerDataset(parsed.data);
}

const repeated = ({ name, component }: Counted, earlier: Counted, { party, datasetId }: DatasetOf): Problem =>
  problem(
    `tasks.${name}.component`,
    [
      `the task ${earlier.name} tells of ${party}'s dataset ${datasetId} already: two results of ${component} beside each other show what each withholds`,
      "Ask for all of it in one task; other groups, limits or rows take another job, and with it another use of the grant.",
    ],
    [
      `任务 ${earlier.name} 已透露 ${party} 的数据集 ${datasetId} 的结果：${component} 的两份结果相互对照，会暴露各自不公开的内容`,
      "请在一个任务中列出全部所需；其他分组、界限或行须另建作业，并另用一次授权。",
    ],
  );

/** Whatever came between, e.g. a match or a split, its rows are some of the dataset's. */
function datasetsBehind(flow: Flow, lookup: ComponentLookup, name: string): Map<string, DatasetOf> {
  const before = predecessors(flow);
  const behind = new Set([name]);
  for (const each of behind) for (const from of before.get(each) ?? []) behind.add(from);
  const found = new Map<string, DatasetOf>();
  for (const each of behind)
    for (const { party } of participantsOf(flow, flow.tasks[name]!)) {
      const component = lookup(flow.tasks[each]!.component);
      const own = component?.partyParameters.safeParse(flow.tasks[each]!.partyParameters[party] ?? {});
      const use = own?.success === true ? component?.reads?.(own.data) : undefined;
      if (use !== undefined) found.set(JSON.stringify([party, use.datasetId]), { party, datasetId: use.datasetId });
    }
  return found;
}
