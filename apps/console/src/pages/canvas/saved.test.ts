import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describeComponent, registry } from "@tombolo/components";
import { type Flow, parseFlow } from "@tombolo/scheduler";
import type { Component } from "@tombolo/sdk";
import fc from "fast-check";
import { expect, test } from "vitest";
import { keepDraft, keptDrafts } from "./kept.ts";
import { differences, drawingOf, freeFlowName, printOf } from "./saved.ts";
import { movedInto } from "./use-room.ts";

const components = new Map(
  ([...registry.values()].map(describeComponent) as Component[]).map((each) => [each.name, each]),
);
const flow: Flow = parseFlow(
  readFileSync(join(import.meta.dirname, "../../../../../examples/credit/flow.yaml"), "utf8"),
);

test("a drawing has another print once anything of it is moved or set, and the same whatever the order of places", () => {
  const places = { read: { x: 1, y: 2 }, match: { x: 3, y: 4 } };
  const print = printOf({ flow, places });
  expect(printOf({ flow, places: { match: places.match, read: places.read } })).toBe(print);
  expect(printOf({ flow, places: { ...places, read: { x: 2, y: 2 } } })).not.toBe(print);
  expect(printOf({ flow: { ...flow, seed: 8 }, places })).not.toBe(print);
});

test("what differs is named: steps besides, steps that are gone, steps that are otherwise, settings", () => {
  const { train, ...rest } = flow.tasks;
  const other = {
    ...flow,
    seed: 8,
    tasks: { ...rest, fit: train!, match: { ...flow.tasks.match!, parameters: { x: 1 } } },
  };
  expect(differences(flow, other)).toEqual({
    added: ["fit"],
    removed: ["train"],
    altered: ["match"],
    settings: ["seed"],
  });
  expect(differences(flow, flow)).toEqual({ added: [], removed: [], altered: [], settings: [] });
});

test("tasks that another hand put there get a place of their own; what has one stays", async () => {
  const some = { read: { x: 0, y: 0 }, match: { x: 300, y: 0 } };
  const drawn = await drawingOf({ flow, places: some }, components);
  expect(drawn.places).toMatchObject(some);
  const spots = Object.values(drawn.places).map(({ x, y }) => `${x} ${y}`);
  expect(new Set(spots).size).toBe(Object.keys(flow.tasks).length);
});

test("a free name is one that no flow has, in any case", () => {
  expect(freeFlowName(["Credit"], "Churn")).toBe("Churn");
  expect(freeFlowName(["Credit", "CREDIT (2)"], "credit")).toBe("credit (3)");
  expect(freeFlowName(["Credit (2)"], "Credit (2)")).toBe("Credit (3)");
});

test("a drawing of a kept flow stays in the browser with the revision it began from, without steps too", () => {
  const held = new Map<string, string>();
  const shelf = {
    getItem: (key: string) => held.get(key) ?? null,
    setItem: (key: string, text: string) => void held.set(key, text),
  };
  const node = {
    id: "flow-1",
    revision: 3,
    changedBy: "li",
    changedAt: "2026-11-22T10:00:00Z",
    projectId: null,
    clean: false,
  };
  const draft = { flow: { ...flow, tasks: {} }, places: {} };
  expect(keepDraft(shelf, "bank", { id: "flow-1", savedAt: 1, projectId: null, jobId: null, draft, node })).toBe(true);
  expect(keptDrafts(shelf, "bank")[0]).toMatchObject({ node });
  // Of a browser that has not been here since.
  const { node: _, ...older } = keptDrafts(shelf, "bank")[0]!;
  held.set("tombolo.canvas.bank", JSON.stringify([older]));
  expect(keptDrafts(shelf, "bank")).toMatchObject([{ id: "flow-1", node: null }]);
});

test("the board moves no farther than it must, and what fits is seen whole", () => {
  const side = fc.integer({ min: 1, max: 400 });
  const spot = fc.integer({ min: -2000, max: 2000 });
  fc.assert(
    fc.property(spot, spot, side, side, spot, spot, (x, y, width, height, viewX, viewY) => {
      const view = { x: viewX, y: viewY, zoom: 1 };
      const room = { width: 500, height: 500 };
      const next = movedInto({ x, y, width, height }, view, room);
      expect(next.x + x).toBeGreaterThanOrEqual(12);
      expect(next.x + x + width).toBeLessThanOrEqual(488);
      expect(next.y + y).toBeGreaterThanOrEqual(12);
      expect(next.y + y + height).toBeLessThanOrEqual(488);
      expect(movedInto({ x, y, width, height }, next, room)).toEqual(next);
    }),
  );
});
