/** Component declarations and flows for this package's tests. */
import { z } from "zod";
import type { ComponentInfo, ComponentLookup, PortInfo } from "./component-info.ts";
import type { FlowInput } from "./flow.ts";

const port = (kind: PortInfo["kind"], more: Partial<PortInfo> = {}): PortInfo => ({
  kind,
  optional: false,
  roles: null,
  aligned: null,
  ...more,
});
const any = { min: 0, max: null };

const declare = (name: string, more: Partial<ComponentInfo>): ComponentInfo => ({
  name,
  version: "1.0.0",
  roles: { guest: { min: 1, max: 1 }, host: any },
  parameters: z.strictObject({}),
  partyParameters: z.strictObject({}),
  inputs: {},
  outputs: {},
  ...more,
});

const components = [
  declare("read", {
    roles: { guest: any, host: any },
    partyParameters: z.strictObject({ dataset: z.string(), columns: z.array(z.string()).default([]) }),
    outputs: { data: port("table") },
    reads: (own) => {
      const { dataset, columns } = own as { dataset: string; columns: string[] };
      return { datasetId: dataset, columns };
    },
  }),
  declare("match", {
    roles: { guest: { min: 1, max: 1 }, host: { min: 1, max: null } },
    inputs: { data: port("table") },
    parameters: z.strictObject({
      for: z.enum(["all", "guest"]).default("all"),
      rows: z.enum(["some", "none"]).default("some"),
    }),
    outputs: { data: port("table", { aligned: "made" }), report: port("report") },
    outputsFor: (parameters) =>
      (parameters as { for: string }).for === "all"
        ? { data: port("table", { aligned: "made" }), report: port("report") }
        : { data: port("table", { roles: ["guest"] }), report: port("report") },
    faults: ({ parameters }) =>
      (parameters as { rows: string }).rows === "none"
        ? [
            {
              parameter: "rows",
              message: "a match without rows is none",
              remedy: "Set rows to some.",
              zh: { message: "没有行就谈不上求交", remedy: "请将 rows 设为 some。" },
            },
          ]
        : [],
  }),
  declare("split", {
    inputs: { data: port("table", { aligned: "required" }) },
    outputs: { train: port("table", { aligned: "kept" }), test: port("table", { aligned: "kept" }) },
  }),
  declare("train", {
    parameters: z.strictObject({ trees: z.number().int().min(1).default(50), depth: z.number().max(10).default(4) }),
    inputs: { data: port("table", { aligned: "required" }) },
    outputs: { model: port("model") },
  }),
  declare("score", {
    inputs: { model: port("model"), data: port("table", { aligned: "required" }) },
    outputs: { scores: port("table", { roles: ["guest"] }) },
  }),
  declare("count", {
    inputs: { data: port("table") },
    outputs: { report: port("report") },
    oncePerDataset: () => true,
  }),
  declare("evaluate", {
    roles: { guest: { min: 1, max: 1 } },
    inputs: { data: port("table"), other: port("table", { optional: true }) },
    outputs: { report: port("report") },
  }),
];

export const lookup: ComponentLookup = (name) => components.find((component) => component.name === name);

export const jointFlow: FlowInput = {
  version: "1",
  name: "Joint model",
  parties: [
    { party: "bank", role: "guest" },
    { party: "telco", role: "host" },
  ],
  seed: 7,
  tasks: {
    read: {
      component: "read",
      partyParameters: { bank: { dataset: "b", columns: ["x"] }, telco: { dataset: "t", columns: ["y"] } },
    },
    match: { component: "match", inputs: { data: "read.data" } },
    split: { component: "split", inputs: { data: "match.data" } },
    train: { component: "train", inputs: { data: "split.train" }, parameters: { trees: 3 } },
    score: { component: "score", inputs: { model: "train.model", data: "split.test" } },
    evaluate: { component: "evaluate", parties: ["bank"], inputs: { data: "score.scores" } },
    alone: { component: "train", parties: ["bank"], inputs: { data: "split.train" } },
  },
};
