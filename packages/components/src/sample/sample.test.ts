import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, idsOf, keyed, madeUp, runOne } from "../testing/tasks.ts";
import { sample } from "./index.ts";

const ROWS = 200;
/** A tenth of the rows have label 1. */
function rare(): { guest: TaskTable; host: TaskTable } {
  const ids = texts(
    "id",
    Array.from({ length: ROWS }, (_, row) => `id-${row}`),
  );
  const y = Array.from({ length: ROWS }, (_, row) => Number(row % 10 === 3));
  const h = Array.from({ length: ROWS }, (_, row) => row);
  return { guest: keyed(tableOf(ids, numbers("y", y)), "y"), host: keyed(tableOf(ids, numbers("h", h))) };
}
const drawn = async (parameters: Record<string, unknown>, { guest, host } = rare()) => {
  const task = { component: "sample", inputs: { data: "in.data" }, parameters };
  const kept = await runOne(task, { bank: { "in.data": guest }, telco: { "in.data": host } });
  const [bank, telco] = [kept.bank!.tables["task.data"]!, kept.telco!.tables["task.data"]!];
  expect(idsOf(telco)).toEqual(idsOf(bank));
  return { bank, telco, report: kept.bank!.reports["task.report"]!.data };
};
const ones = ({ columns }: TaskTable): number => {
  const y = columns.find(({ name }) => name === "y")!;
  return y.kind === "number" ? y.values.reduce((sum, value) => sum + value, 0) : Number.NaN;
};

describe("sample", () => {
  it("keeps a share of the rows and of each label, in their order, the same to the same seed", async () => {
    const { bank, telco } = await drawn({ share: 0.3 });
    expect([bank.rowCount, ones(bank)]).toEqual([60, 6]);
    const places = idsOf(bank).map((id) => Number(id!.slice(3)));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(idsOf((await drawn({ share: 0.3 })).bank)).toEqual(idsOf(bank));
    expect(telco.columns[1]).toMatchObject({ values: Float64Array.from(places) });
  });

  it("keeps as many rows of each label, or as the ratio says", async () => {
    const { bank } = await drawn({ method: "under" });
    expect([bank.rowCount, ones(bank)]).toEqual([40, 20]);
    const { bank: half } = await drawn({ method: "under", ratio: 0.5 });
    expect([half.rowCount, ones(half)]).toEqual([60, 20]);
  });

  it("repeats rows of rare labels evenly, at every party", async () => {
    const { bank, telco, report } = await drawn({ method: "over", ratio: 0.5 });
    expect([bank.rowCount, ones(bank)]).toEqual([270, 90]);
    const often = Map.groupBy(idsOf(telco), (id) => id);
    expect(often.size).toBe(ROWS);
    const counts = [...often.values()].map(({ length }) => length);
    expect(new Set(counts)).toEqual(new Set([1, 4, 5]));
    expect([bank.copiesMax, telco.copiesMax]).toEqual([5, 5]);
    const byLabel = [
      { label: "0", rows: 180, chosen: 180 },
      { label: "1", rows: 20, chosen: 90 },
    ];
    expect(report).toMatchObject({ rows: ROWS, kept: ROWS, repeated: 70, label: "y", byLabel });
  });

  it("says in the consent what a draw by label tells hosts of labels", () => {
    const participants = [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ];
    const told = (parameters: Record<string, unknown>) =>
      sample.discloses({ participants, parameters: sample.parameters.parse(parameters), partyParameters: {} })[0]!;
    expect(told({})).toMatchObject({ recipient: "telco", about: "bank", kind: "sampled-rows" });
    expect(told({ method: "over" }).text.en).toContain("rarer label");
    expect(told({ method: "under" }).kind).toBe("sampled-by-label");
  });

  it("refuses a label of many values, one that is too rare, and too few rows", async () => {
    const { guest, host } = rare();
    const numbered = {
      ...guest,
      columns: [
        guest.columns[0]!,
        numbers(
          "y",
          Array.from({ length: ROWS }, (_, i) => i),
        ),
      ],
    };
    expect((await failureOf(drawn({ method: "under" }, { guest: numbered, host }))).code).toBe("input.label");
    const one = {
      ...guest,
      columns: [
        guest.columns[0]!,
        numbers(
          "y",
          Array.from({ length: ROWS }, (_, i) => Number(i === 7)),
        ),
      ],
    };
    expect((await failureOf(drawn({ method: "over" }, { guest: one, host }))).code).toBe("input.label");
    expect((await failureOf(drawn({ share: 0.001 }, madeUp(100)))).code).toBe("input.rows");
  });
});
