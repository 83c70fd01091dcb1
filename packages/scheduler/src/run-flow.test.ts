import { TomboloError } from "@tombolo/base";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Flow, flowEdges } from "./flow.ts";
import { parseFlow } from "./parse.ts";
import { planRerun, readyTasks, type TaskStates } from "./plan.ts";
import { type RunFlowOptions, runFlow, type TaskRun } from "./run-flow.ts";
import { jobTransitions, taskTransitions, transitionJob, transitionTask } from "./states.ts";

/** Random DAGs: task i may take its input from tasks before it. */
const dags: fc.Arbitrary<Flow> = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((picks) =>
    parseFlow({
      version: "1",
      name: "random",
      parties: [{ party: "bank", role: "guest" }],
      tasks: Object.fromEntries(
        picks.map((from, i) => [
          `t${i}`,
          {
            component: "any",
            inputs: Object.fromEntries(i === 0 ? [] : from.map((pick, p) => [`in${p}`, `t${pick % i}.out`])),
          },
        ]),
      ),
    }),
  );

const options = (more: Partial<RunFlowOptions> = {}): RunFlowOptions => ({
  concurrency: 3,
  attemptsMax: 2,
  deadlineMs: 10_000,
  signal: new AbortController().signal,
  ...more,
});

const inputsOf = (flow: Flow, task: string): string[] =>
  flowEdges(flow).flatMap(({ from, to }) => (to === task ? [from] : []));

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await Promise.resolve();
};

describe("runFlow", () => {
  it("never starts a task before its inputs, never exceeds the limit, always ends", async () => {
    const failures = fc.array(fc.nat({ max: 3 }), { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(dags, failures, fc.integer({ min: 1, max: 4 }), async (flow, failing, concurrency) => {
        const succeeded = new Set<string>();
        let running = 0;
        const run = async ({ task, attempt }: TaskRun): Promise<void> => {
          expect(inputsOf(flow, task).every((from) => succeeded.has(from))).toBe(true);
          expect(++running).toBeLessThanOrEqual(concurrency);
          const index = Number(task.slice(1));
          await turns(index % 4);
          running--;
          if (attempt <= failing[index]!) throw new TomboloError("transport.cut", "cut");
          succeeded.add(task);
        };
        const result = await runFlow(flow, run, options({ concurrency }));
        for (const [task, state] of Object.entries(result.states)) {
          const lost = failing[Number(task.slice(1))]! >= 2;
          const blocked = inputsOf(flow, task).some((from) => result.states[from] !== "SUCCESS");
          expect(state).toBe(blocked ? "SKIPPED" : lost ? "FAILED" : "SUCCESS");
        }
        expect(result.outcome).toBe(Object.values(result.states).includes("FAILED") ? "FAILED" : "SUCCESS");
      }),
    );
  });

  it("stops everything on cancel, also tasks that ignore their signal", async () => {
    await fc.assert(
      fc.asyncProperty(dags, fc.nat({ max: 6 }), async (flow, cancelAfter) => {
        const cancel = new AbortController();
        let started = 0;
        const run = async ({ task, signal }: TaskRun): Promise<void> => {
          expect(cancel.signal.aborted).toBe(false);
          if (started++ === cancelAfter) cancel.abort(new TomboloError("aborted.cancel", "cancelled"));
          if (Number(task.slice(1)) % 2 === 1) return await new Promise(() => {});
          await turns(2);
          signal.throwIfAborted();
        };
        const running = runFlow(flow, run, options({ signal: cancel.signal }));
        await turns(200);
        cancel.abort(new TomboloError("aborted.cancel", "cancelled"));
        const { states, outcome } = await running;
        expect(Object.values(states).every((state) => state === "SUCCESS" || state === "CANCELLED")).toBe(true);
        expect(outcome === "SUCCESS" || outcome === "CANCELLED").toBe(true);
      }),
    );
  });

  it("ends an attempt at its deadline and says so", async () => {
    const flow = parseFlow({
      version: "1",
      name: "slow",
      parties: [{ party: "bank", role: "guest" }],
      tasks: { slow: { component: "any" } },
    });
    const result = await runFlow(flow, () => new Promise(() => {}), options({ deadlineMs: 20 }));
    expect(result.outcome).toBe("FAILED");
    expect(result.failures.slow!.code).toBe("transport.timeout");
    expect(result.attempts.slow).toBe(2);
  });

  it("does not repeat what another attempt cannot mend", async () => {
    const flow = parseFlow({
      version: "1",
      name: "bad",
      parties: [{ party: "bank", role: "guest" }],
      tasks: { bad: { component: "any" } },
    });
    const run = async (): Promise<void> => {
      throw new TomboloError("input.csv", "broken");
    };
    const result = await runFlow(flow, run, options({ mayRetry: (failure) => failure.family === "transport" }));
    expect(result.attempts.bad).toBe(1);
  });
});

describe("planRerun", () => {
  it("repeats what failed and what depends on it, and a rerun succeeds with just those", async () => {
    const broken = fc.uniqueArray(fc.nat({ max: 11 }), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(dags, broken, async (flow, failing) => {
        const first = await runFlow(
          flow,
          async ({ task }) => {
            if (failing.includes(Number(task.slice(1)))) throw new TomboloError("state.failed", "no");
          },
          options({ attemptsMax: 1 }),
        );
        const plan = planRerun(flow, first.states);
        expect([...plan.repeat, ...plan.reuse].sort()).toEqual(Object.keys(flow.tasks).sort());
        expect(plan.reuse.every((task) => first.states[task] === "SUCCESS")).toBe(true);
        const states: TaskStates = Object.fromEntries(plan.reuse.map((task) => [task, "SUCCESS"]));
        const ran: string[] = [];
        const second = await runFlow(flow, async ({ task }) => void ran.push(task), options({ states }));
        expect(second.outcome).toBe("SUCCESS");
        expect(ran.sort()).toEqual([...plan.repeat].sort());
      }),
    );
  });

  it("carries a lost output downstream", () => {
    const flow = parseFlow({
      version: "1",
      name: "line",
      parties: [{ party: "bank", role: "guest" }],
      tasks: { a: { component: "x" }, b: { component: "x", inputs: { in: "a.out" } }, c: { component: "x" } },
    });
    const states: TaskStates = { a: "SUCCESS", b: "SUCCESS", c: "SUCCESS" };
    expect(planRerun(flow, states)).toEqual({ repeat: [], reuse: ["a", "b", "c"] });
    expect(planRerun(flow, states, ["a"])).toEqual({ repeat: ["a", "b"], reuse: ["c"] });
    expect(readyTasks(flow, { a: "SUCCESS" })).toEqual(["b", "c"]);
  });
});

describe("transitions", () => {
  it("takes the listed steps and refuses every other one", () => {
    expect(transitionJob("PENDING", "consented")).toBe("READY");
    expect(transitionTask("RUNNING", "again")).toBe("READY");
    for (const table of [jobTransitions, taskTransitions])
      for (const steps of Object.values(table))
        for (const next of Object.values(steps)) expect(Object.keys(table)).toContain(next);
    for (const [state, event] of [
      ["SUCCESS", "cancel"],
      ["REJECTED", "start"],
      ["PENDING", "start"],
    ] as const)
      expect(() => transitionJob(state, event)).toThrow(expect.objectContaining({ code: "state.transition" }));
    expect(() => transitionTask("SUCCESS", "start")).toThrow(expect.objectContaining({ code: "state.transition" }));
  });
});
