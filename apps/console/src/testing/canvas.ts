/** What hands do on the canvas. */
import type { Locator, Page } from "playwright-core";
import { go, heading1, type Words } from "./stage.ts";

export const step = (page: Page, name: string): Locator => page.locator(`.react-flow__node[data-id="${name}"]`);

export const port = (page: Page, task: string, name: string, side: "source" | "target"): Locator =>
  step(page, task).locator(`.react-flow__handle.${side}[data-handleid="${name}"]`);

/** From the palette to a place of the board. */
export const drag = (page: Page, words: Words, component: string, x: number, y: number): Promise<void> =>
  page
    .getByRole("region", { name: words.canvas.palette })
    .locator("button", { hasText: component })
    .first()
    .dragTo(page.locator(".react-flow__pane"), { targetPosition: { x, y } });

export async function wire(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.hover();
  await page.mouse.down();
  await to.hover();
  await to.hover();
  await page.mouse.up();
}

export async function openCanvas(page: Page, words: Words): Promise<void> {
  await go(page, "/canvas");
  await heading1(page, words.canvas.title);
  await page.getByRole("region", { name: words.canvas.flow, exact: true }).waitFor();
}
