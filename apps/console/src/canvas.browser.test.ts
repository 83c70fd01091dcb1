/**
 * The canvas in a real browser, with two real nodes: a flow is drawn by hand and by keys, its faults are mended as the node
 * finds them, it runs, its reports open where its steps stand, and a part of it begins from what an earlier job left.
 */
import { describe, expect, test } from "vitest";
import { consentBoth } from "../../node/src/testing/joint-job.ts";
import { en } from "./i18n/en.ts";
import { zh } from "./i18n/zh.ts";
import { drag, openCanvas, port, step, wire } from "./testing/canvas.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { button, creditStage } from "./testing/stage.ts";

const ROWS = 700;
/** What the canvas saves, it saves once the hand rests. */
const LATER = { timeout: 20_000 };

describe.skipIf(chromiumPath === undefined)("the canvas, with two nodes", () => {
  const held = creditStage(ROWS);

  test("a flow is dragged together, its faults are mended as they show, it runs and its reports open", async () => {
    const page = await held.stage.enter("bank", "analyst", "en", "light");
    await openCanvas(page, en);
    await page.getByText(en.canvas.emptyTitle).waitFor();
    await page.getByText("telco", { exact: true }).first().waitFor();
    await held.stage.shoot(page, "canvas-empty");

    await drag(page, en, "read-table", 150, 140);
    await step(page, "read").getByText("read", { exact: true }).waitFor();
    await page
      .getByText(/problems|One problem/)
      .first()
      .waitFor();
    await held.stage.shoot(page, "canvas-first-step");
    await drag(page, en, "psi", 520, 140);
    await wire(page, port(page, "read", "data", "source"), port(page, "match", "data", "target"));
    await page.locator(".react-flow__edge").first().waitFor({ state: "attached" });
    await held.stage.shoot(page, "canvas-wired");

    // Tables: what is read of each follows from what its owner says of the columns.
    await step(page, "read").click();
    const form = page.getByRole("region", { name: "read", exact: true });
    for (const party of [0, 1]) {
      await form.getByRole("combobox", { name: "Dataset" }).nth(party).click();
      await page.locator(".ant-select-dropdown:visible .ant-select-item-option").first().click();
    }
    await form.getByText("phone").nth(1).waitFor();
    await form.getByText("seniority").first().waitFor();
    await page.getByText(en.canvas.sound, { exact: true }).waitFor();
    await held.stage.shoot(page, "canvas-tables");

    // Rows that were not matched cannot train: the wire is red, the step says why, another wire mends it.
    await drag(page, en, "boosting-train", 520, 380);
    await wire(page, port(page, "read", "data", "source"), port(page, "train", "data", "target"));
    await page
      .getByRole("region", { name: "train", exact: true })
      .getByText(/are not aligned with the others/)
      .waitFor();
    await page.locator(".react-flow__edge.wrong").waitFor({ state: "attached" });
    await held.stage.shoot(page, "canvas-fault");
    await wire(page, port(page, "match", "data", "source"), port(page, "train", "data", "target"));
    await page.getByText(en.canvas.sound, { exact: true }).waitFor();
    expect(await page.locator(".react-flow__edge.wrong").count()).toBe(0);
    await page.getByRole("button", { name: /telco will learn/ }).waitFor();

    const trees = page.getByRole("spinbutton", { name: "Trees", exact: true });
    await trees.fill("2");
    await trees.press("Tab");

    // Ports that do not fit say so, and nothing is wired.
    const wires = await page.locator(".react-flow__edge").count();
    await wire(page, port(page, "match", "report", "source"), port(page, "train", "data", "target"));
    await page.getByText("A table is wanted here, and this is a report.").waitFor();
    expect(await page.locator(".react-flow__edge").count()).toBe(wires);

    await held.stage.shoot(page, "canvas-drawn");
    await button(page, en.canvas.run).click();
    await page.getByRole("dialog").getByRole("button", { name: en.canvas.run }).click();
    await page
      .getByRole("status")
      .getByText(/waits for/)
      .waitFor();
    const analyst = await held.scene.cluster.node("bank").analyst();
    const [job] = (await analyst.call("listJobs", { query: {} })).items;
    await consentBoth(held.scene, job!.id);
    await step(page, "train").getByText(en.common.state.SUCCESS).waitFor({ timeout: 90_000 });
    await step(page, "match").click();
    await page.getByRole("region", { name: "match", exact: true }).getByRole("heading", { level: 2 }).nth(1).waitFor();
    await held.stage.shoot(page, "canvas-report");
    await step(page, "train").click();
    await page.getByRole("region", { name: "train", exact: true }).getByText("amount", { exact: true }).waitFor();
    await held.stage.shoot(page, "canvas-report-train");
  });

  test("a template is drawn by keys alone, in Chinese and in the dark, exported, and begun from what it left", async () => {
    const page = await held.stage.enter("bank", "analyst", "zh", "dark");
    await openCanvas(page, zh);
    await page.getByText("telco", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: zh.canvas.templateOf.credit }).click();
    await step(page, "judge").waitFor();
    await page.locator(".minimap, .react-flow__minimap").waitFor();
    await held.stage.shoot(page, "canvas-template-zh");

    // Tables by keys: Enter opens the form of the step that has the focus.
    await step(page, "read").focus();
    await page.keyboard.press("Enter");
    const form = page.getByRole("region", { name: "read", exact: true });
    for (const party of [0, 1]) {
      await form.getByRole("combobox", { name: "数据资产" }).nth(party).focus();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
    }
    await page.getByText(zh.canvas.sound, { exact: true }).waitFor();
    await held.stage.shoot(page, "canvas-form-zh");

    // C connects: here the step after the match gets a new one beside it.
    await step(page, "match").focus();
    await page.keyboard.press("c");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("combobox").fill("explore");
    await held.stage.shoot(page, "canvas-connect-zh");
    await page.keyboard.press("Enter");
    await dialog.waitFor({ state: "detached" });
    const steps = () => page.locator(".react-flow__node").count();
    const before = await steps();
    await step(page, "match").focus();
    await page.keyboard.press("Control+a");
    await page.keyboard.press("Control+c");
    await page.keyboard.press("Control+v");
    await expect.poll(steps).toBe(2 * before);
    await page.keyboard.press("Control+z");
    await expect.poll(steps).toBe(before);
    await page.keyboard.press("Control+y");
    await expect.poll(steps).toBe(2 * before);
    await page.keyboard.press("Control+z");

    // The export is the flow that the node and the CLI take.
    await button(page, zh.keptFlows.more).click();
    await page.getByRole("menuitem", { name: zh.canvas.exportIt }).click();
    const text = await page.locator("pre.yaml").innerText();
    await page.keyboard.press("Escape");
    const analyst = await held.scene.cluster.node("bank").analyst();
    const check = await analyst.call("checkFlow", { body: { projectId: held.scene.projectId, flow: text } });
    expect(check.problems).toEqual([]);

    await page.getByRole("button", { name: /将得知/ }).click();
    await held.stage.shoot(page, "canvas-learns-zh");
    await page.getByRole("button", { name: /将得知/ }).click();

    const last = async () => (await analyst.call("listJobs", { query: {} })).items[0]!.id;
    const runPart = async (task: string, label: string): Promise<string> => {
      await step(page, task).click();
      await button(page, label).click();
      await button(page.getByRole("dialog"), zh.canvas.run).click();
      await page.getByRole("status").getByText(/等待/).first().waitFor();
      const id = await last();
      await consentBoth(held.scene, id);
      return id;
    };
    const match = await runPart("match", zh.canvas.runTo);
    await step(page, "match").getByText(zh.common.state.SUCCESS).waitFor({ timeout: 90_000 });
    await step(page, "split").click();
    await button(page, zh.canvas.runTo).click();
    await page.getByText(zh.canvas.runReused.replace("{{steps}}", "read, match")).waitFor();
    await held.stage.shoot(page, "canvas-run-zh");
    await button(page.getByRole("dialog"), zh.canvas.run).click();
    await expect.poll(last).not.toBe(match);
    await consentBoth(held.scene, await last());
    await step(page, "split").getByText(zh.common.state.SUCCESS).waitFor({ timeout: 90_000 });
    await step(page, "match").getByText(zh.jobs.reused).waitFor();
    await held.stage.shoot(page, "canvas-reused-zh");
  });

  test("a flow is saved at the node, drawn on, pulled and pushed by another hand, and nobody's work is lost", async () => {
    const page = await held.stage.enter("bank", "analyst", "en", "light");
    const node = held.scene.cluster.node("bank");
    const wang = await node.person("wang", "analyst");
    const words = en.keptFlows;
    const state = (text: string | RegExp) => page.locator(".save-state").getByText(text).waitFor();
    const saved = () => state(/^Saved .* by you$/);
    const kept = async () => (await wang.call("listFlows")).items;
    await openCanvas(page, en);
    await page.getByText("telco", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: en.canvas.templateOf.churn }).click();
    await step(page, "train").waitFor();
    await state(words.state.browser);
    await button(page, words.save).click();
    const asked = page.getByRole("dialog");
    await asked.getByRole("textbox", { name: en.canvas.name }).fill("Leavers");
    await held.stage.shoot(page, "canvas-save");
    await button(asked, words.save).click();
    await saved();
    expect(await kept()).toMatchObject([{ name: "Leavers", revision: 1, changedBy: "analyst" }]);
    const id = (await kept())[0]!.id;

    // Drawn on, it is saved by itself; a reload finds it.
    const description = page.getByRole("textbox", { name: en.canvas.description });
    await description.fill("Who will leave");
    await state(words.state.unsaved);
    await expect.poll(async () => (await kept())[0]!.revision, LATER).toBe(2);
    await saved();
    await page.reload();
    await step(page, "train").waitFor();
    await saved();
    expect(await description.inputValue()).toBe("Who will leave");

    // What another pulls and pushes appears here, where nothing is unsaved.
    const push = async (change: (yaml: string) => string) => {
      const pulled = await wang.call("getFlow", { params: { id } });
      const flow = change(pulled.flowYaml);
      return wang.call("saveFlow", { params: { id }, body: { base: pulled.revision, flow } });
    };
    await push((yaml) => yaml.replace(/^seed: .*/m, "seed: 11"));
    await page.getByText(/wang saved revision 3/).waitFor();
    await expect.poll(() => page.getByRole("spinbutton", { name: en.canvas.seed }).inputValue(), LATER).toBe("11");

    // Both at once: the second is told, and chooses.
    const clash = async (mine: string, seed: number) => {
      await page.route(
        `**/api/v1/flows/${id}`,
        async (route) => {
          await push((yaml) => yaml.replace(/^seed: .*/m, `seed: ${seed}`));
          await route.continue();
        },
        { times: 1 },
      );
      await description.fill(mine);
      await page
        .locator(".conflict-line")
        .getByText(/wang saved revision/)
        .waitFor();
    };
    await clash("mine", 12);
    await held.stage.shoot(page, "canvas-conflict");
    await button(page, words.keepMine).click();
    await button(page.getByRole("dialog"), words.save).click();
    await saved();
    expect((await kept()).map(({ name }) => name).sort()).toEqual(["Leavers", "Leavers (2)"]);
    const theirs = await wang.call("getFlow", { params: { id } });
    expect(theirs.flow).toMatchObject({ seed: 12, description: "Who will leave" });
    const open = async (name: string) => {
      await button(page, words.flows).click();
      await page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
      await page.getByRole("dialog").waitFor({ state: "detached" });
      await state(/^Saved /);
    };
    await button(page, words.flows).click();
    await page.getByRole("dialog").getByText("Leavers (2)").waitFor();
    await held.stage.shoot(page, "canvas-flows");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await open("Leavers");
    await clash("mine again", 13);
    await button(page, words.overwrite).click();
    await saved();
    const over = await wang.call("getFlow", { params: { id } });
    expect(over.flow).toMatchObject({ description: "mine again", seed: 12 });
    await clash("once more", 14);
    await button(page, words.takeTheirs).click();
    await state(/^Saved .* by wang$/);
    expect(await description.inputValue()).toBe("mine again");

    // Theirs stayed among the revisions, and comes back.
    const before = await wang.call("getFlowRevision", { params: { id, revision: over.revision - 1 } });
    expect(before).toMatchObject({ changedBy: "wang", flow: { seed: 13 } });
    await button(page, words.more).click();
    await page.getByRole("menuitem", { name: words.revisions }).click();
    await page.getByRole("button", { name: new RegExp(`^Revision ${before.revision}\\b`) }).click();
    await page.getByText(/otherwise set: Description, Seed|otherwise set: Seed/).waitFor();
    await held.stage.shoot(page, "canvas-revisions");
    await button(page, words.bringBack).click();
    await saved();
    await expect
      .poll(async () => (await wang.call("getFlow", { params: { id } })).flow, LATER)
      .toMatchObject({ seed: 13 });

    await button(page, words.more).click();
    await page.getByRole("menuitem", { name: words.remove }).click();
    await button(page.getByRole("dialog"), en.canvas.remove).click();
    await page.getByText(en.canvas.emptyTitle).waitFor();
    expect((await kept()).map(({ name }) => name)).toEqual(["Leavers (2)"]);

    const chinese = await held.stage.enter("bank", "wang", "zh", "dark");
    await openCanvas(chinese, zh);
    await button(chinese, zh.keptFlows.flows).click();
    await chinese.getByRole("dialog").getByRole("button", { name: "Leavers (2)" }).waitFor();
    await held.stage.shoot(chinese, "canvas-flows-zh");
    await chinese.getByRole("dialog").getByRole("button", { name: "Leavers (2)" }).click();
    await chinese
      .locator(".save-state")
      .getByText(/analyst 于/)
      .waitFor();
    await held.stage.shoot(chinese, "canvas-kept-zh");
  });

  test("no page failed and nothing was refused by the content security policy", () => {
    expect(held.stage.complaints).toEqual([]);
  });
});
