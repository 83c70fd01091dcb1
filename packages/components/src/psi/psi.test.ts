import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { failureOf, idsOf, keyed, runOne } from "../testing/tasks.ts";
import { BUCKET_ROWS_MIN, parameters } from "./parameters.ts";

describe("psi", () => {
  const unaligned = (ids: readonly string[]): { "in.data": TaskTable } => ({
    "in.data": {
      ...keyed(
        tableOf(
          texts("id", ids),
          numbers(
            "n",
            ids.map((_, i) => i),
          ),
        ),
      ),
      aligned: false,
    },
  });
  const task = (parameters: Record<string, unknown> = {}): TaskDraft => ({
    component: "psi",
    inputs: { data: "in.data" },
    parameters,
  });

  const three = {
    bank: unaligned(["a", "b", "c", "d"]),
    telco: unaligned(["d", "c", "b", "x", "y"]),
    insurer: unaligned(["z", "c", "d"]),
  };

  it("keeps what all of three parties have, each reporting only what it may know", async () => {
    const kept = await runOne(task(), three);
    const order = idsOf(kept.bank!.tables["task.data"]!);
    expect(order.toSorted()).toEqual(["c", "d"]);
    for (const own of Object.values(kept)) {
      expect(idsOf(own.tables["task.data"]!)).toEqual(order);
      expect(own.tables["task.data"]!.aligned).toBe(true);
    }
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({
      matched: 2,
      rows: { bank: 4, telco: 5, insurer: 3 },
    });
    expect(kept.telco!.reports["task.report"]!.data).toMatchObject({ matched: 2, rows: { telco: 5, bank: 4 } });
    expect(kept.bank!.draws).toEqual({ "task telco": 5, "task insurer": 3 });
    expect(kept.telco!.draws).toEqual({ "task bank": 4 });
    expect(JSON.stringify(kept.telco!.reports)).not.toContain("insurer");
  });

  it("keeps the same by multi-party, where everyone knows every size", async () => {
    const kept = await runOne(task({ protocol: "multi-party" }), three);
    const order = idsOf(kept.bank!.tables["task.data"]!);
    expect(order.toSorted()).toEqual(["c", "d"]);
    for (const own of Object.values(kept)) {
      expect(idsOf(own.tables["task.data"]!)).toEqual(order);
      expect(own.tables["task.data"]!.aligned).toBe(true);
      expect(own.reports["task.report"]!.data).toMatchObject({ matched: 2, rows: { bank: 4, telco: 5, insurer: 3 } });
    }
    // What tables could hide besides the rows declared is drawn too.
    expect(Object.keys(kept.telco!.draws)).toEqual(["task bank", "task insurer"]);
    expect(Object.values(kept.telco!.draws).every((ids) => ids > 5)).toBe(true);
  });

  it("tells the guest alone what three have, by multi-party and nothing else", async () => {
    const kept = await runOne(task({ protocol: "multi-party", receivers: "guest" }), three);
    expect(idsOf(kept.bank!.tables["task.data"]!).toSorted()).toEqual(["c", "d"]);
    for (const host of ["telco", "insurer"]) {
      expect(kept[host]!.tables).not.toHaveProperty("task.data");
      expect(kept[host]!.reports["task.report"]!.data).toMatchObject({ matched: null, kept: null });
    }
    expect(kept.bank!.draws).toEqual({});
    expect((await failureOf(runOne(task({ receivers: "guest" }), three))).code).toBe("input.parameters");
  });

  it("normalises as the flow says", async () => {
    const phones = { normalise: { phone: { format: "international" } } };
    const kept = await runOne(task(phones), {
      bank: unaligned(["+86 138-0000-0001", "13800000002"]),
      telco: unaligned(["13800000001", "008613800000002"]),
    });
    expect(kept.bank!.tables["task.data"]!.rowCount).toBe(2);
    expect(kept.bank!.draws).toEqual({ "task telco": 2 });
  });

  it("refuses duplicates and empty ids with row numbers, or removes them on request", async () => {
    const tables = { bank: unaligned(["a", "a", ""]), telco: unaligned(["a"]) };
    const failure = await failureOf(runOne(task(), tables));
    expect(failure.code).toBe("input.empty-id");
    expect(failure.detail).toMatchObject({ rowNumbers: [3] });
    const kept = await runOne(task({ duplicates: "remove", empty: "remove" }), tables);
    expect(kept.bank!.reports["task.report"]!.data).toMatchObject({ matched: 1, removed: { empty: 1, duplicates: 1 } });
  });

  it("matches the same with every protocol, in one bucket and in several; vole is not for three", async () => {
    const numbered = (from: number, to: number): string[] =>
      Array.from({ length: to - from }, (_, i) => `id-${from + i}`);
    const tables = { bank: unaligned(numbered(0, 300)), telco: unaligned(numbered(200, 450).reverse()) };
    const malicious = { protocol: "vole", security: "malicious" };
    for (const parameters of [
      { protocol: "ecdh" },
      { protocol: "ecdh", suite: "sm2", bucketRows: 256 },
      { protocol: "vole" },
      { protocol: "vole", bucketRows: 64 },
      malicious,
      { ...malicious, bucketRows: 64 },
    ]) {
      const kept = await runOne(task(parameters), tables);
      const order = idsOf(kept.bank!.tables["task.data"]!);
      expect(order.toSorted()).toEqual(numbered(200, 300).toSorted());
      expect(idsOf(kept.telco!.tables["task.data"]!)).toEqual(order);
    }
    const several = { ...tables, insurer: unaligned([...numbered(250, 320), "x"]) };
    for (const parameters of [{}, { bucketRows: 512 }]) {
      const kept = await runOne(task({ protocol: "multi-party", ...parameters }), several);
      const order = idsOf(kept.bank!.tables["task.data"]!);
      expect(order.toSorted()).toEqual(numbered(250, 300).toSorted());
      for (const own of Object.values(kept)) expect(idsOf(own.tables["task.data"]!)).toEqual(order);
    }
    expect((await failureOf(runOne(task({ protocol: "vole" }), several))).code).toBe("input.protocol");
    for (const these of [tables, several])
      expect((await failureOf(runOne(task({ security: "malicious" }), these))).code).toBe("input.protocol");
  });

  it("refuses sm2 with anything but ecdh of two parties", async () => {
    const two = { bank: unaligned(["a"]), telco: unaligned(["a"]) };
    for (const [tables, protocol] of [
      [two, "vole"],
      [three, "ecdh"],
      [three, "multi-party"],
    ] as const)
      expect((await failureOf(runOne(task({ protocol, suite: "sm2" }), tables))).code).toBe("input.parameters");
  });

  it("matches in many buckets as in one, whatever the ids are written in", async () => {
    const id = (i: number): string => (i % 3 === 0 ? `用户-${i}` : i % 3 === 1 ? ` user-${i}\t` : `ｕｓｅｒ-${i}`);
    const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => id(from + i));
    const bank = [...numbered(0, 300), "", id(5)];
    const telco = [...numbered(200, 450).reverse(), id(201), "用户-202"];
    const parameters = { duplicates: "remove", empty: "remove", normalise: { form: "NFKC" } };
    const tables = { bank: unaligned(bank), telco: unaligned(telco) };
    const whole = await runOne(task(parameters), tables);
    const parts = await runOne(task({ ...parameters, bucketRows: 64 }), tables);
    const order = idsOf(parts.bank!.tables["task.data"]!).map((text) => text!.trim());
    expect(order.length).toBe(100);
    expect(idsOf(parts.telco!.tables["task.data"]!).map((text) => text!.trim())).toEqual(order);
    expect(
      idsOf(whole.bank!.tables["task.data"]!)
        .map((text) => text!.trim())
        .sort(),
    ).toEqual([...order].sort());
    for (const kept of [whole, parts]) {
      expect(kept.bank!.reports["task.report"]!.data).toMatchObject({
        matched: 100,
        ownRows: 302,
        removed: { empty: 1, duplicates: 1 },
      });
    }
    const refused = task({ ...parameters, duplicates: "refuse", bucketRows: 64 });
    expect((await failureOf(runOne(refused, tables))).code).toBe("input.duplicate-id");
  });

  it("takes no buckets so small that padding is most of them", () => {
    expect(parameters.safeParse({ bucketRows: BUCKET_ROWS_MIN }).success).toBe(true);
    expect(parameters.safeParse({ bucketRows: BUCKET_ROWS_MIN - 1 }).success).toBe(false);
  });

  it("says so when nothing matches, and refuses too few or too many rows first", async () => {
    const tables = { bank: unaligned(["a", "b"]), telco: unaligned(["c"]) };
    expect((await failureOf(runOne(task(), tables))).code).toBe("input.no-match");
    for (const limit of [{ partnerRowsMin: 2 }, { partnerRowsMax: 1 }])
      expect((await failureOf(runOne(task(limit), tables))).code).toBe("consent.rows");
    const nothing = { ...three, insurer: unaligned(["q"]) };
    expect((await failureOf(runOne(task({ protocol: "multi-party" }), nothing))).code).toBe("input.no-match");
    const limited = runOne(task({ protocol: "multi-party", partnerRowsMax: 4 }), three);
    expect((await failureOf(limited)).code).toBe("consent.rows");
  });
});
