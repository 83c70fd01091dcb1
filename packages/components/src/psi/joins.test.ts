/** Kinds of match between two parties, each against what the same join gives on both tables in plain sight. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TomboloError, takeTable } from "@tombolo/base";
import { describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import type { TaskDraft } from "../flows.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask } from "../testing/run-flow.ts";
import { failureOf, flowOf, madeUp, runOne } from "../testing/tasks.ts";

type Ids = readonly (string | null)[];
type Own = { readonly "in.data": TaskTable };

/** Row numbers in `n`, and one text column for each list of ids. */
const own = (...columns: readonly Ids[]): Own => {
  const names = columns.map((_, i) => `id${i}`);
  const rows = Array.from(columns[0]!, (_, i) => i);
  const table = tableOf(...columns.map((ids, i) => texts(names[i]!, ids)), numbers("n", rows));
  return { "in.data": { ...table, keys: names, label: null, aligned: false } };
};
const task = (parameters: Record<string, unknown>): TaskDraft => ({
  component: "psi",
  inputs: { data: "in.data" },
  parameters,
});
const numbered = (from: number, to: number): string[] => Array.from({ length: to - from }, (_, i) => `id-${from + i}`);

/** Own row numbers of the result; NaN: a row without values. */
const rowsOf = (kept: Kept): number[] => {
  const column = kept.tables["task.data"]!.columns.find(({ name }) => name === "n")!;
  if (column.kind !== "number") throw new Error("n is a number");
  return Array.from(column.values);
};
const pairsOf = (kept: Readonly<Record<string, Kept>>): [number, number][] => {
  const [guest, host] = [rowsOf(kept.bank!), rowsOf(kept.telco!)];
  expect(host.length).toBe(guest.length);
  return guest.map((row, i) => [row, host[i]!]);
};
const sorted = (pairs: readonly (readonly number[])[]): string[] => pairs.map((pair) => pair.join(" ")).sort();
const reportOf = (kept: Kept) => kept.reports["task.report"]!.data as Record<string, unknown>;

const WAYS: readonly (readonly [string, Record<string, unknown>])[] = [
  ["ecdh", { protocol: "ecdh" }],
  ["vole", { protocol: "vole" }],
  ["ecdh in buckets", { protocol: "ecdh", bucketRows: 64 }],
];

describe.each(WAYS)("by %s", (_name, way) => {
  const bank = numbered(0, 200);
  const telco = numbered(120, 320).reverse();

  it("one-sided, the guest alone learns, and the host's node keeps nothing that depends on it", async () => {
    const seen: unknown[] = [];
    for (const guest of [bank, numbered(1000, 1200)]) {
      const kept = await runOne(task({ ...way, receivers: "guest" }), { bank: own(guest), telco: own(telco) });
      const common = guest.flatMap((id, row) => (telco.includes(id) ? [row] : []));
      expect(rowsOf(kept.bank!).toSorted((a, b) => a - b)).toEqual(common);
      expect(kept.bank!.tables["task.data"]!.aligned).toBe(false);
      expect(reportOf(kept.bank!)).toMatchObject({ matched: common.length, kept: common.length });
      expect(Object.keys(kept.telco!.tables)).toEqual(["in.data"]);
      expect(kept.bank!.draws).toEqual({});
      expect(Object.keys(kept.telco!.draws)).toEqual(["task bank"]);
      seen.push(kept.telco!.reports);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(reportOf({ reports: seen[0] } as Kept)).toMatchObject({ matched: null, byKey: null, kept: null });
  });

  it("a difference holds the guest's rows that the host has not, and no row that took no part", async () => {
    const guest = [...bank, "", bank[0]!, bank[150]!];
    const parameters = { ...way, join: "difference", receivers: "guest", duplicates: "remove", empty: "remove" };
    const kept = await runOne(task(parameters), { bank: own(guest), telco: own(telco) });
    expect(rowsOf(kept.bank!)).toEqual(bank.flatMap((id, row) => (telco.includes(id) ? [] : [row])));
    expect(reportOf(kept.bank!)).toMatchObject({ matched: 80, kept: 120, removed: { empty: 1, duplicates: 2 } });
    const all = await runOne(task(parameters), { bank: own(numbered(150, 160)), telco: own(telco) });
    expect(rowsOf(all.bank!)).toEqual([]);
  });

  it("a left join keeps all rows of the guest, and tells the host no more than how many are left", async () => {
    const guest = [...bank, "", bank[0]!, bank[150]!];
    const parameters = { ...way, join: "left", duplicates: "remove", empty: "remove" };
    const kept = await runOne(task(parameters), { bank: own(guest), telco: own(telco) });
    const pairs = pairsOf(kept);
    const expected = guest.map((id, row) => [row, row < 200 && telco.includes(id) ? telco.indexOf(id) : Number.NaN]);
    expect(sorted(pairs)).toEqual(sorted(expected));
    expect(pairs.slice(0, 80).some(([, host]) => Number.isNaN(host))).toBe(false);
    const rest = pairs.slice(80).map(([row]) => row);
    expect(rest).not.toEqual(rest.toSorted((a, b) => a - b));
    const ids = kept.telco!.tables["task.data"]!.columns.find(({ name }) => name === "id0")!;
    expect(ids.kind === "text" && Array.from(ids.codes.subarray(80)).every((code) => code === -1)).toBe(true);
    expect(kept.telco!.tables["task.data"]!.aligned).toBe(true);
    for (const side of Object.values(kept)) expect(reportOf(side)).toMatchObject({ matched: 80, kept: 203 });
  });

  it("a left join of which nothing matches is all of the guest's rows", async () => {
    const kept = await runOne(task({ ...way, join: "left" }), { bank: own(numbered(0, 9)), telco: own(telco) });
    expect(rowsOf(kept.bank!).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(rowsOf(kept.telco!)).toEqual(Array.from({ length: 9 }, () => Number.NaN));
  });

  it("many rows of the guest go with one of the host, whose row is beside each of them", async () => {
    const guest = Array.from({ length: 300 }, (_, i) => `id-${(i * i) % 170}`);
    for (const kind of ["inner", "left"]) {
      const kept = await runOne(task({ ...way, join: kind, duplicates: "many-to-one" }), {
        bank: own(guest),
        telco: own(telco),
      });
      const expected = guest.flatMap((id, row): [number, number][] => {
        const at = telco.indexOf(id);
        return at >= 0 ? [[row, at]] : kind === "left" ? [[row, Number.NaN]] : [];
      });
      expect(sorted(pairsOf(kept))).toEqual(sorted(expected));
      // Minima count the host's rows once, and both parties by the same number.
      const often = Map.groupBy(expected, ([, at]) => at);
      often.delete(Number.NaN);
      const copiesMax = Math.max(...[...often.values()].map(({ length }) => length));
      for (const { tables } of Object.values(kept)) expect(tables["task.data"]!.copiesMax).toBe(copiesMax);
    }
    const twice = { bank: own(telco), telco: own(guest) };
    expect(await failureOf(runOne(task({ ...way, duplicates: "many-to-one" }), twice))).toMatchObject({
      code: "input.duplicate-id",
    });
    const one = await runOne(task({ ...way, receivers: "guest", duplicates: "many-to-one" }), {
      bank: own(guest),
      telco: own(telco),
    });
    const common = guest.flatMap((id, row) => (telco.includes(id) ? [row] : []));
    expect(rowsOf(one.bank!).toSorted((a, b) => a - b)).toEqual(common);
  });

  it("alternative keys match what the first leaves by the second, each row once", async () => {
    // Rows 0..99 by phone; 100..149 have no phone, or another; mails are shared by rows far apart.
    const phone = (shift: number) => (i: number) =>
      i < 100 ? `1380000${i + shift}` : i % 2 === 0 ? null : `159${shift}${i}`;
    const mail = (i: number) => (i % 10 === 9 ? null : `m${i}@x`);
    const range = Array.from({ length: 150 }, (_, i) => i);
    const guest = [range.map(phone(1000)), range.map(mail)] as const;
    const host = [range.map(phone(1050)), range.map((i) => mail(i + 20))] as const;
    const sides = { bank: own(...guest), telco: own(...host) };
    const parameters = { ...way, keys: [[1], [2]], empty: "remove" };
    const kept = await runOne(task(parameters), sides);
    expect(sorted(pairsOf(kept))).toEqual(sorted(twoKeys(guest, host)));
    const [first, second] = reportOf(kept.bank!).byKey as number[];
    expect(first).toBe(50);
    expect(second).toBe(pairsOf(kept).length - 50);
    expect(reportOf(kept.telco!).byKey).toEqual([first, second]);

    const oneSided = await runOne(task({ ...parameters, receivers: "guest" }), sides);
    const either = range.filter(
      (i) =>
        (host[0].includes(guest[0][i]!) && guest[0][i] !== null) ||
        (guest[1][i] !== null && host[1].includes(guest[1][i]!)),
    );
    expect(rowsOf(oneSided.bank!).toSorted((a, b) => a - b)).toEqual(either);
    expect(reportOf(oneSided.telco!)).toMatchObject({ matched: null, byKey: null });
  });

  it("a key of several columns runs no two rows together, each column by its own rules", async () => {
    const bank = own(["ab", "a", "x", "y"], ["c", "bc", " 139-0000-0001 ", "Z"]);
    const telco = own(["a", "AB", "X"], ["bc", "c", "13900000001"]);
    const rules = { trim: true, form: "NFC", phone: null };
    const none = await runOne(task({ ...way }), { bank, telco });
    expect(sorted(pairsOf(none))).toEqual(["1 0"]);
    const columnRules = [{ ...rules, case: "lower" }, null];
    const lower = await runOne(task({ ...way, columnRules }), { bank, telco });
    expect(sorted(pairsOf(lower))).toEqual(["0 1", "1 0"]);
    const phone = {
      ...way,
      columnRules: [{ ...rules, case: "lower" }, { phone: { format: "digits" } }],
      empty: "remove",
    };
    expect(sorted(pairsOf(await runOne(task(phone), { bank, telco })))).toEqual(["2 2"]);
  });
});

/** In plain sight: by the first key, then the rest by the second. */
function twoKeys(guest: readonly Ids[], host: readonly Ids[]): [number, number][] {
  const pairs: [number, number][] = [];
  const taken = new Set<number>();
  for (const key of [0, 1])
    guest[key]!.forEach((id, row) => {
      if (id === null || pairs.some(([own]) => own === row)) return;
      const at = host[key]!.findIndex((other, place) => other === id && !taken.has(place));
      if (at < 0) return;
      pairs.push([row, at]);
      taken.add(at);
    });
  return pairs;
}

describe("choices of a match", () => {
  const sides = { bank: own(["a", "b"]), telco: own(["b", "c"]) };

  it.each<[string, Record<string, unknown>, string]>([
    ["a left join for one side", { join: "left", receivers: "guest" }, "input.parameters"],
    ["a difference for both", { join: "difference" }, "input.parameters"],
    ["a key twice", { keys: [[1], [1]] }, "input.parameters"],
    ["a column twice in a key", { keys: [[1, 1]] }, "input.parameters"],
    ["a column that is not there", { keys: [[1], [2]] }, "input.keys"],
  ])("refuse %s", async (_what, parameters, code) => {
    expect((await failureOf(runOne(task(parameters), sides))).code).toBe(code);
  });

  it.each([{ join: "left" }, { receivers: "guest" }, { keys: [[1]] }, { duplicates: "many-to-one" }])(
    "refuse %o among three",
    async (parameters) => {
      const three = { ...sides, insurer: own(["b"]) };
      expect((await failureOf(runOne(task(parameters), three))).code).toBe("input.parameters");
    },
  );

  it("refuse rows that no key can tell, and ids that are repeated in any of them, whatever has matched", async () => {
    const none = { bank: own(["a", null, "c"], [null, "", "m"]), telco: own(["a"], ["m"]) };
    const failure = await failureOf(runOne(task({ keys: [[1], [2]] }), none));
    expect(failure).toMatchObject({ code: "input.empty-id", detail: { rowNumbers: [2], rowCount: 1 } });
    const shared = { bank: own(["a", "b"], ["m", "m"]), telco: own(["a", "x"], ["n", "m"]) };
    for (const receivers of ["all", "guest"]) {
      const refused = await failureOf(runOne(task({ keys: [[1], [2]], receivers }), shared));
      expect(refused).toMatchObject({ code: "input.duplicate-id", detail: { rowNumbers: [2] } });
    }
    const kept = await runOne(task({ keys: [[1], [2]], duplicates: "remove" }), shared);
    expect(sorted(pairsOf(kept))).toEqual(["0 0", "1 1"]);
  });
});

it("a left join can be trained and scored on, the host's missing rows as missing values", {
  timeout: 120_000,
}, async () => {
  const { guest, host } = madeUp(80);
  const known = Array.from({ length: 50 }, (_, i) => 79 - i);
  const tables = { bank: guest, telco: { ...host, ...takeTable(host, known) } };
  const kept: Record<string, Kept> = Object.fromEntries(
    Object.entries(tables).map(([party, table]) => [
      party,
      { ...emptyKept(), tables: { "in.data": { ...table, aligned: false } } },
    ]),
  );
  const flow = flowOf({
    match: { component: "psi", inputs: { data: "in.data" }, parameters: { join: "left" } },
    split: { component: "split", inputs: { data: "match.data" }, parameters: { testShare: 0.25, stratify: true } },
    train: {
      component: "boosting-train",
      inputs: { data: "split.train" },
      parameters: { objective: "binary", trees: 2, depth: 2, bins: 8 },
    },
    score: { component: "boosting-predict", inputs: { model: "train.model", data: "split.test" } },
  });
  for (const name of Object.keys(flow.tasks)) await runTask(flow, name, kept, { datasets: {} });
  expect(kept.telco!.tables["match.data"]!.rowCount).toBe(80);
  expect(kept.bank!.tables["score.data"]!.rowCount).toBe(20);
});

describe("a match that was cut off", () => {
  const shuffled = (ids: readonly string[]): string[] =>
    ids.toSorted((a, b) => a.length - b.length || (b < a ? -1 : 1));
  const sides = {
    bank: own(numbered(0, 200), numbered(1000, 1200)),
    telco: own(shuffled(numbered(150, 400)), shuffled(numbered(1100, 1350))),
  };

  it.each([{ receivers: "guest" }, { duplicates: "many-to-one", join: "left" }])(
    "goes on in the round and bucket it was in: %o",
    async (parameters) => {
      const draft = task({ protocol: "ecdh", bucketRows: 64, keys: [[1], [2]], ...parameters });
      const whole = await runOne(draft, sides);
      const flow = flowOf({ task: draft });
      const folder = await mkdtemp(join(tmpdir(), "tombolo-joins-"));
      try {
        const kept = Object.fromEntries(
          Object.entries(sides).map(([party, tables]) => [party, { ...emptyKept(), tables: { ...tables } }]),
        );
        let joint: unknown;
        // Eight buckets a round, the agreement before: the first crash is in the first round, the second in the second.
        for (const crashAt of [5, 8, null]) {
          const run = runTask(flow, "task", kept, {
            datasets: {},
            workFolders: folder,
            onCheckpoint: (party, count) => {
              if (party === "telco" && count === crashAt) throw new TomboloError("transport.peer-lost", "cut off");
            },
          });
          if (crashAt === null) await run;
          else expect((await failureOf(run)).code).toBe("transport.peer-lost");
          const { rounds } = kept.bank!.checkpoints.task as { rounds: { jointKey: string; receipts: string[] }[] };
          joint ??= rounds[0]!.jointKey;
          expect(rounds[0]!.jointKey).toBe(joint);
          if (crashAt === 8) expect(rounds.length).toBe(2);
        }
        expect(rowsOf(kept.bank!).toSorted()).toEqual(rowsOf(whole.bank!).toSorted());
        if (!("receivers" in parameters)) expect(sorted(pairsOf(kept))).toEqual(sorted(pairsOf(whole)));
        expect(kept.telco!.reports).toEqual(whole.telco!.reports);
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
  );
});
