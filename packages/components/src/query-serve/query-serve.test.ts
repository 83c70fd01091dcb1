/** Questions one by one against a catalogue, as callers of a service ask them. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TaskTable } from "../component.ts";
import { systemClock } from "../service.ts";
import { numbers, tableOf, texts } from "../testing/examples.ts";
import { emptyKept, type Kept, runTask, type Setting } from "../testing/run-flow.ts";
import { failureOf, flowOf, keyed } from "../testing/tasks.ts";

const UNTIL = "2099-01-01T00:00:00Z";
let folder: string;
let kept: Record<string, Kept>;
let services = 0;

const register = (): TaskTable => ({
  ...keyed(
    tableOf(
      texts("name", ["李雷", "韩梅梅", "Zoë"]),
      texts("phone", ["13800138000", "13900139000", "13700137000"]),
      numbers("income", [1, Number.NaN, -2.5]),
      texts("city", ["苏州市", "x", null]),
    ),
  ),
  aligned: false,
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-query-serve-"));
  kept = { bank: emptyKept(), telco: emptyKept() };
  kept.telco!.tables["people.data"] = { ...register(), keys: ["phone"] };
  kept.telco!.tables["pairs.data"] = { ...register(), keys: ["name", "phone"] };
  const columns = [{ column: "income" }, { column: "city", kind: "text", bytes: 12 }];
  const flow = flowOf({
    records: { component: "match-catalogue", inputs: { data: "people.data" }, parameters: { padTo: 10, columns } },
    pairs: { component: "match-catalogue", inputs: { data: "pairs.data" }, parameters: { padTo: 10 } },
  });
  for (const task of ["records", "pairs"]) await runTask(flow, task, kept, { datasets: {}, modelFolders: folder });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

type Answer = (items: readonly unknown[]) => Promise<readonly unknown[]>;
type Ask = (...ids: readonly unknown[]) => Promise<readonly unknown[]>;

function serve(
  component: "query-serve" | "verify-serve",
  catalogue: string,
  parameters: Record<string, unknown>,
  call: (ask: Ask) => Promise<void>,
  setting: Pick<Setting, "startedAtMs" | "clock"> = {},
): Promise<void> {
  const asking = (answer: Answer): Promise<void> => call((...ids) => answer(ids.map((id) => ({ id }))));
  return serveItems(component, catalogue, parameters, asking, setting);
}

async function serveItems(
  component: "query-serve" | "verify-serve",
  catalogue: string,
  parameters: Record<string, unknown>,
  call: (answer: Answer) => Promise<void>,
  setting: Pick<Setting, "startedAtMs" | "clock"> = {},
): Promise<void> {
  const columns = component === "query-serve" ? { columns: ["income", "city"] } : {};
  // Attempts of one task count together: each of these is a service of its own.
  const name = `serve-${services++}`;
  const task = { component, inputs: { catalogue }, parameters: { until: UNTIL, padTo: 4, ...columns, ...parameters } };
  await runTask(flowOf({ [name]: task }), name, kept, {
    datasets: {},
    ...{ modelFolders: folder, workFolders: join(folder, "work"), ...setting },
    call: async (party, answer) => {
      expect(party).toBe("bank");
      await call(answer);
    },
  });
}

describe("query-serve", () => {
  it("answers with the row's columns, or that there is none, each item in its place", () =>
    serve("query-serve", "records.catalogue", {}, async (ask) => {
      const [zoe, none, bad, li] = await ask("13700137000", "13000000000", ["a", "b"], ["13800138000"]);
      expect(zoe).toEqual({ found: true, values: { income: -2.5, city: null } });
      expect(none).toEqual({ found: false, values: null });
      expect(bad).toMatchObject({ refusal: { code: "input.key" } });
      expect(li).toEqual({ found: true, values: { income: 1, city: "苏州市" } });
      const twice = await ask("13900139000", "13900139000", " ");
      expect(twice.slice(0, 2)).toEqual(Array(2).fill({ found: true, values: { income: null, city: "x" } }));
      expect(twice[2]).toMatchObject({ refusal: { code: "input.key" } });
      expect(await ask(17, { a: 1 }, "")).toEqual(Array(3).fill({ refusal: expect.anything() }));
      expect(await Promise.all([ask("13700137000"), ask("1"), ask("13800138000")])).toEqual([[zoe], [none], [li]]);
    }));

  it("draws ahead, and no more than was agreed", async () => {
    const drawn = (): number => kept.telco!.draws[`serve-${services - 1} bank`] ?? 0;
    const run = serve("query-serve", "records.catalogue", { idsMax: 20, drawnAhead: 12 }, async (ask) => {
      for (const expected of [12, 12, 12, 20, 20]) {
        await ask("1");
        expect(drawn()).toBe(expected);
      }
      await ask("1");
    });
    expect((await failureOf(run)).code).toBe("consent.rows");
    expect(drawn()).toBe(20);
  });

  it("answers nothing on a day with what it drew on the day before", async () => {
    const drawn = (): number => kept.telco!.draws[`serve-${services - 1} bank`] ?? 0;
    let now = Date.parse("1970-01-01T23:59:00Z");
    const clock = { ...systemClock, now: () => now };
    const parameters = { idsMax: 100, drawnAhead: 12 };
    await serve(
      "query-serve",
      "records.catalogue",
      parameters,
      async (ask) => {
        for (const [minutes, expected] of [
          [0, 12],
          [0, 12],
          [2, 24],
          [0, 24],
        ] as const) {
          now += minutes * 60_000;
          await ask("1");
          expect(drawn()).toBe(expected);
        }
      },
      { clock },
    );
  });

  it("draws exactly where it asks with an authorisation, which may end between two questions", async () => {
    const drawn = (): number => kept.telco!.draws[`serve-${services - 1} bank`] ?? 0;
    const authorisation = { hash: "a".repeat(64), scope: "credit", expires: UNTIL };
    await serve("query-serve", "records.catalogue", { drawnAhead: 12, authorisation }, async (ask) => {
      for (const expected of [4, 8]) {
        await ask("1");
        expect(drawn()).toBe(expected);
      }
    });
  });

  it("takes a reference with every question where one is wanted, and hands it to who answers", async () => {
    const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string];
    const reference = (hash: string, expires = "1970-01-02T00:00:00Z") => ({ authorisation: { hash, expires } });
    const parameters = { authorisedFor: "credit", padTo: 1 };
    const refused = { refusal: expect.objectContaining({ code: "consent.authorisation" }) };
    await serveItems("query-serve", "records.catalogue", parameters, async (answer) => {
      const items = [
        { id: "13700137000", ...reference(a) },
        { id: "13800138000" },
        { id: "13800138000", ...reference(b, "1970-01-01T00:00:00Z") },
        { id: "1", ...reference(c) },
        { id: "1", ...reference("x") },
      ];
      expect(await answer(items)).toMatchObject([{ found: true }, refused, refused, { found: false }, refused]);
      expect(await answer([{ id: "1" }])).toEqual([refused]);
    });
    expect(kept.telco!.references!.slice(-2)).toEqual([a, c]);
    expect(kept.telco!.draws[`serve-${services - 1} bank`]).toBe(2);
  });

  it("asks about so many different keys a day, those asked before among them, and goes on counting when it comes back", async () => {
    const refused = { refusal: expect.objectContaining({ code: "consent.distinct" }) };
    const parameters = { distinctPerDay: 2 };
    await serve("query-serve", "records.catalogue", parameters, async (ask) => {
      expect(await ask("13700137000", "1", "13700137000", "13800138000", " ")).toMatchObject([
        ...[{ found: true }, { found: false }, { found: true }, refused],
        { refusal: { code: "input.key" } },
      ]);
    });
    services -= 1; // the same task, another attempt
    await serve("query-serve", "records.catalogue", parameters, async (ask) => {
      expect(await ask("1", "13900139000")).toMatchObject([{ found: false }, refused]);
    });
    services -= 1;
    const tomorrow = { startedAtMs: 86_400_000 };
    await serve(
      "query-serve",
      "records.catalogue",
      parameters,
      async (ask) => {
        expect(await ask("13900139000", "13800138000", "1")).toMatchObject([{ found: true }, { found: true }, refused]);
      },
      tomorrow,
    );
  });

  it("refuses other columns than the consent names", async () => {
    const run = serve("query-serve", "records.catalogue", { columns: ["city"] }, async () => {});
    expect((await failureOf(run)).code).toBe("consent.changed");
    expect((await failureOf(serve("query-serve", "pairs.catalogue", {}, async () => {}))).code).toBe("input.model");
  });
});

describe("verify-serve", () => {
  it("says yes where the parts stand together in one row, and no more elsewhere", () =>
    serve("verify-serve", "pairs.catalogue", { keyParts: 2 }, async (ask) => {
      const answers = await ask(
        ["李雷", "13800138000"],
        ["李雷", "13900139000"],
        ["李", "雷13800138000"],
        ["李雷"],
        ["zoë", "13700137000"],
      );
      expect(answers.map((each) => (each as { verified?: boolean }).verified)).toEqual([
        true,
        false,
        false,
        undefined,
        expect.any(Boolean),
      ]);
    }));

  it("refuses a catalogue that holds records", async () => {
    const run = serve("verify-serve", "records.catalogue", {}, async () => {});
    expect((await failureOf(run)).code).toBe("input.model");
  });
});
