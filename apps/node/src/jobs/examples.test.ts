/** The flows of examples/ are right: their components, parameters and columns are there. What is made of other data is as its script makes it. */
import { readFile } from "node:fs/promises";
import { findComponent } from "@tombolo/components";
import { parseFlow, validateFlow } from "@tombolo/scheduler";
import { expect, test } from "vitest";
import { applicants } from "../../../../examples/credit/applicants.ts";

const read = (name: string): Promise<string> =>
  readFile(new URL(`../../../../examples/${name}`, import.meta.url), "utf8");

test.each([
  ["credit/flow.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/prepared.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/binning.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/scorecard.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/cross-validation.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/regression.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/regression-arbiter.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["credit/reject-inference.yaml", { bank: "credit/applicants.csv", telco: "credit/telco.csv" }],
  ["credit/correlation.yaml", { bank: "credit/bank.csv", telco: "credit/telco.csv" }],
  ["churn/flow.yaml", { operator: "churn/operator.csv", payments: "churn/payments.csv" }],
  ["churn/lookalike.yaml", { operator: "churn/operator.csv", payments: "churn/payments.csv" }],
  ["churn/contract.yaml", { payments: "churn/payments.csv", operator: "churn/operator.csv" }],
  ["insurance/frequency.yaml", { insurer: "insurance/insurer.csv", telematics: "insurance/telematics.csv" }],
  ["insurance/severity.yaml", { insurer: "insurance/insurer.csv", telematics: "insurance/telematics.csv" }],
] as const)("%s", async (name, files) => {
  const headers = await Promise.all(
    Object.entries(files).map(
      async ([party, file]) => [party, (await read(file)).split("\n", 1)[0]!.split(",")] as const,
    ),
  );
  const columns = new Map<string, readonly string[]>(headers);
  const flow = parseFlow(await read(name));
  const knownParties = [...columns.keys(), "notary"];
  const context = { knownParties, datasetColumns: (party: string) => columns.get(party) ?? null };
  expect(validateFlow(flow, findComponent, context)).toEqual([]);
});

test("credit/applicants.csv", async () => {
  const made = await read("credit/applicants.csv");
  expect(applicants()).toBe(made);
  const rows = made
    .trimEnd()
    .split("\n")
    .slice(1)
    .map((line) => line.split(","));
  const rejected = rows.filter(([, label]) => label === "");
  expect(rejected).toHaveLength(731);
  expect(rejected.every(([, , month]) => Number(month) < 8)).toBe(true);
});
