/** The components as a page of documentation, made from their definitions alone. */
import { z } from "zod";
import type { Component, Participant } from "./component.ts";
import { registry } from "./registry.ts";

const EXAMPLE: readonly Participant[] = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
];

/** Where parameters have no defaults. */
export const EXAMPLE_PARAMETERS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "match-sum": { values: [{ column: "income", upper: 100_000 }] },
};

/** Markdown; docs/components.md holds it. */
export const componentsPage = (): string =>
  [
    "# Components",
    "",
    "Generated from the definitions in packages/components; a test keeps it current. Each line under _Discloses_ is what a",
    "party consents to, here for a guest called bank and a host called telco with parameters at their defaults.",
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
      ...rowsOf(field, `${prefix}${name}.`),
    ];
  });
}

function disclosureList(component: Component): string[] {
  const participants = EXAMPLE.filter(({ role }) => component.roles[role] !== undefined);
  const parameters = component.parameters.parse(EXAMPLE_PARAMETERS[component.name] ?? {});
  const items = component.discloses({ parameters, partyParameters: {}, participants });
  if (items.length === 0) return ["Discloses nothing to anyone: each party works on what it has.", ""];
  return [
    "Discloses:",
    "",
    ...items.map(({ recipient, about, text }) => `- **${recipient}** learns of ${about}: ${text.en}. ${text.zh}。`),
    "",
  ];
}

function messageTable({ protocol }: Component): string[] {
  if (protocol === null) return [];
  const rows = Object.entries(protocol.messages).map(
    ([name, { from, to, means }]) => `| \`${name}\` | ${from} → ${to} | ${means.en} | ${means.zh} |`,
  );
  return ["| message | who | meaning | 含义 |", "|---|---|---|---|", ...rows, ""];
}
