/** The steps that a party takes, as its partners read them in the consent. */
import type { StepSpec } from "@tombolo/federated/features";
import type { Disclosure, Participant } from "../component.ts";
import { learns } from "../disclosing.ts";

/** Longer lists of columns stand in the flow. */
const COLUMNS_SHOWN = 12;

/** Expressions word for word; of other steps their kind, columns and settings. */
export function inWords(spec: StepSpec): string {
  if (spec.kind === "derive") return `${spec.name} = ${spec.expression}`;
  const { kind, ...settings } = spec;
  const told = Object.entries(settings).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? listed(value) : value}`,
  );
  return `${kind} (${told.join(", ")})`;
}

const listed = (values: readonly unknown[]): string => {
  const more = values.length - COLUMNS_SHOWN;
  return [...values.slice(0, COLUMNS_SHOWN), ...(more > 0 ? [`+${more}`] : [])].join(" ");
};

/** `stepsOf`: each party's, in order. */
export function stepsTold(
  participants: readonly Participant[],
  stepsOf: (party: string) => readonly StepSpec[],
): Disclosure[] {
  return participants.flatMap((about) => {
    const steps = stepsOf(about.party);
    if (steps.length === 0) return [];
    const list = steps.map((spec, i) => `${i + 1}. ${inWords(spec)}`).join("; ");
    return participants
      .filter((recipient) => recipient !== about)
      .map((recipient) =>
        learns(recipient, about, "preparation-steps", {
          en: `which steps ${about.party} takes on its own columns, as they stand here; no value and nothing that was learnt: ${list}`,
          zh: `${about.party} 对自己的列执行的步骤（如下所列），但不包括任何取值或学到的参数：${list}`,
        }),
      );
  });
}

/** When it fails, at whichever party. */
export const misfit = {
  en: "that a step does not fit its party's columns: one is missing, of the other kind, has one value only, or leaves what it asks for undefined",
  zh: "某一步骤与该方的列不符：列不存在、类型不符、取值全部相同，或结果无定义",
};
