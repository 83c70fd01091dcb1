/** The rules of kept flows: who began from what, names, what stays in the history, what is refused. */
import type { TomboloError } from "@tombolo/base";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "../context.ts";
import { type TestContext, testContext } from "../testing/test-context.ts";
import { createFlow, deleteFlow, saveFlow } from "./flows.ts";
import { HISTORY_LENGTH_MAX, ONE_GO_MS, REVISIONS_MAX } from "./history.ts";
import { flowOf, keptFlow, keptFlowView, listFlows, listRevisions } from "./rows.ts";

let context: TestContext;
beforeAll(async () => {
  context = await testContext();
}, 60_000);
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  await context.store.db.deleteFrom("flows").execute();
});

const person = (name: string): Actor => ({ kind: "user", id: name, name });
const [li, wang] = [person("li"), person("wang")];
const flow = (name = "Credit", seed = 7, tasks: Record<string, unknown> = { read: { component: "read-table" } }) => ({
  version: "1",
  name,
  parties: [{ party: "bank", role: "guest" }],
  seed,
  tasks,
});
const create = (of: Record<string, unknown> = flow(), places = {}) =>
  createFlow(context, li, { flow: of, projectId: null, places });
const save = (who: Actor, id: string, base: number, of: Record<string, unknown>, goesOn = false) =>
  saveFlow(context, who, id, { base, flow: of, goesOn });
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: TomboloError) => error.code,
  );

describe("a save", () => {
  it("of what another has changed since is refused, saying who and when, and loses nothing", async () => {
    const { row } = await create();
    await save(wang, row.id, 1, flow("Credit", 8));
    await expect(save(li, row.id, 1, flow("Credit", 9))).rejects.toMatchObject({
      code: "state.flow-changed",
      message: expect.stringMatching(/^wang has saved revision 2 of "Credit" at 2026-/),
    });
    const kept = await keptFlow(context, row.id);
    expect([kept.row.revision, flowOf(kept).seed, kept.at.saved_by]).toEqual([2, 8, "wang"]);
    await save(li, row.id, 2, flow("Credit", 9));
    expect((await listRevisions(context, row.id)).map(({ changedBy }) => changedBy)).toEqual(["li", "wang", "li"]);
  });

  it("of two at once, one wins", async () => {
    const { row } = await create();
    const ended = await Promise.all([8, 9].map((seed) => codeOf(save(li, row.id, 1, flow("Credit", seed)))));
    expect(ended.sort()).toEqual(["done", "state.flow-changed"]);
    expect((await keptFlow(context, row.id)).row.revision).toBe(2);
  });

  it("in one go is no gap to whoever reads meanwhile", async () => {
    const { row } = await create();
    const reading = keptFlow(context, row.id);
    await save(li, row.id, 1, flow("Credit", 8), true);
    expect([7, 8]).toContain(flowOf(await reading).seed);
  });

  it("of what is kept already is no revision, whatever it began from", async () => {
    const { row } = await create();
    await save(wang, row.id, 1, flow("Credit", 8));
    expect((await save(li, row.id, 1, flow("Credit", 8))).row.revision).toBe(2);
  });

  it("without places leaves tasks where they stand, and forgets those of tasks that are gone", async () => {
    const tasks = { read: { component: "read-table" }, train: { component: "boosting-train" } };
    const { row } = await create(flow("Credit", 7, tasks), {
      read: { x: 1, y: 2 },
      train: { x: 3, y: 4 },
      gone: { x: 0, y: 0 },
    });
    const pushed = await save(li, row.id, 1, flow("Credit", 7, { ...tasks, match: { component: "psi" } }));
    expect(pushed.at.places).toEqual({ read: { x: 1, y: 2 }, train: { x: 3, y: 4 } });
    expect((await save(li, row.id, 2, flow())).at.places).toEqual({ read: { x: 1, y: 2 } });
  });

  it("keeps the order of tasks and whatever parameters hold", async () => {
    const tasks = {
      zeta: { component: "psi" },
      a: { component: "psi", parameters: { text: "\u0000 \ud800", big: 2 ** 53 } },
    };
    const kept = flowOf(await create(flow("Odd", 7, tasks)));
    expect(Object.keys(kept.tasks)).toEqual(["zeta", "a"]);
    expect(kept.tasks.a!.parameters).toEqual({ text: "\u0000 \ud800", big: 2 ** 53 });
  });
});

describe("a name", () => {
  it("is nobody else's, in any case or width, and free again once deleted", async () => {
    const { row } = await create();
    for (const name of ["credit", "ＣＲＥＤＩＴ", " Credit "])
      expect(await codeOf(create(flow(name)))).toBe("state.flow-name");
    const other = await create(flow("信贷"));
    expect(await codeOf(save(li, other.row.id, 1, flow("CREDIT")))).toBe("state.flow-name");
    expect((await save(li, row.id, 1, flow("CREDIT"))).row.name).toBe("CREDIT");
    expect(await codeOf(deleteFlow(context, row.id, 1))).toBe("state.flow-changed");
    await deleteFlow(context, row.id, 2);
    expect((await save(li, other.row.id, 1, flow("Credit"))).row.name).toBe("Credit");
  });
});

describe("what is no flow", () => {
  it.each([
    ["text", "tasks: [", "input.flow"],
    [
      "an unknown component's parameters too deep",
      JSON.stringify(flow("X", 7, { a: { component: "x", parameters: { a: [[[[[[[[[[[[]]]]]]]]]]]] } } })),
      "input.flow",
    ],
    ["one without a name", flow("  "), "input.flow"],
    [
      "one too long",
      flow("Long", 7, { a: { component: "x", parameters: { text: "x".repeat(200_000) } } }),
      "input.flow",
    ],
  ])("%s is refused", async (_, source, code) => {
    expect(await codeOf(createFlow(context, li, { flow: source, projectId: null, places: {} }))).toBe(code);
  });

  it("but one without tasks, of unknown components or with unknown parameters is a draft", async () => {
    expect(keptFlowView(await create(flow("Empty", 7, {})))).toMatchObject({ taskCount: 0, revision: 1 });
    const odd = flow("Odd", 7, { a: { component: "no-such", inputs: { data: "gone.data" }, parameters: { no: 1 } } });
    expect(flowOf(await create(odd)).tasks.a!.parameters).toEqual({ no: 1 });
  });

  it("a project that is not there is named by none", async () => {
    const input = { flow: flow(), projectId: "project-none", places: {} };
    expect(await codeOf(createFlow(context, li, input))).toBe("state.unknown");
  });
});

describe("the history", () => {
  it("holds saves of one go as one revision, of others as their own", async () => {
    const { row } = await create();
    await save(li, row.id, 1, flow("Credit", 8), true);
    await save(wang, row.id, 2, flow("Credit", 9), true);
    await save(wang, row.id, 3, flow("Credit", 10), true);
    expect((await listRevisions(context, row.id)).map(({ revision }) => revision)).toEqual([4, 2]);
    context.clock.advance(ONE_GO_MS / 60_000);
    await save(wang, row.id, 4, flow("Credit", 11), true);
    expect((await listRevisions(context, row.id)).map(({ revision }) => revision)).toEqual([5, 4, 2]);
  });

  it("is bounded in number and in size, the oldest go first, the last stays", async () => {
    const { row } = await create();
    for (let base = 1; base <= REVISIONS_MAX + 2; base++) await save(li, row.id, base, flow("Credit", base + 100));
    const kept = await listRevisions(context, row.id);
    expect([kept.length, kept[0]!.revision]).toEqual([REVISIONS_MAX, REVISIONS_MAX + 3]);
    expect(await codeOf(keptFlow(context, row.id, 1))).toBe("state.unknown");
    const large = (seed: number) =>
      flow("Credit", seed, { a: { component: "x", parameters: { text: "x".repeat(190_000) } } });
    for (let i = 0; i < 25; i++) await save(li, row.id, REVISIONS_MAX + 3 + i, large(i));
    const left = await listRevisions(context, row.id);
    expect(left.length).toBe(Math.floor(HISTORY_LENGTH_MAX / 190_300));
  }, 60_000);

  it("whatever two people do, revisions only grow, a save answers what was saved, and the last is the last that was", async () => {
    const step = fc.record({ who: fc.constantFrom(li, wang), back: fc.nat(2), seed: fc.nat(3), goesOn: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        await context.store.db.deleteFrom("flows").execute();
        const { row } = await create(flow("Credit", 0));
        let last = { revision: 1, seed: 0 };
        for (const { who, back, seed, goesOn } of steps) {
          const base = Math.max(1, last.revision - back);
          const ended = await codeOf(save(who, row.id, base, flow("Credit", seed), goesOn));
          expect(ended).toBe(seed === last.seed || base === last.revision ? "done" : "state.flow-changed");
          if (ended === "done" && seed !== last.seed) last = { revision: last.revision + 1, seed };
          const kept = await keptFlow(context, row.id);
          expect({ revision: kept.row.revision, seed: flowOf(kept).seed }).toEqual(last);
        }
        expect(await listFlows(context)).toMatchObject([{ revision: last.revision }]);
      }),
      { numRuns: 25 },
    );
  }, 60_000);
});
