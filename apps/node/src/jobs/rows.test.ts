import { expect, test } from "vitest";
import { settledLanes } from "./rows.ts";
import type { Lane } from "./views.ts";

const lane = (party: string, status: Lane["status"]): Lane => ({
  ...{ party, status, stage: "histograms", done: 3, total: 9, rows: 900, round: 2, bytesOut: 5, bytesIn: 6 },
  etaSeconds: status === "RUNNING" ? 40 : null,
});
const failure = { code: "consent.grant-revoked", message: "", party: "telco", task: null, stage: null };
const byTelco = { ...failure, remedy: null, detail: null };
const states = (lanes: readonly Lane[]) => lanes.map(({ party, status }) => `${party} ${status}`);

test("no lane of a task that has ended goes on running", () => {
  const lanes = [lane("bank", "RUNNING"), lane("telco", "RUNNING"), lane("insurer", "SUCCESS")];
  expect(states(settledLanes(lanes, "FAILED", byTelco))).toEqual(["bank CANCELLED", "telco FAILED", "insurer SUCCESS"]);
  expect(states(settledLanes(lanes, "CANCELLED", null))).toEqual([
    "bank CANCELLED",
    "telco CANCELLED",
    "insurer SUCCESS",
  ]);
  expect(settledLanes(lanes, "FAILED", byTelco)[0]).toMatchObject({ done: 3, bytesOut: 5, etaSeconds: null });
});

test("a task under way keeps its lanes", () => {
  const lanes = [lane("bank", "RUNNING"), lane("telco", "FAILED")];
  expect(settledLanes(lanes, "RUNNING", null)).toEqual(lanes);
});
