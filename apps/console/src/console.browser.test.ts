/**
 * Two real nodes, a real browser, the built console: what people do from sign-in to a finished joint model, in both
 * languages. Screenshots go to a folder of the system's temporary files, named at the start.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { startCluster } from "../../node/src/testing/cluster.ts";
import { head } from "../../node/src/testing/joint-job.ts";
import { en } from "./i18n/en.ts";
import { zh } from "./i18n/zh.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { button, choose, go, heading1, heldStage, openWaiting, type Stage, signIn, strip } from "./testing/stage.ts";

const ROWS = 900;

if (chromiumPath === undefined) console.warn("no chromium found: the console's browser tests are skipped");

describe.skipIf(chromiumPath === undefined)("the console, with two nodes", () => {
  const held = heldStage(async () => {
    const cluster = await startCluster(["bank", "telco"]);
    await cluster.connect("bank", "telco");
    await cluster.project("bank", "telco");
    await cluster.publish("telco", await head("telco.csv", ROWS), "phone");
    return cluster;
  });

  const enter: Stage["enter"] = (...who) => held.stage.enter(...who);
  const shoot = (page: Page, name: string) => held.stage.shoot(page, name);
  const next = (page: Page) => button(page, en.common.next).click();
  const number = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });

  test("a wrong password says what happened and the code", async () => {
    const page = await held.stage.visit(`${held.stage.origin("bank")}/jobs`);
    await signIn(page, "analyst", "not the password");
    await page
      .getByRole("alert")
      .getByText(/^auth\./)
      .waitFor();
    expect(new URL(page.url()).searchParams.get("next")).toBe("/jobs");
  });

  test("broken lines of an upload are named; a good file is imported and published", async () => {
    const page = await enter("bank", "analyst", "en", "light");
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("heading", { level: 1, name: en.datasets.title }).waitFor();
    expect(await page.getByText(en.datasets.empty).isVisible()).toBe(true);
    const broken = join(held.stage.shots, "broken.csv");
    writeFileSync(broken, "phone,amount\n1,10\n2,20,30\n3,30\n");
    await page.locator("input[type=file]").setInputFiles(broken);
    await page.getByRole("button", { name: en.datasets.import, exact: true }).click();
    await page
      .getByRole("dialog")
      .getByText(/line 3/i)
      .first()
      .waitFor();
    await shoot(page, "upload-broken");
    await page.getByRole("button", { name: en.common.cancel, exact: true }).click();
    const good = join(held.stage.shots, "loans.csv");
    writeFileSync(good, await head("bank.csv", ROWS));
    await page.locator("input[type=file]").setInputFiles(good);
    await page.getByRole("dialog").getByText("default", { exact: true }).waitFor();
    await page.getByRole("button", { name: en.datasets.import, exact: true }).click();
    await page.getByRole("heading", { level: 1, name: "loans" }).waitFor();
    await page.getByLabel(`amount: ${en.datasets.meaning}`).fill("Amount of the loan");
    await page.getByRole("button", { name: en.datasets.saveDictionary }).click();
    await page.getByText(en.datasets.saved, { exact: true }).first().waitFor();
    await shoot(page, "dataset");
    await page.getByRole("tab", { name: en.datasets.tab.publish }).click();
    await page.getByRole("button", { name: en.datasets.publish, exact: true }).click();
    await page.getByText(en.common.state.published, { exact: true }).first().waitFor();
    await shoot(page, "publish");
  });

  test("a joint model from form to report, with every party's consent", { timeout: 600_000 }, async () => {
    const analyst = await enter("bank", "analyst", "en", "light");
    await analyst.getByRole("link", { name: en.common.nav.jointModel, exact: true }).click();
    await analyst.getByRole("checkbox", { name: /telco/ }).check();
    await choose(analyst, en.jobs.chooseProject, "Credit");
    await next(analyst);
    await choose(analyst, en.joint.ownDataset, "loans");
    await choose(analyst, en.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await analyst.getByRole("button", { name: en.joint.askGrant }).click();
    await analyst.getByText(en.joint.grantWaiting.replace("{{party}}", "telco")).waitFor();
    await shoot(analyst, "joint-datasets");

    const host = await enter("telco", "approver", "zh", "dark");
    await openWaiting(host, /: Joint model$/, zh);
    await shoot(host, "grant-approval-zh");
    await host.getByRole("button", { name: zh.approvals.approve, exact: true }).click();
    await host.getByText(zh.common.state.APPROVED, { exact: true }).first().waitFor();
    await analyst.getByText(/uses left/).waitFor();

    for (const step of ["keys", "label", "columns", "parameters"] as const) {
      await next(analyst);
      await analyst.getByText(en.joint.hint[step]).waitFor();
      await shoot(analyst, `joint-${step}`);
    }
    await number(analyst, en.joint.trees).fill("3");
    await number(analyst, en.joint.depth).fill("2");
    await next(analyst);
    await analyst.getByRole("heading", { name: "telco will learn:" }).waitFor();
    await shoot(analyst, "joint-review");
    await analyst.getByRole("button", { name: en.jobs.submit, exact: true }).click();
    await analyst.getByText(en.jobs.awaitsConsent).first().waitFor();
    const jobPath = new URL(analyst.url()).pathname;
    expect(jobPath).toMatch(/^\/jobs\/.+/);

    const guest = await enter("bank", "approver", "en", "dark");
    await openWaiting(guest, /Joint model of/, en);
    await shoot(guest, "job-approval");
    expect(await guest.getByRole("heading", { name: "telco will learn:" }).isVisible()).toBe(true);
    await guest.getByRole("button", { name: en.approvals.approveJob }).click();
    await guest.getByText(en.common.state.APPROVED, { exact: true }).first().waitFor();
    await openWaiting(host, /Joint model of/, zh);
    await shoot(host, "job-approval-zh");
    await host.getByRole("button", { name: zh.approvals.approveJob }).click();
    await host.getByText(zh.common.state.APPROVED, { exact: true }).first().waitFor();

    await analyst.getByRole("tab", { name: en.jobs.tab.lanes }).click();
    await analyst.getByRole("table", { name: "match" }).getByText("telco").waitFor({ timeout: 60_000 });
    await shoot(analyst, "job-running");
    await strip(analyst, en.common.state.SUCCESS).waitFor({ timeout: 150_000 });

    await analyst.getByRole("tab", { name: en.jobs.tab.results }).click();
    await analyst.getByText(en.reports.confusion).first().waitFor();
    expect(await analyst.getByText(en.reports.roc).count()).toBeGreaterThan(0);
    await analyst.getByRole("heading", { name: "Importance of columns" }).first().waitFor();
    await shoot(analyst, "job-results");
    await analyst.getByRole("tab", { name: en.jobs.tab.leaves }).click();
    await analyst.getByText("blinded", { exact: true }).first().waitFor();
    await shoot(analyst, "job-leaves");

    await host.goto(new URL(jobPath, host.url()).href);
    await host.getByRole("tab", { name: zh.jobs.tab.leaves }).click();
    await host.getByText(zh.jobs.totalOut, { exact: true }).waitFor();
    expect(await host.getByText(zh.jobs.rowsNote).isVisible()).toBe(true);
    await shoot(host, "job-leaves-zh");
    await host.goto(new URL("/journal", host.url()).href);
    await host.getByRole("button", { name: zh.journal.verify }).click();
    await host.getByText(zh.journal.ok).waitFor();
    await host.getByText(/由 bank 持有检查点/).waitFor();
    await shoot(host, "journal-zh");

    await analyst.goto(new URL("/models", analyst.url()).href);
    await analyst.getByRole("row").filter({ hasText: ".train", hasNotText: "baseline" }).getByRole("link").click();
    await analyst.getByRole("heading", { name: en.models.importance, exact: true }).waitFor();
    await shoot(analyst, "model");
    await lookAtModel(analyst, host);

    await analyst.getByRole("button", { name: en.models.score }).click();
    await choose(analyst, en.jobs.chooseProject, "Credit");
    await choose(analyst, en.models.ownDataset, "loans");
    await choose(analyst, en.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await analyst.getByRole("button", { name: en.models.check }).click();
    await analyst.getByText(en.jobs.checkOk).waitFor();
    await analyst.getByRole("heading", { name: "telco will learn:" }).waitFor();
    await shoot(analyst, "score-review");
    await score(analyst, guest, host);
  });

  /** Trees by keyboard, curves and evaluation, and what each learnt; the host sees its own splits and no figures. */
  async function lookAtModel(analyst: Page, host: Page): Promise<void> {
    await analyst.getByRole("tab", { name: en.models.tab.trees }).click();
    await analyst.getByRole("treeitem").first().click();
    await analyst.keyboard.press("ArrowDown");
    await analyst.keyboard.press("ArrowDown");
    expect(await analyst.locator(":focus").getAttribute("aria-level")).toBe("3");
    await analyst.locator(".tree-details").getByText(en.trees.weight, { exact: true }).waitFor();
    await shoot(analyst, "model-trees");
    await analyst.getByRole("tab", { name: en.models.tab.evaluation }).click();
    await analyst.getByRole("img", { name: new RegExp(en.training.lossOf["log-loss"]) }).waitFor();
    await analyst.getByRole("img", { name: new RegExp(en.reports.lift) }).waitFor();
    await shoot(analyst, "model-evaluation");
    await analyst.getByRole("tab", { name: en.models.tab.learnt }).click();
    await analyst.getByRole("heading", { name: "telco learnt:" }).waitFor();
    await analyst.getByRole("table", { name: en.models.crossed }).getByText("sumsAnswers").waitFor();
    await shoot(analyst, "model-learnt");
    await host.goto(new URL(new URL(analyst.url()).pathname, host.url()).href);
    await host.getByRole("tab", { name: zh.models.tab.trees }).click();
    await host.getByText(zh.models.ownTreesHint).waitFor();
    await shoot(host, "model-trees-zh");
    await host.getByRole("tab", { name: zh.models.tab.evaluation }).click();
    await host.getByText(zh.models.noReports).waitFor();
    await host.getByRole("tab", { name: zh.models.tab.learnt }).click();
    await host.getByRole("heading", { name: "bank 得知了：" }).waitFor();
  }

  /** From the checked form to the file of scores. */
  async function score(analyst: Page, guest: Page, host: Page): Promise<void> {
    await button(analyst, en.jobs.submit).click();
    await analyst.getByText(en.jobs.awaitsConsent).first().waitFor();
    await openWaiting(guest, /^Score/, en);
    await button(guest, en.approvals.approveJob).click();
    await guest.getByText(en.common.state.APPROVED, { exact: true }).first().waitFor();
    await openWaiting(host, /^Score/, zh);
    await button(host, zh.approvals.approveJob).click();
    await strip(analyst, en.common.state.SUCCESS).waitFor({ timeout: 90_000 });
    await analyst.getByRole("tab", { name: en.jobs.tab.results }).click();
    const outputs = analyst.getByRole("table", { name: en.jobs.outputs });
    await outputs.waitFor();
    await shoot(analyst, "score-results");
    const downloading = analyst.waitForEvent("download");
    await outputs.getByRole("row").nth(1).getByRole("link", { name: en.jobs.csv }).click();
    const file = await downloading;
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    const [header, ...rows] = readFileSync(await file.path(), "utf8")
      .trim()
      .split("\n");
    expect(header).toMatch(/^phone,.*score$/);
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) expect(Number(row.split(",").at(-1))).toBeGreaterThan(0);
  }

  test("a model is put to use, called, watched, and stopped", { timeout: 180_000 }, async () => {
    const analyst = await enter("bank", "analyst", "en", "light");
    await analyst.getByRole("link", { name: en.common.nav.services, exact: true }).click();
    await analyst.getByText(en.services.empty, { exact: true }).waitFor();
    await button(analyst, en.services.deploy).first().click();
    await number(analyst, en.services.name).fill("credit");
    await number(analyst, en.services.titleField).fill("Credit at the counter");
    await shoot(analyst, "deploy-model");
    await next(analyst);
    await choose(analyst, en.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await shoot(analyst, "deploy-tables");
    await next(analyst);
    await analyst.getByText(en.services.hint.answers).waitFor();
    await choose(analyst, "Id unknown to a host", en.choices.default);
    await number(analyst, "Default score").fill("0.5");
    await number(analyst, "Time-out of a host (ms)").fill("15000");
    await shoot(analyst, "deploy-answers");
    await next(analyst);
    await analyst.getByText(en.services.hint.callers).waitFor();
    await shoot(analyst, "deploy-callers");
    await next(analyst);
    await analyst.getByRole("heading", { name: "telco will learn:" }).waitFor();
    await shoot(analyst, "deploy-review");
    await button(analyst, en.services.submit).click();
    await analyst.getByText(en.services.waiting).waitFor();

    const guest = await enter("bank", "approver", "en", "dark");
    await openWaiting(guest, /^credit/, en);
    await button(guest, en.approvals.approveJob).click();
    const host = await enter("telco", "approver", "zh", "dark");
    await openWaiting(host, /^credit/, zh);
    await shoot(host, "service-approval-zh");
    await button(host, zh.approvals.approveJob).click();
    await analyst.locator(".metrics").getByText(en.services.state.UP).waitFor({ timeout: 60_000 });
    await tryService(analyst);
    await watchService();
    await planBeside(analyst);

    await button(analyst, en.services.stop).click();
    const dialog = analyst.getByRole("dialog");
    await dialog.getByLabel(en.common.reason).fill("the next one is better");
    await button(dialog, en.services.stop).click();
    await analyst.getByText(en.services.stoppedBy.replace("{{name}}", "analyst")).waitFor();
    await shoot(analyst, "service-stopped");
  });

  /** A customer whom the partner does not know gets the default that was agreed. */
  async function tryService(page: Page): Promise<void> {
    await page.getByRole("tab", { name: en.services.tab.try }).click();
    await number(page, en.services.ids).fill("00000000000");
    const features = { time: 60, amount: 1050, price: 1251, debt: 0, home: "rent" };
    await number(page, en.services.features).fill(JSON.stringify(features));
    const answer = page.getByText(`${en.services.cause["unknown-id"]} → ${en.choices.default}`);
    for (let tries = 0; tries < 60 && !(await answer.isVisible()); tries++) {
      await button(page, en.services.call).click();
      await page.getByText(en.services.trace, { exact: true }).waitFor();
      await answer.waitFor({ timeout: 1000 }).catch(() => undefined);
    }
    await page.getByText(/^curl -X POST/).waitFor();
    await shoot(page, "service-try");
  }

  /** A challenger that carries its plan from the start. */
  async function planBeside(page: Page): Promise<void> {
    await button(page, en.services.deploy).click();
    await next(page);
    await choose(page, en.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await next(page);
    await next(page);
    await page.getByText(en.services.hint.rollOut).waitFor();
    await page.getByRole("radio", { name: en.rollOut.beginsOf.plan }).check();
    await button(page, en.rollOut.remove).nth(1).click();
    await shoot(page, "deploy-roll-out");
    await next(page);
    const plan = page.getByRole("heading", { name: /^Roll-out of/ });
    await plan.waitFor();
    await page.getByRole("heading", { name: "telco will learn:" }).waitFor();
    await shoot(page, "deploy-review-plan");
    await button(page, en.services.submit).click();
    await page.getByText(en.rollOut.waits.up).waitFor();
    await plan.waitFor();
    await shoot(page, "service-planned");
  }

  async function watchService(): Promise<void> {
    const page = await enter("bank", "analyst", "zh", "dark");
    await page.getByRole("link", { name: zh.common.nav.services, exact: true }).click();
    await page.getByRole("cell", { name: zh.services.state.UP }).waitFor();
    await shoot(page, "services-zh");
    await page.getByRole("link", { name: "Credit at the counter" }).click();
    await page.getByRole("img", { name: new RegExp(zh.services.calls) }).waitFor();
    await page.getByText(`${zh.services.cause["unknown-id"]} → ${zh.choices.default}`).waitFor();
    await shoot(page, "service-live-zh");
    for (const tab of ["deployments", "stability", "callers"] as const) {
      await page.getByRole("tab", { name: zh.services.tab[tab] }).click();
      await page.getByRole("table", { name: zh.services.tab[tab] }).waitFor();
      await shoot(page, `service-${tab}-zh`);
    }
  }

  test("the library: versions, their parts and signatures, lineage, comparison, permits", async () => {
    const analyst = await enter("bank", "analyst", "en", "light");
    await go(analyst, "/models");
    const marks = analyst.getByRole("checkbox");
    await marks.first().check();
    await marks.nth(1).check();
    await shoot(analyst, "library");
    await button(analyst, en.models.compare).click();
    await analyst.getByRole("heading", { name: en.models.metricsTitle, exact: true }).waitFor();
    await analyst.getByRole("table", { name: en.models.compareEvaluations }).getByText(en.reports.brier).waitFor();
    await analyst.getByRole("heading", { name: en.models.compareCurves }).waitFor();
    await shoot(analyst, "library-compare");
    await go(analyst, "/models");
    await analyst.getByRole("row").filter({ hasText: ".train", hasNotText: "baseline" }).getByRole("link").click();
    await button(analyst, en.models.edit).click();
    await analyst.getByRole("dialog").getByLabel(en.models.name).fill("Champion");
    await button(analyst, en.models.save).click();
    await heading1(analyst, "Champion");
    await button(analyst, en.models.publish).click();
    await button(analyst, en.models.unpublish).waitFor();
    await analyst.getByRole("tab", { name: en.models.tab.parts }).click();
    await analyst.getByText(en.models.verified).waitFor();
    await shoot(analyst, "library-parts");
    await analyst.getByRole("tab", { name: en.models.tab.lineage }).click();
    await analyst.getByText("telco customers").waitFor();
    await shoot(analyst, "library-lineage");
    await analyst.getByRole("tab", { name: en.models.tab.permits }).click();
    await button(analyst, en.models.askPermit).click();
    await analyst.getByLabel(en.models.purpose, { exact: true }).fill("Monthly review");
    await analyst.getByLabel(en.models.rowsMax).fill("100000");
    await shoot(analyst, "library-ask");
    await button(analyst, en.models.send).click();

    const host = await enter("telco", "approver", "zh", "dark");
    await openWaiting(host, /Monthly review$/, zh);
    await shoot(host, "library-permit-zh");
    await button(host, zh.approvals.approve).click();
    await host.getByText(zh.common.state.APPROVED, { exact: true }).first().waitFor();
    await host.getByRole("link", { name: zh.approvals.openModel }).click();
    await host.getByRole("tab", { name: zh.models.tab.parts }).click();
    await host.getByText(/^Champion/).waitFor();
    await shoot(host, "library-parts-zh");
    await host.getByRole("tab", { name: zh.models.tab.lineage }).click();
    await host.getByText(zh.models.lineageTitle).waitFor();
    await shoot(host, "library-lineage-zh");
    await host.getByRole("tab", { name: zh.models.tab.permits }).click();
    await host
      .getByRole("table", { name: zh.models.tab.permits })
      .getByText(zh.common.state.ACTIVE, { exact: true })
      .waitFor();
    await shoot(host, "library-permits-zh");
    await host.getByRole("button", { name: zh.models.withdraw }).click();
    await host.getByLabel(zh.common.reason).fill("规则已变");
    await host.getByRole("dialog").getByRole("button", { name: zh.models.withdraw }).click();
    await host.getByText(zh.models.withdrawn).waitFor();
    await shoot(host, "library-withdrawn-zh");
  });

  test("an approver sees what it may do, and no more", async () => {
    const page = await enter("telco", "approver", "en", "light");
    const navigation = page.getByRole("navigation", { name: en.common.nav.label });
    expect(await navigation.getByRole("link", { name: en.common.nav.jointModel }).count()).toBe(0);
    expect(await navigation.getByRole("link", { name: en.common.nav.people }).count()).toBe(0);
    expect(await navigation.getByRole("link", { name: en.common.nav.journal }).count()).toBe(1);
    await page.goto(new URL("/partners", page.url()).href);
    const invite = page.getByRole("button", { name: en.partners.invite });
    await invite.waitFor();
    expect(await invite.isDisabled()).toBe(true);
    await invite.locator("xpath=..").hover();
    await page.getByRole("tooltip").getByText(en.common.role.operator).waitFor();
    await shoot(page, "partners-approver");
  });

  test("no page failed and nothing was refused by the content security policy", () => {
    expect(held.stage.complaints).toEqual([]);
  });
});
