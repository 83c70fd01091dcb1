/**
 * Each template of the canvas in a real browser, run to its end by two real nodes on its own example; then the bins of the
 * credit scorecard are merged otherwise, and become another version.
 */
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasEnded } from "../../node/src/testing/cluster.ts";
import { consentBoth, creditScene, head, type Scene } from "../../node/src/testing/joint-job.ts";
import { en } from "./i18n/en.ts";
import { openCanvas, step } from "./testing/canvas.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { button, go, heldStage, type Language, strip, wordsOf } from "./testing/stage.ts";

const ROWS = 3000;
const CUSTOMERS = ["bank customers", "telco customers"] as const;
const SUBSCRIBERS = ["subscribers", "payers"] as const;

interface Case {
  readonly template: "credit" | "churn" | "lookalike" | "insurance";
  /** Of bank and telco, who play the template's guest and host. */
  readonly tables: readonly [string, string];
  /** Tasks that grow two trees, and those that take five steps, so that the test is quick. */
  readonly trees: readonly string[];
  readonly steps: readonly string[];
  readonly last: string;
  readonly language: Language;
}
const CASES: readonly Case[] = [
  { template: "churn", tables: SUBSCRIBERS, trees: ["train"], steps: [], last: "judge", language: "zh" },
  { template: "lookalike", tables: SUBSCRIBERS, trees: ["train"], steps: [], last: "audience", language: "en" },
  { template: "insurance", tables: ["policies", "drives"], trees: [], steps: ["train"], last: "judge", language: "zh" },
  {
    template: "credit",
    tables: CUSTOMERS,
    trees: ["trees", "trees-alone"],
    steps: [],
    last: "judge-trees",
    language: "en",
  },
];

/** The other examples' tables at the two parties of the credit example. */
async function withAllExamples(scene: Scene): Promise<void> {
  const publish = async (party: string, example: string, file: string, id: string, name: string) =>
    scene.cluster.publish(party, await head(`${file}.csv`, ROWS, example), id, name);
  await publish("bank", "churn", "operator", "phone", SUBSCRIBERS[0]);
  await publish("bank", "insurance", "insurer", "plate", "policies");
  const payers = await publish("telco", "churn", "payments", "phone", SUBSCRIBERS[1]);
  const drives = await publish("telco", "insurance", "telematics", "plate", "drives");
  for (const { id } of [payers, drives]) await scene.cluster.grant("bank", "telco", { datasetId: id });
}

describe.skipIf(chromiumPath === undefined)("the templates of the canvas, with two nodes", () => {
  let scene: Scene;
  const held = heldStage(async () => {
    scene = await creditScene(ROWS);
    await withAllExamples(scene);
    return scene.cluster;
  });

  async function chooseTables(page: Page, { tables, language }: Case): Promise<void> {
    await step(page, "read").click();
    const form = page.getByRole("region", { name: "read", exact: true });
    const label = language === "zh" ? "数据资产" : "Dataset";
    for (const [party, table] of tables.entries()) {
      await form.getByRole("combobox", { name: label }).nth(party).click();
      await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: table }).click();
    }
  }

  async function doLess(page: Page, { trees, steps, language }: Case): Promise<void> {
    const [trained, stepped, more] =
      language === "zh"
        ? (["树的数量", "最多步数", /其余 \d+ 个参数/] as const)
        : (["Trees", "Most steps", /\d+ more parameters/] as const);
    const set = async (task: string, label: string, value: string): Promise<void> => {
      await step(page, task).click();
      const form = page.getByRole("region", { name: task, exact: true });
      const field = form.getByRole("spinbutton", { name: label, exact: true });
      await form.getByText(more).first().waitFor();
      if (!(await field.isVisible())) await form.getByText(more).first().click();
      await field.fill(value);
      await field.press("Tab");
    };
    for (const task of trees) await set(task, trained, "2");
    for (const task of steps) await set(task, stepped, "5");
  }

  /** Answers the job's id. */
  async function runTemplate(page: Page, of: Case): Promise<string> {
    const words = wordsOf(of.language);
    await openCanvas(page, words);
    await page.getByText("telco", { exact: true }).first().waitFor();
    await page.getByRole("button", { name: words.canvas.templateOf[of.template] }).click();
    await step(page, of.last).waitFor();
    await chooseTables(page, of);
    await doLess(page, of);
    await page.getByText(words.canvas.sound, { exact: true }).waitFor();
    await held.stage.shoot(page, `template-${of.template}`);
    await button(page, words.canvas.run).click();
    await button(page.getByRole("dialog"), words.canvas.run).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.getByRole("status").locator("b").first().waitFor();
    const analyst = await scene.cluster.node("bank").analyst();
    const job = (await analyst.call("listJobs", { query: {} })).items[0]!.id;
    await consentBoth(scene, job);
    const ended = await scene.cluster.job("bank", job, "over", hasEnded, 600);
    expect(ended.failure?.message).toBeUndefined();
    expect(ended.status).toBe("SUCCESS");
    return job;
  }

  test.each(CASES)(
    "$template runs to its end, and its results open where its steps stand",
    {
      timeout: 900_000,
    },
    async (of) => {
      const words = wordsOf(of.language);
      const page = await held.stage.enter("bank", "analyst", of.language, of.language === "zh" ? "dark" : "light");
      const job = await runTemplate(page, of);
      await step(page, of.last).getByText(words.common.state.SUCCESS).waitFor();
      await step(page, of.last).click();
      const result = page.getByRole("region", { name: of.last, exact: true });
      await result.getByRole("heading", { level: 2 }).nth(1).waitFor();
      await held.stage.shoot(page, `template-${of.template}-result`);
      if (of.template === "credit") await mergeBins(page, job);
    },
  );

  /** Joins two bins of the column with the most information, and has that run. */
  async function mergeBins(page: Page, job: string): Promise<void> {
    await go(page, `/jobs/${job}`);
    await page.getByRole("tab", { name: en.jobs.tab.results }).click();
    // Of both parties' columns; below it are those of the bank alone.
    const ranking = page.getByRole("table", { name: en.binning.ranking }).first();
    await ranking.getByRole("button").first().click();
    await button(page, en.binning.edit).first().click();
    const joined = page.getByRole("button", { name: /^Join .* to the bin before$/ }).first();
    const before = await ranking.getByRole("row").nth(1).innerText();
    await joined.click();
    await page.getByText(en.binning.edited_one.replace("{{count}}", "1"), { exact: true }).waitFor();
    // The information value moves as the bins do, before anything is asked of anybody.
    expect(await ranking.getByRole("row").nth(1).innerText()).not.toBe(before);
    await held.stage.shoot(page, "bins-edited");
    await button(page, en.binning.check).click();
    await page.getByText(en.jobs.checkOk).waitFor();
    await button(page, en.jobs.submit).click();
    await page.waitForURL((url) => url.pathname.startsWith("/jobs/") && !url.pathname.endsWith(job));
    const edit = new URL(page.url()).pathname.split("/").at(-1)!;
    await consentBoth(scene, edit);
    await strip(page, en.common.state.SUCCESS).waitFor({ timeout: 120_000 });
    await page.getByRole("tab", { name: en.jobs.tab.results }).click();
    await page.getByRole("table", { name: en.binning.ranking }).waitFor();
    await held.stage.shoot(page, "bins-of-the-edit");
    const analyst = await scene.cluster.node("bank").analyst();
    const models = (await analyst.call("listModels", { query: {} })).items;
    expect(models.filter(({ id }) => id === `${job}.bin` || id === `${edit}.edit`)).toHaveLength(2);
  }

  test("no page failed and nothing was refused by the content security policy", () => {
    expect(held.stage.complaints).toEqual([]);
  });
});
