import { expect, test } from "vitest";
import { madeOf } from "./made.ts";

test("keys and answers of a catalogue stand in the flow that made it", () => {
  const flow = {
    tasks: {
      read: { partyParameters: { telco: { dataset: "ds-1", keys: ["name", "phone"] } } },
      catalogue: { inputs: { data: "read.data" }, parameters: { columns: [{ column: "risk", kind: "number" }] } },
    },
  };
  expect(madeOf(flow, "catalogue", "telco")).toEqual({ datasetId: "ds-1", keys: ["name", "phone"], columns: ["risk"] });
  expect(madeOf(flow, "catalogue", "bank")).toEqual({ datasetId: undefined, keys: [], columns: ["risk"] });
  expect(madeOf(null, "catalogue", "telco")).toEqual({ datasetId: undefined, keys: [], columns: [] });
});
