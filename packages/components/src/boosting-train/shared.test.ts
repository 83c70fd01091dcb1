import { TomboloError } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { TaskDraft } from "../flows.ts";
import { describeModel } from "../model-view.ts";
import { findComponent } from "../registry.ts";
import { emptyKept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, madeUp, PARTIES, runOne } from "../testing/tasks.ts";
import { storedGuestModel, storedHostModel } from "./model.ts";

describe("boosting-train at level shared", () => {
  const parameters = { level: "shared", trees: 2, depth: 2, bins: 4 };
  const task: TaskDraft = { component: "boosting-train", inputs: { data: "in.data" }, parameters };
  const { guest, host } = madeUp(120);
  const tables = { bank: { "in.data": guest }, telco: { "in.data": host } };

  it("leaves parts whose leaves have no weights, and which nothing but totals is made with", async () => {
    const kept = await runOne(task, tables);
    const [bank, telco] = [kept.bank!.models["task.model"], kept.telco!.models["task.model"]];
    for (const [model, check] of [
      [bank, storedGuestModel],
      [telco, storedHostModel],
    ] as const)
      expect(() => check(model)).toThrow(/level shared/);
    expect(JSON.stringify(bank)).not.toContain('"h"');
    expect(JSON.stringify(telco)).not.toContain('"g"');
    const view = describeModel(bank)!;
    const taken = view.importance.reduce((sum, { count }) => sum + count, 0);
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThanOrEqual(2 * 3);
    expect(view.importance.map(({ party }) => party)).toContain("telco");
    expect(describeModel(telco)!.importance.every(({ party }) => party === "telco")).toBe(true);
  });

  it.each(["bank", "telco"])("goes on when %s's process ends after a tree", async (crashing) => {
    const kept = { bank: { ...emptyKept(), tables: tables.bank }, telco: { ...emptyKept(), tables: tables.telco } };
    const crash: Setting = {
      datasets: {},
      onCheckpoint: (party, count) => {
        if (party === crashing && count === 2) throw new TomboloError("aborted.crash", "crash");
      },
    };
    await expect(runTask(flowOf({ task }), "task", kept, crash)).rejects.toThrow(/crash/);
    await runTask(flowOf({ task }), "task", kept, { datasets: {} });
    for (const party of ["bank", "telco"] as const) expect(kept[party].logs).toEqual(["going on after 1 tree"]);
  });

  it("refuses by name what this level does not offer, before consent", () => {
    const component = findComponent("boosting-train")!;
    const faultsOf = (more: Record<string, unknown>, parties: number) =>
      component.faults!({
        parameters: component.parameters.parse({ ...parameters, ...more }),
        participants: PARTIES.slice(0, parties),
        written: {},
      }).map(({ parameter }) => parameter);
    expect(faultsOf({}, 2)).toEqual([]);
    expect(faultsOf({}, 3)).toEqual(["level"]);
    expect(faultsOf({ objective: "poisson" }, 2)).toEqual(["objective"]);
    expect(faultsOf({ alpha: 1 }, 2)).toEqual(["alpha"]);
    expect(faultsOf({ depth: 9 }, 2)).toEqual(["depth"]);
    expect(faultsOf({ earlyStopping: { rounds: 2, fraction: 0.2 } }, 2)).toEqual(["earlyStopping"]);
  });

  it("refuses weights, directions, and children too light for its words", async () => {
    const named = { ...task, partyParameters: { bank: { rising: ["g"] } } };
    expect((await failureOf(runOne(named, tables))).code).toBe("input.columns");
    const light = { ...task, parameters: { ...parameters, lambda: 0, minChildWeight: 0 } };
    expect(await failureOf(runOne(light, tables))).toMatchObject({ code: "input.parameter" });
  });
});
