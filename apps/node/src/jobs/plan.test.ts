import { findComponent } from "@tombolo/components";
import { expect, it } from "vitest";
import { intendedUse } from "./plan.ts";

const PARTICIPANTS = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
];

/** What the consent says of one task, as far as grants go. */
function used(name: string, parameters: Record<string, unknown>): ReturnType<typeof intendedUse> {
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
  return intendedUse("bank", "p", use, disclosure, flow);
}
const handed = (name: string, parameters: Record<string, unknown>) => used(name, parameters).handing;

it("takes a component for one that hands values over where its disclosure says so", () => {
  const columns = [{ column: "income" }];
  expect(handed("match-label", { columns })).toEqual(["match-label"]);
  expect(handed("match-catalogue", { columns })).toEqual(["match-catalogue"]);
  expect(handed("match-catalogue", {})).toEqual([]);
  expect(handed("psi", {})).toEqual([]);
});

it("takes training for one that names columns where the hosts' are to be named", () => {
  expect(used("boosting-train", { hostColumns: "named" }).naming).toEqual(["boosting-train"]);
  expect(used("boosting-train", {}).naming).toEqual([]);
});
