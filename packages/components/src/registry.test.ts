import { describe, expect, it } from "vitest";
import { describeComponent, findComponent, registry } from "./registry.ts";

describe("the registry", () => {
  it("describes every component completely, in both languages", () => {
    expect([...registry.keys()]).toEqual([
      "read-table",
      "psi",
      "match-count",
      "match-sum",
      "match-label",
      "match-catalogue",
      "match-lookup",
      "query-keyword",
      "query-verify",
      "query-hidden",
      "query-two-server",
      "query-transfer",
      "joint-count",
      "query-serve",
      "verify-serve",
      "query-prepare",
      "query-serve-hidden",
      "verify-serve-hidden",
      "split",
      "sample",
      "filter",
      "union",
      "explore",
      "prepare",
      "prepare-apply",
      "bin",
      "bin-apply",
      "bin-edit",
      "select",
      "select-apply",
      "joint-correlation",
      "joint-statistics",
      "boosting-train",
      "boosting-predict",
      "boosting-serve",
      "boosting-tabulate",
      "boosting-serve-hidden",
      "regression-train",
      "regression-train-arbiter",
      "regression-predict",
      "regression-serve",
      "scorecard",
      "reject-inference",
      "evaluate",
      "cross-validate",
      "reason-codes",
      "export",
    ]);
    for (const component of registry.values()) {
      const described = describeComponent(component);
      expect(Object.keys(component.run).sort()).toEqual(Object.keys(component.roles).sort());
      const shown = JSON.parse(JSON.stringify(described)) as Record<
        string,
        { properties?: Record<string, { text?: unknown }> }
      >;
      for (const schema of [shown.parameters!, shown.partyParameters!])
        for (const [name, field] of Object.entries(schema.properties ?? {}))
          expect(field.text, `${component.name}.${name}`).toMatchObject({
            title: { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) },
            help: { en: expect.any(String), zh: expect.stringMatching(/\p{Script=Han}/u) },
          });
      for (const { means } of described.messages) expect(means.en && means.zh).toBeTruthy();
    }
    expect(findComponent("constructor")).toBeUndefined();
  });
});
