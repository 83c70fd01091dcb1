import { describe, expect, it } from "vitest";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { type Finished, runFlow } from "../testing/run-flow.ts";
import { failureOf, flowOf, idsOf } from "../testing/tasks.ts";

describe("read-table", () => {
  const dataset = tableOf(texts("id", ["a", "b", "c"]), numbers("y", [1, Number.NaN, 0]), numbers("x", [1, 2, 3]));
  const read = (parameters: Record<string, unknown>, own: Record<string, unknown>): Promise<Finished> =>
    runFlow(
      {
        ...flowOf(
          {
            read: {
              component: "read-table",
              parameters,
              partyParameters: { bank: { dataset: "d", keys: ["id"], ...own } },
            },
          },
          1,
        ),
      },
      { datasets: { d: dataset } },
    );

  it("reads the columns named and leaves out rows without a label", async () => {
    const { kept } = await read({}, { label: "y", columns: ["x"] });
    const data = kept.bank!.tables["read.data"]!;
    expect([data.keys, data.label, data.aligned, data.rowCount]).toEqual([["id"], "y", false, 2]);
    expect(idsOf(data)).toEqual(["a", "c"]);
    expect(kept.bank!.logs).toEqual(["1 rows without a label are left out"]);
    expect((await read({}, {})).kept.bank!.tables["read.data"]!.columns.map(({ name }) => name)).toEqual(["id"]);
  });

  it("refuses them on request", async () => {
    expect((await failureOf(read({ missingLabel: "refuse" }, { label: "y" }))).code).toBe("input.label");
  });

  it("keeps them on request, unlabelled", async () => {
    const { kept } = await read({ missingLabel: "keep" }, { label: "y" });
    expect(idsOf(kept.bank!.tables["read.data"]!)).toEqual(["a", "b", "c"]);
    expect(kept.bank!.logs).toEqual([]);
  });
});
