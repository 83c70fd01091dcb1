import { describe, expect, it } from "vitest";
import { EXAMPLE_PARAMETERS } from "./documentation.ts";
import { findComponent, registry } from "./registry.ts";
import { PARTIES } from "./testing/tasks.ts";

describe("disclosures", () => {
  const itemsOf = (name: string, count: number, parameters: Record<string, unknown> = {}) => {
    const component = findComponent(name)!;
    const participants = PARTIES.slice(0, count);
    const parsed = component.parameters.parse({ ...EXAMPLE_PARAMETERS[name], ...parameters });
    return component.discloses({ parameters: parsed, partyParameters: {}, participants });
  };
  const shortOf = (name: string, count: number): string[] =>
    itemsOf(name, count).map(({ recipient, about, kind }) => `${recipient} < ${about}: ${kind}`);

  it("name for each party what it learns, and of whom", () => {
    expect(shortOf("psi", 2)).toEqual([
      "bank < telco: row-count",
      "bank < telco: matched-rows",
      "telco < bank: row-count",
      "telco < bank: matched-rows",
      "bank < telco: security-model",
      "telco < bank: security-model",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
    expect(shortOf("psi", 3).filter((line) => line.startsWith("telco < insurer"))).toEqual([
      "telco < insurer: matched-rows",
      "telco < insurer: early-end",
    ]);
    expect(shortOf("psi", 3)).toContain("bank < telco: coalition");
    const several = itemsOf("psi", 3, { protocol: "multi-party" });
    const kinds = several.filter(({ recipient, about }) => recipient === "telco" && about === "insurer");
    expect(kinds.map(({ kind }) => kind)).toEqual(["row-count", "matched-rows", "security-model", "early-end"]);
    expect(several.some(({ kind }) => kind === "coalition")).toBe(false);
    const trust = (suite: string) => itemsOf("psi", 2, { suite }).find(({ kind }) => kind === "security-model");
    expect(trust("sm2")?.text.zh).toContain("SM2");
    expect(trust("ristretto255")?.text.zh).not.toContain("SM2");
    const oneSided = itemsOf("psi", 3, { protocol: "multi-party", receivers: "guest" });
    expect(oneSided.filter(({ kind }) => kind === "matched-rows").map(({ recipient }) => recipient)).toEqual([
      "bank",
      "bank",
    ]);
    expect(shortOf("match-count", 2)).toEqual([
      "bank < telco: row-count",
      "bank < telco: matched-count",
      "telco < bank: row-count",
      "telco < bank: matched-count",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
    expect(shortOf("match-sum", 2).slice(0, 5)).toEqual([
      "bank < telco: row-count",
      "bank < telco: matched-sums",
      "bank < telco: matched-count",
      "telco < bank: row-count",
      "telco < bank: matched-count",
    ]);
    expect(shortOf("joint-correlation", 2)).toEqual([
      "bank < telco: columns",
      "bank < telco: correlations",
      "telco < bank: columns",
      "telco < bank: correlations",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
    expect(shortOf("joint-statistics", 3).filter((line) => line.includes("insurer:"))).toEqual([
      "bank < insurer: shown-groups",
      "bank < insurer: statistics",
      "bank < insurer: quantiles",
      "bank < insurer: differences",
      "telco < insurer: shown-groups",
      "telco < insurer: quantiles",
      "telco < insurer: differences",
      "bank < insurer: coalition",
      "telco < insurer: coalition",
      "bank < insurer: early-end",
      "telco < insurer: early-end",
    ]);
    expect(shortOf("bin", 3).filter((line) => !line.endsWith("early-end"))).toEqual(
      ["telco", "insurer"].flatMap((host) => [
        `bank < ${host}: bin-counts`,
        `bank < ${host}: column-count`,
        `${host} < bank: merges`,
        `${host} < bank: event-rates`,
      ]),
    );
    expect(shortOf("split", 3)).toEqual(["telco < bank: split-assignment", "insurer < bank: split-assignment"]);
    const fold = { number: 2, of: 5 };
    expect(itemsOf("split", 2, { fold }).map(({ recipient, kind }) => `${recipient}: ${kind}`)).toEqual([
      "telco: split-assignment",
      "bank: overlapping-rows",
      "telco: overlapping-rows",
    ]);
    expect(JSON.stringify(itemsOf("split", 2, { fold, by: "time" }))).toContain("which rows are later");
    expect(shortOf("select", 2).filter((line) => !line.endsWith("early-end"))).toEqual([]);
    const selecting = (parameters: Record<string, unknown>): string[] =>
      itemsOf("select", 2, parameters)
        .filter(({ kind }) => kind !== "early-end")
        .map(({ recipient, kind }) => `${recipient}: ${kind}`);
    expect(selecting({ informationMin: 0.02 })).toEqual(["telco: fallen-columns"]);
    expect(selecting({ across: true, missing: 0.5 })).toEqual([]);
    expect(selecting({ across: true, inflation: 10 })).toEqual(["bank: correlations", "telco: alike-columns"]);
    expect(shortOf("boosting-train", 2)).toEqual([
      "bank < telco: node-sums",
      "bank < telco: row-branches",
      "bank < telco: column-count",
      "telco < bank: row-nodes",
      "telco < bank: own-splits",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
    expect(shortOf("boosting-train", 3)).toContain("telco < insurer: row-nodes");
    expect(shortOf("regression-train", 2)).toEqual([
      "bank < telco: column-count",
      "bank < telco: training-course",
      "telco < bank: column-count",
      "telco < bank: training-course",
      "bank < telco: own-coefficients",
      "telco < bank: own-coefficients",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
    expect(JSON.stringify(itemsOf("regression-train", 2, { family: "linear" }))).toContain("label-spread");
    const inferred = (family: string): string[] =>
      itemsOf("regression-train", 2, { family, inference: true }).map(({ recipient, kind }) => `${recipient}: ${kind}`);
    expect(inferred("logistic").filter((line) => line.startsWith("telco"))).not.toContain("telco: dispersion");
    expect(inferred("gamma")).toEqual(expect.arrayContaining(["bank: dispersion", "telco: dispersion"]));
    expect(inferred("poisson")).toEqual(expect.arrayContaining(["telco: label-mean", "bank: information-size"]));
    expect(inferred("poisson")).not.toContain("bank: label-mean");
    // Who owns columns sees no course; who computes could pool what they see of it.
    expect(shortOf("regression-train", 3).filter((line) => line.includes("insurer"))).toEqual([
      "bank < insurer: column-count",
      "bank < insurer: training-course",
      "telco < insurer: column-count",
      "telco < insurer: training-course",
      "insurer < bank: column-count",
      "insurer < bank: training-length",
      "insurer < telco: column-count",
      "bank < insurer: own-coefficients",
      "telco < insurer: own-coefficients",
      "insurer < bank: own-coefficients",
      "insurer < telco: own-coefficients",
      "bank < insurer: coalition",
      "telco < insurer: coalition",
      "insurer < bank: early-end",
      "insurer < telco: early-end",
      "bank < insurer: early-end",
      "telco < insurer: early-end",
    ]);
    const arbiter = { party: "notary", role: "arbiter" };
    const trainer = findComponent("regression-train-arbiter")!;
    const parameters = trainer.parameters.parse({});
    const given = { parameters, partyParameters: {}, participants: [...PARTIES.slice(0, 2), arbiter] };
    const withArbiter = trainer
      .discloses(given)
      .map(({ recipient, about, kind }) => `${recipient} < ${about}: ${kind}`);
    expect(withArbiter.filter((line) => !line.endsWith("early-end"))).toEqual([
      "bank < telco: column-count",
      "bank < telco: batch-sums",
      "bank < telco: own-coefficients",
      "bank < telco: settled",
      "bank < telco: encrypted-rows",
      "telco < bank: column-count",
      "telco < bank: batch-sums",
      "telco < bank: own-coefficients",
      "telco < bank: settled",
      "telco < bank: encrypted-rows",
      "notary < bank: column-count",
      "notary < bank: masked-sums",
      "notary < telco: column-count",
      "notary < telco: masked-sums",
      "bank < telco: coalition",
      "telco < bank: coalition",
      "notary < bank: coalition",
      "notary < telco: coalition",
      "bank < telco: security-model",
      "telco < bank: security-model",
    ]);
    const level = (keyBits: number) =>
      trainer
        .discloses({ ...given, parameters: trainer.parameters.parse({ keyBits }) })
        .find(({ kind }) => kind === "encrypted-rows");
    expect([level(2048)!.text.en, level(3072)!.text.zh]).toEqual([
      expect.stringContaining("112"),
      expect.stringContaining("128"),
    ]);
    const three = trainer.discloses({ ...given, participants: [...PARTIES.slice(0, 3), arbiter] });
    const pooled = three.filter(({ recipient, about }) => recipient === "telco" && about === "insurer");
    expect(pooled.find(({ kind }) => kind === "coalition")!.text.en).toContain("pools what it sees with notary");
    expect(shortOf("regression-predict", 2)).toContain("bank < telco: row-totals");
    const sums = shortOf("regression-predict", 3);
    expect(sums.some((line) => line.endsWith("row-totals"))).toBe(false);
    expect(sums).toEqual(expect.arrayContaining(["bank < insurer: row-sums", "telco < insurer: total-spread"]));
    expect(shortOf("boosting-predict", 2)).toEqual([
      "bank < telco: scores",
      "bank < telco: row-branches",
      "telco < bank: row-count",
      "telco < bank: early-end",
      "bank < telco: early-end",
    ]);
  });

  it("say nothing where a party works alone, and change with what changes the leakage", () => {
    for (const name of registry.keys()) expect(shortOf(name, 1), name).toEqual([]);
    expect(shortOf("evaluate", 1)).toEqual([]);
    const texts = (parameters: Record<string, unknown>): string =>
      JSON.stringify(itemsOf("boosting-train", 2, parameters));
    for (const change of [{ trees: 51 }, { depth: 5 }, { minimumRows: 6 }, { scheme: "okamoto-uchiyama" }])
      expect(texts(change)).not.toBe(texts({}));
    const additive = { scheme: "okamoto-uchiyama" };
    expect(texts({ ...additive, textEncoding: "category" })).not.toBe(texts(additive));
    expect(texts({ objective: "multi-class", classes: 3 })).toContain("150 trees");
    const trusting = (parameters: Record<string, unknown>): string => JSON.stringify(itemsOf("psi", 2, parameters));
    expect(trusting({ protocol: "vole" })).not.toBe(trusting({}));
    expect(trusting({ protocol: "vole", security: "malicious" })).not.toBe(trusting({ protocol: "vole" }));
    const counting = (parameters: Record<string, unknown>): string =>
      JSON.stringify(itemsOf("match-sum", 2, parameters));
    const noisy = { noise: "laplace" };
    for (const change of [
      { minimumMatched: 11 },
      noisy,
      { hideCount: 1 },
      { revealCount: false },
      { partnerRowsMax: 9 },
    ])
      expect(counting(change)).not.toBe(counting({}));
    expect(counting({ ...noisy, epsilon: 2 })).not.toBe(counting(noisy));
    const matching = (parameters: Record<string, unknown>): string => JSON.stringify(itemsOf("psi", 2, parameters));
    expect(matching({ partnerRowsMax: 1000 })).not.toBe(matching({}));
  });

  it("speak both languages, without a name of ours", () => {
    for (const name of [
      "read-table",
      "psi",
      "match-count",
      "match-sum",
      "match-catalogue",
      "match-lookup",
      "query-keyword",
      "query-verify",
      "query-hidden",
      "query-two-server",
      "query-transfer",
      "joint-count",
      "joint-correlation",
      "joint-statistics",
      "query-serve",
      "verify-serve",
      "query-prepare",
      "query-serve-hidden",
      "verify-serve-hidden",
      "split",
      "bin",
      "bin-apply",
      "bin-edit",
      "select",
      "boosting-train",
      "boosting-predict",
      "regression-train",
      "regression-predict",
    ])
      for (const { text } of itemsOf(name, 3)) {
        expect(text.zh).toMatch(/\p{Script=Han}/u);
        expect(text.en).not.toMatch(/undefined|NaN|guest|host/);
      }
  });
});
