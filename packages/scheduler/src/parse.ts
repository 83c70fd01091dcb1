/** Flow text (JSON or YAML) to a checked flow, with line and column of what is wrong; and back to YAML. */
import { TomboloError } from "@tombolo/base";
import { Document, isMap, isScalar, LineCounter, parseDocument, visit } from "yaml";
import { draftFlowSchema, type Flow, type FlowTask, flowSchema } from "./flow.ts";
import { type Problem, problem, schemaIssues } from "./problem.ts";

export const FLOW_TEXT_LENGTH_MAX = 200_000;
const PROBLEMS_MAX = 100;

export type ParsedFlow =
  | { readonly ok: true; readonly flow: Flow }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Shape = typeof flowSchema | typeof draftFlowSchema;

/** Where in the text a fault is, to be said before it. */
interface Place {
  readonly en: string;
  readonly zh: string;
}
const NOWHERE: Place = { en: "", zh: "" };

/** All faults of shape at once; YAML is a superset of JSON, so one parser reads both. */
export const checkFlowShape = (source: unknown): ParsedFlow => checkShape(source, flowSchema);

function checkShape(source: unknown, schema: Shape): ParsedFlow {
  if (typeof source !== "string") return checkValue(source, schema, () => NOWHERE);
  if (source.length > FLOW_TEXT_LENGTH_MAX)
    return failed(
      problem(
        "",
        [`the flow is longer than ${FLOW_TEXT_LENGTH_MAX} characters`],
        [`流程文本超过 ${FLOW_TEXT_LENGTH_MAX} 个字符`],
      ),
    );
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, schema: "core", merge: false, uniqueKeys: true });
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { en: `line ${line}, column ${col}: `, zh: `第 ${line} 行第 ${col} 列：` };
  };
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0)
    return failed(
      ...faults.map(({ message, pos }) => {
        const { en, zh } = at(pos[0]);
        const what = message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, "");
        return problem(
          "",
          [`${en}${what}`, "Mend the YAML or JSON at that place."],
          [`${zh}YAML 或 JSON 有误（${what}）`, "请修正此处的 YAML 或 JSON。"],
        );
      }),
    );
  return checkValue(plainValue(document), schema, (path) => {
    const offset = offsetOf(document, path);
    return offset === null ? NOWHERE : at(offset);
  });
}

/** Throws `input.flow` with every fault of shape in `detail.problems`. */
export const parseFlow = (source: unknown): Flow => parsedAs(source, flowSchema);

/** As `parseFlow`, of a flow that may have no task yet. */
export const parseDraftFlow = (source: unknown): Flow => parsedAs(source, draftFlowSchema);

function parsedAs(source: unknown, schema: Shape): Flow {
  const parsed = checkShape(source, schema);
  if (parsed.ok) return parsed.flow;
  const [first] = parsed.problems;
  const more = parsed.problems.length > 1 ? ` (and ${parsed.problems.length - 1} more)` : "";
  throw new TomboloError(
    "input.flow",
    `the flow is not valid: ${[first!.path, first!.message].filter(Boolean).join(": ")}${more}`,
    { remedy: first!.remedy ?? "Mend the flow and try again.", detail: { problems: parsed.problems } },
  );
}

/** Keys in the schema's order, defaults left out where they say nothing. */
export function flowToYaml(flow: Flow): string {
  const tasks = Object.fromEntries(Object.entries(flow.tasks).map(([name, task]) => [name, withoutEmpty(task)]));
  const { version, name, description, parties, seed } = flow;
  const shown = { version, name, ...(description === "" ? {} : { description }), parties, seed, tasks };
  const document = new Document(shown, { aliasDuplicateObjects: false });
  // Lists of plain values and the parties read best on one line each.
  visit(document, {
    Seq: (_key, node) => {
      node.flow = node.items.every(isScalar);
    },
    Map: (_key, node) => {
      node.flow = node.has("role") && node.items.length === 2;
    },
  });
  return document.toString({ lineWidth: 100 });
}

const isEmptyRecord = (value: unknown): boolean =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;

const withoutEmpty = ({ component, parties, inputs, parameters, partyParameters }: FlowTask): object =>
  Object.fromEntries(
    Object.entries({ component, parties, inputs, parameters, partyParameters }).filter(
      ([, entry]) => entry !== undefined && !isEmptyRecord(entry),
    ),
  );

/** No aliases: a flow has no use for them, and nested ones grow without bound. */
function plainValue(document: Document.Parsed): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return ALIASES;
  }
}
const ALIASES = Symbol("aliases");

function checkValue(value: unknown, schema: Shape, at: (path: readonly PropertyKey[]) => Place): ParsedFlow {
  if (value === ALIASES)
    return failed(
      problem(
        "",
        ["the flow uses YAML aliases", "Write each value out."],
        ["流程使用了 YAML 别名", "请将每个值完整写出。"],
      ),
    );
  if (tooLarge(value))
    return failed(problem("", ["the flow is nested too deeply or too large"], ["流程嵌套过深或过大"]));
  const issues = schemaIssues(schema, value);
  if (issues === undefined) return { ok: true, flow: withoutUndefined(schema.parse(value)) };
  return failed(
    ...issues.map(({ path, en, zh }) => {
      const place = at(path);
      return problem(path.map(String).join("."), [`${place.en}${en}`], [`${place.zh}${zh}`]);
    }),
  );
}

const failed = (...problems: Problem[]): ParsedFlow => ({ ok: false, problems: problems.slice(0, PROBLEMS_MAX) });

/** An absent `parties` stays absent: canonical JSON of the flow is what gets hashed. */
function withoutUndefined(flow: Flow): Flow {
  return {
    ...flow,
    tasks: Object.fromEntries(
      Object.entries(flow.tasks).map(([name, { parties, ...task }]) => [
        name,
        parties === undefined ? task : { ...task, parties },
      ]),
    ),
  };
}

/** Offset of the value at `path`, or of the nearest one above it that exists. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number | null {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isMap(node) && length === path.length && length > 0) {
      const parent = document.getIn(path.slice(0, -1), true);
      const pair = isMap(parent) ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1)) : null;
      if (isScalar(pair?.key) && pair.key.range) return pair.key.range[0];
    }
    const range = (node as { range?: readonly number[] | null } | undefined)?.range;
    if (range) return range[0]!;
  }
  return null;
}

const DEPTH_MAX = 12;
const VALUES_MAX = 50_000;

function tooLarge(root: unknown): boolean {
  let values = 0;
  const visit = (value: unknown, depth: number): boolean => {
    if (++values > VALUES_MAX || depth > DEPTH_MAX) return true;
    if (typeof value !== "object" || value === null) return false;
    return Object.values(value).some((child) => visit(child, depth + 1));
  };
  return visit(root, 0);
}
