import type { Job } from "@tombolo/sdk";
import { expect, test } from "vitest";
import { patched } from "./patch-job.ts";

const lane = (party: string, done: number) => ({
  party,
  status: "RUNNING" as const,
  stage: "histograms",
  done,
  total: 50,
  rows: null,
  round: null,
  bytesOut: 0,
  bytesIn: 0,
  etaSeconds: null,
});
const row = (task: string, bytes: number) => ({
  task,
  partner: "telco",
  name: "gradients",
  means: { en: "", zh: "" },
  direction: "out" as const,
  messages: 1,
  bytes,
});
const task = (name: string) => ({ name, lanes: [lane("bank", 1), lane("telco", 1)] });
const job = {
  id: "j1",
  tasks: [task("match"), task("train")],
  meter: [row("match", 5), row("train", 7)],
} as unknown as Job;

test("an event's own lane and meter rows replace those of its task alone", () => {
  const { task: _, ...bare } = row("train", 9);
  const next = patched(job, {
    kind: "task",
    id: "j1/train",
    data: { task: "train", lane: lane("bank", 30), meter: [bare] },
  });
  expect(next?.tasks[1]?.lanes.map((each) => each.done)).toEqual([30, 1]);
  expect(next?.tasks[0]).toBe(job.tasks[0]);
  expect(next?.meter.map((each) => each.bytes)).toEqual([5, 9]);
});

test("an event that only names what changed leaves the job as it is", () => {
  expect(patched(job, { kind: "job", id: "j1", data: null })).toBeUndefined();
});

test("a lane this console cannot read is passed over, its bytes are not", () => {
  const { task: _, ...bare } = row("train", 9);
  const next = patched(job, { kind: "task", id: "j1/train", data: { task: "train", lane: { odd: 1 }, meter: [bare] } });
  expect(next?.tasks[1]?.lanes).toEqual(job.tasks[1]?.lanes);
  expect(next?.meter.map((each) => each.bytes)).toEqual([5, 9]);
});
