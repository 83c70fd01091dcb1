/** Which parties' rows of an output are in one joint order, and whether that covers everyone who needs it. */
import { type ComponentLookup, outputsOf } from "./component-info.ts";
import { type Flow, parseInputRef, participantsOf } from "./flow.ts";
import { type Problem, problem } from "./problem.ts";

export function alignmentFaults(flow: Flow, lookup: ComponentLookup): Problem[] {
  const known = new Map<string, ReadonlySet<string>>();
  return Object.entries(flow.tasks).flatMap(([name, task]) => {
    const inputs = lookup(task.component)?.inputs ?? {};
    return Object.entries(task.inputs).flatMap(([port, text]) => {
      const info = inputs[port];
      if (info?.aligned !== "required") return [];
      const readers = participantsOf(flow, task).filter(({ role }) => info.roles === null || info.roles.includes(role));
      const aligned = alignedParties(flow, lookup, text, known);
      const left = readers.filter(({ party }) => !aligned.has(party));
      if (readers.length < 2 || left.length === 0) return [];
      const names = left.map(({ party }) => party).join(", ");
      return [
        problem(
          `tasks.${name}.inputs.${port}`,
          [
            `the rows of ${names} in ${text} are not aligned with the others'`,
            "Match the parties' rows first, with a psi task that all of them take part in and whose result all of them receive.",
          ],
          [`${names} 在 ${text} 中的行未与其他机构对齐`, "请先用 psi 任务对齐各方的行：各方都参与，且都得到结果。"],
        ),
      ];
    });
  });
}

/** `known` also ends the walk on a cycle, where nothing is aligned. */
function alignedParties(
  flow: Flow,
  lookup: ComponentLookup,
  text: string,
  known: Map<string, ReadonlySet<string>>,
): ReadonlySet<string> {
  const done = known.get(text);
  if (done !== undefined) return done;
  known.set(text, new Set());
  const ref = parseInputRef(text);
  const task = ref.kind === "task" ? flow.tasks[ref.task] : undefined;
  const info = task && lookup(task.component);
  const how = ref.kind === "task" && task && info ? outputsOf(info, task)[ref.port]?.aligned : null;
  if (task === undefined || info === undefined || how === null || how === undefined) return new Set();
  let parties: ReadonlySet<string> = new Set(participantsOf(flow, task).map(({ party }) => party));
  if (how === "kept") {
    const tables = Object.entries(task.inputs).filter(([port]) => info.inputs[port]?.kind === "table");
    if (tables.length === 0) parties = new Set();
    for (const [, input] of tables) parties = parties.intersection(alignedParties(flow, lookup, input, known));
  }
  known.set(text, parties);
  return parties;
}
