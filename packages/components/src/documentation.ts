/** The components as a page of documentation, made from their definitions alone. */
import { z } from "zod";
import type { Component, Disclosure, Participant } from "./component.ts";
import { registry } from "./registry.ts";

const EXAMPLE: readonly Participant[] = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
  { party: "notary", role: "arbiter" },
];

/** Where parameters have no defaults. */
export const EXAMPLE_PARAMETERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "bin-edit": { merges: [{ party: "telco", column: 0, groups: [0, 0, 1] }] },
  "match-label": { columns: [{ column: "income" }, { column: "city", kind: "text" }] },
  "boosting-serve": { until: "2027-01-31T00:00:00Z" },
  "regression-serve": { until: "2027-01-31T00:00:00Z" },
  "boosting-serve-hidden": { until: "2027-01-31T00:00:00Z" },
  "joint-statistics": { values: [{ column: "income", lower: 0, upper: 100_000 }], quantiles: [0.5] },
  "match-sum": { values: [{ column: "income", upper: 100_000 }] },
  "query-keyword": { columns: ["income", "city"] },
  "query-transfer": { columns: [{ column: "income" }] },
  "query-serve": { columns: ["income", "city"], until: "2027-01-31T00:00:00Z" },
  "verify-serve": { until: "2027-01-31T00:00:00Z" },
  "query-serve-hidden": { columns: ["income", "city"], until: "2027-01-31T00:00:00Z" },
  "verify-serve-hidden": { until: "2027-01-31T00:00:00Z" },
};

interface Variant {
  readonly title: string;
  /** What the kind of use means, beyond what its parameters say. */
  readonly meaning: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Uses of which each party learns something else than with the defaults. */
const VARIANTS: Readonly<Record<string, readonly Variant[]>> = {
  "joint-statistics": [
    {
      title: "By groups",
      meaning:
        "A figure for each listed value of a column. A group that is not shown may be empty, too small, or too small at one party. No total stands beside groups, and a flow has one such task over a dataset. The same totals without groups, by other groups, or within other bounds are another job and another use of the grant: whoever has both can subtract.",
      parameters: {
        values: [{ column: "income", lower: 0, upper: 100_000 }],
        groupBy: { column: "city", categories: ["north", "south"] },
        receivers: "all",
      },
    },
  ],
  "match-catalogue": [
    {
      title: "With records",
      meaning: "Chosen columns stand sealed beside each id, for query-keyword; the host's grant lists them.",
      parameters: { columns: [{ column: "income" }, { column: "city", kind: "text" }] },
    },
  ],
  psi: [
    {
      title: "One-sided",
      meaning:
        "The guest keeps its rows that the host has; the host's part leaves a report with sizes alone. No message, receipt, failure or kept state of the host depends on what matched; how long the guest takes afterwards is not hidden. Whoever is to be the one that learns is given the role of guest. Nothing that needs aligned rows at both parties may follow: the flow is refused.",
      parameters: { receivers: "guest" },
    },
    {
      title: "Left join",
      meaning:
        "The guest keeps all of its rows, also those that took no part; the host's table has as many rows, without any value where there is no match. Matched rows come first, in the joint order; the guest's others follow in an order that it alone knows. Were they between the matched ones, their places in the joint order would tell the host which ids the guest cannot have.",
      parameters: { join: "left" },
    },
    {
      title: "Difference",
      meaning:
        "The guest keeps the rows whose id the host does not have, in their own order. Rows that took no part (no usable id, or set aside as repeated) are in no result. One-sided by nature.",
      parameters: { join: "difference", receivers: "guest" },
    },
    {
      title: "Several keys",
      meaning:
        "All rows are matched by the first key, those that are left at both sides by the second, and so on; a row is matched once, by the first key that does, and of rows with the same id the first one left. A row takes part in each round for which it has a usable key. Sizes of later rounds are the rows that are left, which both sides can count from what they learnt; one-sided all rows stay declared, and the host's stay in, since it cannot know which to take out: there a row of the host may answer to several of the guest's. duplicates: refuse looks at all rows for each key, whatever has matched.",
      parameters: { keys: [[1], [2]] },
    },
    {
      title: "Many to one",
      meaning:
        "All rows of the guest that share an id match the host's one row, which stands beside each of them; rows of one id come in an order that chance decides. Ids repeated at the host are refused.",
      parameters: { duplicates: "many-to-one" },
    },
  ],
};

/** Markdown; docs/components.md holds it. */
export const componentsPage = (): string =>
  [
    "# Components",
    "",
    "Generated from the definitions in packages/components; a test keeps it current. Each line under _Discloses_ is what a",
    "party consents to, here for a guest called bank, a host called telco and, where one takes part, an arbiter called notary, with parameters at their defaults.",
    "",
    ...[...registry.values()].flatMap(section),
  ].join("\n");

function section(component: Component): string[] {
  const { name, version, title, summary, roles, inputs, outputs, protocol } = component;
  return [
    `## ${name} · ${title.zh}`,
    "",
    `${summary.en} ${summary.zh}`,
    "",
    `- Version ${version}; roles: ${Object.entries(roles).map(roleText).join(", ")}`,
    `- Inputs: ${portsText(inputs)}; outputs: ${portsText(outputs)}`,
    `- Protocol: ${protocol === null ? "none, nothing is sent" : protocol.name}`,
    "",
    ...parameterTable("Parameters, the same for all", component.parameters),
    ...parameterTable("Each party's own", component.partyParameters),
    ...disclosureList(component),
    ...variants(component),
    ...messageTable(component),
  ];
}

const roleText = ([role, { min, max }]: [string, { min: number; max: number | null }]): string =>
  `${role} (${max === null ? `${min} or more` : min === max ? min : `${min} to ${max}`})`;

function portsText(ports: Component["inputs"]): string {
  const texts = Object.entries(ports).map(([name, { kind, optional, roles, aligned }]) => {
    const more = [kind, ...(optional ? ["optional"] : []), ...(roles === null ? [] : [`${roles.join(", ")} only`])];
    if (aligned === "required") more.push("aligned rows");
    return `\`${name}\` (${more.join(", ")})`;
  });
  return texts.length === 0 ? "none" : texts.join(", ");
}

interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly items?: Shape;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly description?: string;
  readonly default?: unknown;
}

function parameterTable(heading: string, schema: z.ZodType): string[] {
  const rows = rowsOf(z.toJSONSchema(schema, { io: "input" }) as Shape, "");
  if (rows.length === 0) return [];
  return [`${heading}:`, "", "| name | default | meaning |", "|---|---|---|", ...rows, ""];
}

function rowsOf(shape: Shape, prefix: string): string[] {
  const inner = shape.properties ?? shape.anyOf?.find((each) => each.properties !== undefined)?.properties ?? {};
  return Object.entries(inner).flatMap(([name, field]) => {
    const initial = field.default === undefined ? "" : `\`${JSON.stringify(field.default)}\``;
    return [
      `| \`${prefix}${name}\` | ${initial} | ${field.description ?? ""} |`,
      ...(field.items?.oneOf ?? []).map((kind) => kindRow(`${prefix}${name}`, kind)),
      ...rowsOf(field, `${prefix}${name}.`),
    ];
  });
}

/** One of several kinds of item in a list: which it is, and what it takes. */
function kindRow(name: string, { properties = {}, required = [] }: Shape): string {
  const fixed = Object.entries(properties).filter(([, field]) => field.const !== undefined);
  const taken = Object.entries(properties).filter(([, field]) => field.const === undefined);
  const [id] = fixed.map(([key, field]) => `${key}: ${String(field.const)}`);
  const texts = taken.map(([key, field]) => {
    const values = (field.enum ?? field.items?.enum ?? []).map(String).join(", ");
    const initial = field.default === undefined ? "" : `default ${JSON.stringify(field.default)}`;
    const more = [values, initial || (required.includes(key) ? "" : "optional")].filter((text) => text !== "");
    return more.length === 0 ? `\`${key}\`` : `\`${key}\` (${more.join("; ")})`;
  });
  return `| \`${name}\`: \`${id ?? ""}\` | | ${texts.join(", ")} |`;
}

function disclosureList(component: Component): string[] {
  const items = disclosedWith(component, EXAMPLE_PARAMETERS[component.name] ?? {});
  if (items.length === 0) return ["Discloses nothing to anyone: each party works on what it has.", ""];
  return ["Discloses:", "", ...items, ""];
}

function disclosedWith(component: Component, given: Readonly<Record<string, unknown>>): string[] {
  return disclosed(component, given).map(lineOf);
}

function disclosed(component: Component, given: Readonly<Record<string, unknown>>): readonly Disclosure[] {
  const participants = EXAMPLE.filter(({ role }) => component.roles[role] !== undefined);
  const parameters = component.parameters.parse(given);
  return component.discloses({ parameters, partyParameters: {}, participants });
}

const lineOf = ({ recipient, about, text }: Disclosure): string =>
  `- **${recipient}** learns of ${about}: ${text.en}. ${text.zh}。`;

function variants(component: Component): string[] {
  return (VARIANTS[component.name] ?? []).flatMap(({ title, meaning, parameters }) => {
    const items = disclosed(component, parameters).filter(({ kind }) => kind !== "early-end");
    const set = Object.entries(parameters).map(([name, value]) => `\`${name}: ${JSON.stringify(value)}\``);
    return [`**${title}** (${set.join(", ")}). ${meaning} Discloses, if it succeeds:`, "", ...items.map(lineOf), ""];
  });
}

function messageTable({ protocol }: Component): string[] {
  if (protocol === null) return [];
  const rows = Object.entries(protocol.messages).map(
    ([name, { from, to, means }]) => `| \`${name}\` | ${from} → ${to} | ${means.en} | ${means.zh} |`,
  );
  return ["| message | who | meaning | 含义 |", "|---|---|---|---|", ...rows, ""];
}
