/** Where tasks stand: their sizes, a free spot for a new one, and the layout that orders them by what feeds what. */
import type { Component } from "@tombolo/sdk";
import { arrange } from "../../lib/layout.ts";
import type { Draft, Place, Places } from "./draft.ts";
import { type Components, wiresOf } from "./ports.ts";

export const WIDTH = 236;
const HEAD = 54;
const ROW = 22;
const FOOT = 30;
const GAP = 64;

export const heightOf = (component: Component | undefined): number => {
  const { inputs = {}, outputs = {} } = component ?? {};
  return HEAD + ROW * Math.max(1, Object.keys(inputs).length, Object.keys(outputs).length) + FOOT;
};

const clear = (places: Places, { x, y }: Place, height: number): boolean =>
  Object.values(places).every(
    (other) => Math.abs(other.x - x) >= WIDTH + 12 || Math.abs(other.y - y) >= Math.max(height, 110) + 12,
  );

/** Near `wanted`, below what stands there. */
export function freePlace(places: Places, wanted: Place, height: number): Place {
  let at = wanted;
  while (!clear(places, at, height)) at = { x: at.x, y: at.y + 40 };
  return at;
}

/** Right of the task that feeds it. */
export const beside = (places: Places, feed: string, height: number): Place => {
  const { x, y } = places[feed] ?? { x: 0, y: 0 };
  return freePlace(places, { x: x + WIDTH + GAP, y }, height);
};

/** All tasks in layers, each right of what it reads from. */
export function arranged({ flow }: Draft, components: Components): Promise<Places> {
  const boxes = Object.entries(flow.tasks).map(([id, { component }]) => ({
    id,
    width: WIDTH,
    height: heightOf(components.get(component)),
  }));
  return arrange(
    boxes,
    wiresOf(flow).map(({ from, to }) => ({ from: from.task, to: to.task })),
    { between: GAP, beside: 28 },
  );
}
