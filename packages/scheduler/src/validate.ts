/**
 * Everything that is wrong with a flow, at once, before anyone is asked for consent: components, ports and kinds,
 * cycles, roles, parties, parameters, datasets, models, and rows that are not aligned where they must be (SECURITY.md
 * rule 7: what was matched for one side only cannot feed a task that needs both), and results that tell by subtraction
 * what each withholds.
 */
import { alignmentFaults } from "./alignment.ts";
import {
  type ComponentInfo,
  type ComponentLookup,
  type DatasetUse,
  outputsOf,
  type PortInfo,
} from "./component-info.ts";
import { type Flow, type FlowParty, type FlowTask, parseInputRef, participantsOf } from "./flow.ts";
import { cycles } from "./graph.ts";
import { repeatedCounts } from "./once.ts";
import { type Problem, problem, schemaIssues } from "./problem.ts";

export interface ValidationContext {
  /** Own party and everyone there is a contract with. */
  readonly knownParties: readonly string[];
  /** Columns of a dataset; null: it does not exist; undefined: not known here. */
  datasetColumns?(party: string, datasetId: string): readonly string[] | null | undefined;
  /** Parties that hold a part of a model; null: it does not exist. */
  modelParties?(modelId: string): readonly string[] | null;
  /** The kind of a model; null: it is not known. */
  modelKind?(modelId: string): string | null;
}

/** Empty when the flow may be proposed. `flow` has passed `parseFlow`. */
export function validateFlow(flow: Flow, lookup: ComponentLookup, context: ValidationContext): Problem[] {
  const tasks = Object.entries(flow.tasks);
  return [
    ...partyFaults(flow, context),
    ...tasks.flatMap(([name, task]) => taskFaults({ flow, name, task, lookup, context })),
    ...cycles(flow).map((cycle) => {
      const round = [...cycle, cycle[0]].join(" → ");
      return problem(
        `tasks.${cycle[0]}.inputs`,
        [`the tasks ${round} wait for each other`, "Remove an input so that no task needs its own output."],
        [`任务 ${round} 相互等待`, "请去掉一个输入，使任务不依赖自己的输出。"],
      );
    }),
    ...alignmentFaults(flow, lookup),
    ...repeatedCounts(flow, lookup),
  ];
}

interface Scope {
  readonly flow: Flow;
  readonly name: string;
  readonly task: FlowTask;
  readonly lookup: ComponentLookup;
  readonly context: ValidationContext;
}

function partyFaults(flow: Flow, context: ValidationContext): Problem[] {
  const active = new Set(Object.values(flow.tasks).flatMap((task) => participantsOf(flow, task).map((p) => p.party)));
  return flow.parties.flatMap(({ party }, i) => {
    const path = `parties.${i}.party`;
    if (flow.parties.findIndex((other) => other.party === party) !== i)
      return [
        problem(
          path,
          [`${party} is listed twice`, "List each party once, with one role."],
          [`${party} 重复列出`, "每个机构只列一次，并只有一个角色。"],
        ),
      ];
    if (!context.knownParties.includes(party))
      return [
        problem(
          path,
          [`${party} is not a partner of this node`, "Sign a contract with it first."],
          [`${party} 不是本节点的合作方`, "请先与其签约。"],
        ),
      ];
    if (!active.has(party))
      return [
        problem(
          path,
          [`${party} takes part in no task`, "Take it out of the flow."],
          [`${party} 未参与任何任务`, "请将其从流程中去掉。"],
        ),
      ];
    return [];
  });
}

function taskFaults(scope: Scope): Problem[] {
  const { name, task, lookup } = scope;
  const component = lookup(task.component);
  if (component === undefined)
    return [
      problem(
        `tasks.${name}.component`,
        [`there is no component "${task.component}" here`, "See the list of components."],
        [`本节点没有组件“${task.component}”`, "请查看组件列表。"],
      ),
      ...inputReferenceFaults(scope),
    ];
  return [
    ...taskPartyFaults(scope),
    ...roleFaults(scope, component),
    ...inputReferenceFaults(scope),
    ...portFaults(scope, component),
    ...parameterFaults(scope, component),
  ];
}

function taskPartyFaults({ flow, name, task }: Scope): Problem[] {
  const listed = task.parties ?? [];
  const path = `tasks.${name}.parties`;
  return listed.flatMap((party, i) => {
    if (listed.indexOf(party) !== i) return [problem(path, [`${party} is listed twice`], [`${party} 重复列出`])];
    if (flow.parties.some((each) => each.party === party)) return [];
    return [
      problem(
        path,
        [`${party} is not a party of this flow`, "Add it to the flow's parties."],
        [`${party} 不是本流程的机构`, "请将其加入流程的机构列表。"],
      ),
    ];
  });
}

function roleFaults({ flow, name, task }: Scope, component: ComponentInfo): Problem[] {
  const participants = participantsOf(flow, task);
  const path = `tasks.${name}.parties`;
  const strangers = participants.filter(({ role }) => component.roles[role] === undefined);
  const counts = Object.entries(component.roles).flatMap(([role, { min, max }]) => {
    const count = participants.filter((each) => each.role === role).length;
    if (count >= min && (max === null || count <= max)) return [];
    const wanted = max === null ? `at least ${min}` : min === max ? `exactly ${min}` : `${min} to ${max}`;
    const needed = max === null ? `至少 ${min} 个` : min === max ? `${min} 个` : `${min} 至 ${max} 个`;
    return [
      problem(
        path,
        [`${component.name} takes ${wanted} with the role ${role}, and ${count} take part`],
        [`${component.name} 需要${needed}角色为 ${role} 的机构，现有 ${count} 个`],
      ),
    ];
  });
  return [
    ...strangers.map(({ party, role }) => {
      const roles = Object.keys(component.roles).join(", ");
      return problem(
        path,
        [
          `${component.name} has no role "${role}", which ${party} has`,
          `List under "parties" only those that take part (${roles}).`,
        ],
        [`${component.name} 没有 ${party} 的角色“${role}”`, `“parties”中只列参与的机构（${roles}）。`],
      );
    }),
    ...counts,
  ];
}

/** Faults of references that can be told without knowing this task's component. */
function inputReferenceFaults({ flow, name, task, lookup, context }: Scope): Problem[] {
  return Object.entries(task.inputs).flatMap(([port, text]): Problem[] => {
    const path = `tasks.${name}.inputs.${port}`;
    const ref = parseInputRef(text);
    if (ref.kind === "model") {
      if (context.modelParties?.(ref.modelId) !== null) return [];
      return [
        problem(
          path,
          [`there is no model ${ref.modelId} here`, "See the list of models."],
          [`本节点没有模型 ${ref.modelId}`, "请查看模型列表。"],
        ),
      ];
    }
    const source = flow.tasks[ref.task];
    if (source === undefined) return [problem(path, [`there is no task "${ref.task}"`], [`没有任务“${ref.task}”`])];
    const outputs = lookup(source.component)?.outputs;
    if (outputs === undefined || outputs[ref.port] !== undefined) return [];
    const known = Object.keys(outputs).join(", ");
    return [
      problem(
        path,
        [`${ref.task} (${source.component}) has no output "${ref.port}"`, `It has: ${known || "none"}.`],
        [`${ref.task}（${source.component}）没有输出“${ref.port}”`, `可用的输出：${known || "无"}。`],
      ),
    ];
  });
}

function portFaults(scope: Scope, component: ComponentInfo): Problem[] {
  const { name, task } = scope;
  const missing = Object.entries(component.inputs).flatMap(([port, info]) =>
    info.optional || task.inputs[port] !== undefined
      ? []
      : [
          problem(
            `tasks.${name}.inputs`,
            [`${component.name} needs the input "${port}" (${info.kind})`],
            [`${component.name} 缺少输入“${port}”（${KINDS[info.kind]}）`],
          ),
        ],
  );
  const given = Object.keys(task.inputs).flatMap((port) => {
    if (component.inputs[port] !== undefined) return inputFaults(scope, component, port);
    const known = Object.keys(component.inputs).join(", ");
    return [
      problem(
        `tasks.${name}.inputs.${port}`,
        [`${component.name} has no input "${port}"`, `It has: ${known || "none"}.`],
        [`${component.name} 没有输入“${port}”`, `可用的输入：${known || "无"}。`],
      ),
    ];
  });
  return [...missing, ...given];
}

const KINDS: Readonly<Record<PortInfo["kind"], string>> = { table: "数据表", model: "模型", report: "报告" };

const otherKind = (path: string, text: string, expected: PortInfo["kind"], found: PortInfo["kind"]): Problem =>
  problem(
    path,
    [`a ${expected} is expected, and ${text} is a ${found}`],
    [`此处应为${KINDS[expected]}，而 ${text} 是${KINDS[found]}`],
  );

function inputFaults(scope: Scope, reader: ComponentInfo, port: string): Problem[] {
  const { flow, name, task, lookup, context } = scope;
  const info = reader.inputs[port]!;
  const path = `tasks.${name}.inputs.${port}`;
  const text = task.inputs[port]!;
  const ref = parseInputRef(text);
  const readers = participantsOf(flow, task).filter(({ role }) => info.roles === null || info.roles.includes(role));
  if (ref.kind === "model") {
    if (info.kind !== "model") return [otherKind(path, text, info.kind, "model")];
    const other = otherModel(path, text, info.holds, context.modelKind?.(ref.modelId));
    const holders = context.modelParties?.(ref.modelId) ?? null;
    return holders === null
      ? other
      : [...other, ...absentFaults(path, text, readers, holders), ...missingParts(path, text, readers, holders)];
  }
  const source = flow.tasks[ref.task];
  const component = source && lookup(source.component);
  const output = source && component && outputsOf(component, source)[ref.port];
  if (source === undefined || output === undefined) return [];
  if (output.kind !== info.kind) return [otherKind(path, text, info.kind, output.kind)];
  const holders = participantsOf(flow, source)
    .filter(({ role }) => output.roles === null || output.roles.includes(role))
    .map(({ party }) => party);
  const parts = info.kind === "model" ? missingParts(path, text, readers, holders) : [];
  return [...otherModel(path, text, info.holds, output.holds), ...absentFaults(path, text, readers, holders), ...parts];
}

/** Every kind of model has components of its own. */
const otherModel = (
  path: string,
  ref: string,
  wanted: string | null | undefined,
  found: string | null | undefined,
): Problem[] =>
  wanted == null || found == null || wanted === found
    ? []
    : [
        problem(
          path,
          [
            `a model of the kind "${wanted}" is expected, and ${ref} is of the kind "${found}"`,
            "Choose the component that is made for this kind of model.",
          ],
          [`此处应为“${wanted}”类模型，而 ${ref} 是“${found}”类模型`, "请选用适合该类模型的组件。"],
        ),
      ];

/** A model is of use only with all of its parts. */
const missingParts = (
  path: string,
  ref: string,
  readers: readonly FlowParty[],
  holders: readonly string[],
): Problem[] =>
  holders
    .filter((holder) => !readers.some(({ party }) => party === holder))
    .map((holder) =>
      problem(
        path,
        [
          `${holder} holds a part of ${ref} and takes no part`,
          `Let ${holder} take part, or use a model that was trained without it.`,
        ],
        [`${holder} 持有 ${ref} 的一部分，却未参与`, `请让 ${holder} 参与，或使用训练时没有它的模型。`],
      ),
    );

const absentFaults = (
  path: string,
  ref: string,
  readers: readonly FlowParty[],
  holders: readonly string[],
): Problem[] =>
  readers
    .filter(({ party }) => !holders.includes(party))
    .map(({ party }) =>
      problem(
        path,
        [
          `${party} takes part but has no ${ref}`,
          `List under "parties" only those that have it: ${holders.join(", ") || "nobody"}.`,
        ],
        [`${party} 参与任务，但没有 ${ref}`, `“parties”中只列持有它的机构：${holders.join(", ") || "无"}。`],
      ),
    );

function parameterFaults({ flow, name, task, context }: Scope, component: ComponentInfo): Problem[] {
  const participants = participantsOf(flow, task);
  const strangers = Object.keys(task.partyParameters)
    .filter((party) => !participants.some((each) => each.party === party))
    .map((party) =>
      problem(
        `tasks.${name}.partyParameters.${party}`,
        [`${party} takes no part in this task`],
        [`${party} 未参与此任务`],
      ),
    );
  const own = participants.flatMap(({ party }) => {
    const path = `tasks.${name}.partyParameters.${party}`;
    const written = task.partyParameters[party] ?? {};
    const wrong = shapeFaults(path, component.partyParameters, written);
    if (wrong !== undefined) return wrong;
    const use = component.reads?.(component.partyParameters.parse(written));
    return use === undefined ? [] : datasetFaults(path, party, use, context);
  });
  return [
    ...sharedFaults(`tasks.${name}.parameters`, component, {
      ...{ participants, written: task.parameters, inputs: Object.keys(task.inputs) },
    }),
    ...strangers,
    ...own,
  ];
}

function sharedFaults(
  path: string,
  component: ComponentInfo,
  context: Omit<Parameters<NonNullable<ComponentInfo["faults"]>>[0], "parameters">,
): Problem[] {
  const wrong = shapeFaults(path, component.parameters, context.written);
  if (wrong !== undefined) return wrong;
  const faults = component.faults?.({ parameters: component.parameters.parse(context.written), ...context }) ?? [];
  return faults.map(({ parameter, ...words }) => ({ path: `${path}.${parameter}`, ...words }));
}

const shapeFaults = (path: string, schema: ComponentInfo["parameters"], value: unknown): Problem[] | undefined =>
  schemaIssues(schema, value)?.map((issue) =>
    problem([path, ...issue.path.map(String)].join("."), [issue.en], [issue.zh]),
  );

function datasetFaults(path: string, party: string, use: DatasetUse, context: ValidationContext): Problem[] {
  const columns = context.datasetColumns?.(party, use.datasetId);
  if (columns === undefined) return [];
  if (columns === null)
    return [
      problem(
        `${path}.dataset`,
        [`${party} has no dataset ${use.datasetId}`, "Choose another."],
        [`${party} 没有数据集 ${use.datasetId}`, "请另选一个。"],
      ),
    ];
  return use.columns
    .filter((column) => !columns.includes(column))
    .map((column) =>
      problem(
        path,
        [`the dataset has no column "${column}"`, "See its data dictionary."],
        [`数据集没有列“${column}”`, "请查看其数据字典。"],
      ),
    );
}
