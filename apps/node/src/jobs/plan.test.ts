import { findComponent } from "@tombolo/components";
import { expect, it } from "vitest";
import { intendedUse } from "./plan.ts";

const PARTICIPANTS = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
];

/** What the consent says of one task, as far as grants go. */
function handed(name: string, parameters: Record<string, unknown>): readonly string[] {
  const component = findComponent(name)!;
  const parsed = component.parameters.parse(parameters);
  const disclosure = component
    .discloses({ parameters: parsed, partyParameters: {}, participants: PARTICIPANTS })
    .map((each) => ({ ...each, task: "task", component: name }));
  const use: Parameters<typeof intendedUse>[2] = {
    party: "telco",
    datasetId: "d",
    columns: ["id"],
    components: ["read-table", name],
    uses: [],
    task: "read",
  };
  const flow = { version: "1", name: "f", parties: [], tasks: {} } as unknown as Parameters<typeof intendedUse>[4];
  return intendedUse("bank", "p", use, disclosure, flow).handing;
}

it("takes a component for one that hands values over where its disclosure says so", () => {
  const columns = [{ column: "income" }];
  expect(handed("match-label", { columns })).toEqual(["match-label"]);
  expect(handed("match-catalogue", { columns })).toEqual(["match-catalogue"]);
  expect(handed("match-catalogue", {})).toEqual([]);
  expect(handed("psi", {})).toEqual([]);
});
