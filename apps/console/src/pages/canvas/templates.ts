/** Flow files of examples/ to start from, with this node's parties in place of theirs. */
import type { Flow, FlowParty } from "@tombolo/scheduler";
import { read } from "./clipboard.ts";

export const TEMPLATES = ["credit", "churn", "lookalike", "insurance"] as const;
export type Template = (typeof TEMPLATES)[number];

/** Comes with the page that asks for it. */
const FILES: Readonly<Record<Template, () => Promise<{ default: string }>>> = {
  credit: () => import("../../../../../examples/credit/scorecard.yaml?raw"),
  churn: () => import("../../../../../examples/churn/flow.yaml?raw"),
  lookalike: () => import("../../../../../examples/churn/lookalike.yaml?raw"),
  insurance: () => import("../../../../../examples/insurance/frequency.yaml?raw"),
};

export async function templateFlow(template: Template, parties: readonly FlowParty[]): Promise<Flow> {
  const parsed = read((await FILES[template]()).default);
  if (!parsed.ok) throw new Error(`assertion failed: the template ${template} is no flow`);
  return castAs(parsed.flow, parties);
}

/**
 * The flow with these parties: the guest in place of its guest, the others in place of its hosts, each host after the first
 * like the first where the flow has fewer. Which tables they bring is theirs to choose.
 */
export function castAs(flow: Flow, parties: readonly FlowParty[]): Flow {
  const ofRole = (role: string): string[] =>
    flow.parties.filter((each) => each.role === role).map(({ party }) => party);
  const played = parties.map(({ party, role }, i) => {
    const before = parties.slice(0, i).filter((each) => each.role === role).length;
    const played = ofRole(role);
    return { party, as: played[Math.min(before, played.length - 1)] };
  });
  if (parties.length < 2) return withoutTables(flow);
  const tasks = Object.entries(flow.tasks).map(([name, { parties: some, ...task }]) => {
    const there = some === undefined ? undefined : played.filter(({ as }) => as !== undefined && some.includes(as));
    const partyParameters = played.flatMap(({ party, as }) => {
      const own = as === undefined ? undefined : task.partyParameters[as];
      return own === undefined ? [] : [[party, own] as const];
    });
    return [
      name,
      {
        ...task,
        partyParameters: Object.fromEntries(partyParameters),
        ...(there === undefined ? {} : { parties: there.map(({ party }) => party) }),
      },
    ];
  });
  return withoutTables({ ...flow, parties: parties.map((each) => ({ ...each })), tasks: Object.fromEntries(tasks) });
}

const withoutTables = (flow: Flow): Flow => ({
  ...flow,
  tasks: Object.fromEntries(
    Object.entries(flow.tasks).map(([name, task]) => [
      name,
      {
        ...task,
        partyParameters: Object.fromEntries(
          Object.entries(task.partyParameters).map(([party, { dataset: _, ...own }]) => [party, own]),
        ),
      },
    ]),
  ),
});
