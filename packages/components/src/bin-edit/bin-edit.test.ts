import type { MessageTable, Peer } from "@tombolo/channel";
import { storedBinning } from "@tombolo/federated/binning";
import { beforeAll, describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { type Lie, lying } from "../testing/lying.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed, runOne } from "../testing/tasks.ts";

const ROWS = 400;
const rows = [...Array(ROWS).keys()];
const X = rows.map((i) => (i * 37) % ROWS);
/** Of the least quarter of x 3 ones, of the next one 40, of the third 90 and of the last 97. */
const LABEL = X.map((x) => Number(x % 100 < [3, 40, 90, 97][Math.floor(x / 100)]!));
const ids = texts(
  "id",
  rows.map((i) => `id-${i}`),
);

describe("bin-edit", () => {
  const binned: Record<string, Readonly<Record<string, Kept>>> = {};
  beforeAll(async () => {
    for (const mode of ["host-learns-woe", "shared"]) {
      const fine = { fineBins: 4 };
      const bin: TaskDraft = {
        component: "bin",
        inputs: { data: "in.data" },
        parameters: { mode, binsMax: 2 },
        partyParameters: { bank: fine, telco: fine },
      };
      binned[mode] = await runOne(bin, {
        bank: { "in.data": keyed(tableOf(ids, numbers("y", LABEL), numbers("own", X)), "y") },
        telco: { "in.data": keyed(tableOf(ids, numbers("x", X))) },
      });
    }
  });

  const merge = (groups: readonly number[], party = "telco", column = 0) => ({ party, column, groups });

  const editing = async (merges: unknown, mode = "host-learns-woe", setting: Partial<Setting> = {}) => {
    const before = binned[mode]!;
    const kept = Object.fromEntries(
      Object.entries(before).map(([party, { models }]) => [party, { ...emptyKept(), models: { ...models } }]),
    );
    const task: TaskDraft = { component: "bin-edit", inputs: { model: "task.model" }, parameters: { merges } };
    await runTask(flowOf({ edit: task }), "edit", kept, { datasets: {}, ...setting });
    const partOf = (party: string) => storedBinning(kept[party]!.models["edit.model"]);
    return { bank: partOf("bank"), telco: partOf("telco"), kept };
  };
  it("goes on for as many versions as people make", async () => {
    let { kept } = await editing([merge([0, 0, 0, 0])]);
    for (let version = 0; version < 110; version++) {
      const next = Object.fromEntries(
        Object.entries(kept).map(([party, { models }]) => [
          party,
          { ...emptyKept(), models: { "task.model": models["edit.model"]! } },
        ]),
      );
      const merges = [merge(version % 2 === 0 ? [0, 0, 1, 1] : [0, 0, 0, 0])];
      const edit: TaskDraft = { component: "bin-edit", inputs: { model: "task.model" }, parameters: { merges } };
      await runTask(flowOf({ edit }), "edit", next, { datasets: {} });
      kept = next;
    }
    const [column] = storedBinning(kept.bank!.models["edit.model"]).partners[0]!.columns;
    expect(column).toMatchObject({ groups: [0, 0, 0, 0], told: [[0, 0, 1, 1]] });
  });

  it("goes on from a version that lists all merges it told", async () => {
    const before = binned["host-learns-woe"]!;
    const part = structuredClone(before.bank!.models["task.model"]) as {
      partners: { columns: { told: number[][] }[] }[];
    };
    part.partners[0]!.columns[0]!.told = Array.from({ length: 100 }, (_, i) =>
      i % 2 === 0 ? [0, 0, 1, 1] : [0, 0, 0, 0],
    );
    const kept = {
      bank: { ...emptyKept(), models: { "task.model": part } },
      telco: { ...emptyKept(), models: { "task.model": before.telco!.models["task.model"]! } },
    };
    const edit: TaskDraft = {
      component: "bin-edit",
      inputs: { model: "task.model" },
      parameters: { merges: [merge([0, 0, 0, 0])] },
    };
    await runTask(flowOf({ edit }), "edit", kept, { datasets: {} });
    expect(storedBinning(kept.bank.models["edit.model" as "task.model"]).partners[0]!.columns[0]).toMatchObject({
      told: [[0, 0, 1, 1]],
    });
  });

  it("starts from the best two bins", () => {
    const [column] = storedBinning(binned["host-learns-woe"]!.bank!.models["task.model"]).partners[0]!.columns;
    expect(column).toMatchObject({ ones: [3, 40, 90, 97], groups: [0, 0, 1, 1] });
  });

  it("merges bins anew at both parties, and tells the weights where that was agreed", async () => {
    const { bank, telco } = await editing([merge([0, 0, 0, 0]), merge([0, 0, 1, 1], "bank")]);
    expect(telco.columns[0]).toMatchObject({ groups: [0, 0, 0, 0], woe: [0] });
    expect(bank.partners[0]!.columns[0]).toMatchObject({
      groups: [0, 0, 0, 0],
      told: [[0, 0, 1, 1]],
    });
    expect(bank.columns[0]!.groups).toEqual([0, 0, 1, 1]);
    const shared = await editing([merge([0, 0, 0, 0])], "shared");
    expect(shared.telco.columns[0]).toMatchObject({ groups: [0, 0, 0, 0], woe: null });
    expect(shared.bank.partners[0]!.columns[0]).toMatchObject({ woe: [0], told: [] });
  });

  it("refuses merges that tell too little of a label, alone or with those told before", async () => {
    const code = async (groups: number[], mode?: string, party?: string) =>
      (await failureOf(editing([merge(groups, party)], mode))).code;
    // The first fine bin has 3 ones and the last 3 zeros: by themselves, or by difference.
    expect(await code([0, 1, 1, 1])).toBe("input.merges");
    expect(await code([0, 1, 1, 1], "shared")).toBe("input.merges");
    expect(await code([0, 1, 1, 1], undefined, "bank")).toBe("input.merges");
    expect(await code([0, 0, 0, 1])).toBe("input.merges");
    // Of [0, 0, 1, 1] and [0, 0, 0, ...] no single bin would be known here, in mode shared nothing is.
    await editing([merge([0, 0, 1, 1])], "shared");
  });

  it("refuses what is no merge of the column's bins: a new edge takes another binning", async () => {
    for (const groups of [
      [0, 0, 1, 1, 2],
      [0, 1, 0, 1],
      [1, 0, 0, 0],
    ])
      expect((await failureOf(editing([merge(groups)]))).code).toBe("input.merges");
    expect((await failureOf(editing([merge([0, 0, 1, 1], "telco", 7)]))).code).toBe("input.merges");
  });

  it.each<[string, Lie]>([
    [
      "another merge",
      (sent: { columns: object[] }) => ({
        ...sent,
        columns: sent.columns.map((one) => ({ ...one, groups: [0, 1, 1, 1], woe: [0, 0] })),
      }),
    ],
    ["none", (sent: object) => ({ ...sent, columns: [] })],
    ["another mode", (sent: object) => ({ ...sent, mode: "shared" })],
    [
      "too few weights",
      (sent: { columns: object[] }) => ({ ...sent, columns: sent.columns.map((one) => ({ ...one, woe: [0] })) }),
    ],
  ])("is refused by a host that is sent %s", async (_what, lie) => {
    const meddle = <P extends Peer<MessageTable, string>>(party: string, peer: P): P =>
      party === "bank" ? lying(peer, "edits", lie) : peer;
    const failure = await failureOf(editing([merge([0, 0, 1, 1])], "host-learns-woe", { meddle }));
    expect(failure).toMatchObject({ code: "protocol.malformed", blame: "bank" });
  });
});
