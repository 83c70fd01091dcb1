import { describe, expect, it } from "vitest";
import { PARTIES } from "../testing/tasks.ts";
import { regressionPredict } from "./index.ts";

const bands = [
  { name: "low", below: 0.2 },
  { name: "high", below: null },
];
const toldTo = (party: string, given: object, count: number) =>
  regressionPredict
    .discloses({
      participants: PARTIES.slice(0, count),
      partyParameters: {},
      parameters: regressionPredict.parameters.parse(given),
    })
    .filter(({ recipient, kind }) => recipient === party && kind !== "early-end");

describe("what scoring with several hosts shows", () => {
  it("is the sum of all with scores, and no sum with bands or classes", () => {
    const kinds = (given: object): string[] => [...new Set(toldTo("bank", given, 3).map(({ kind }) => kind))];
    expect(kinds({})).toEqual(["scores", "row-sums", "coalition"]);
    expect(kinds({ output: "band", bands })).toEqual(["row-bands", "coalition"]);
    expect(kinds({ output: "class" })).toEqual(["row-classes", "coalition"]);
    expect(toldTo("bank", {}, 1)).toEqual([]);
  });

  it("names the first host, who compares with the guest, and with whom it must not pool", () => {
    const pooled = (party: string) =>
      toldTo(party, { output: "band", bands }, 3).filter(({ kind }) => kind === "coalition");
    for (const [one, other] of [
      ["bank", "telco"],
      ["telco", "bank"],
    ] as const) {
      expect(pooled(one)).toMatchObject([{ about: "insurer" }]);
      for (const text of Object.values(pooled(one)[0]!.text)) expect(text).toContain(other);
    }
    expect(pooled("insurer")).toEqual([]);
  });
});
