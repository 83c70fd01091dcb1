/**
 * Two real nodes, a real browser: a match from the guided form over both consents to its rows kept as a dataset, a count
 * that tells nobody which rows, and a flow that runs by the clock. Screenshots go to a folder named at the start.
 */
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { hasEnded, until } from "../../node/src/testing/cluster.ts";
import { consentBoth } from "../../node/src/testing/joint-job.ts";
import { en } from "./i18n/en.ts";
import { zh } from "./i18n/zh.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { button, choose, creditStage, go, heading1, openWaiting, strip, type Words } from "./testing/stage.ts";

const ROWS = 900;

describe.skipIf(chromiumPath === undefined)("matching and schedules, with two nodes", () => {
  const held = creditStage(ROWS);

  const next = (page: Page, words: Words) => button(page, words.common.next).click();
  const hint = (page: Page, words: Words, step: keyof Words["match"]["hint"]) =>
    page.getByText(words.match.hint[step], { exact: true }).waitFor();

  /** Partner, project, tables and keys, up to the choice of what is learnt. */
  async function fillTables(page: Page, words: Words): Promise<void> {
    await page.getByRole("link", { name: words.common.nav.match, exact: true }).click();
    await page.getByRole("checkbox", { name: /telco/ }).check();
    await choose(page, words.jobs.chooseProject, "Credit");
    await next(page, words);
    await choose(page, words.joint.ownDataset, "bank customers");
    await choose(page, words.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await page.getByLabel(`${words.joint.keysOf} telco`).waitFor();
    await held.stage.shoot(page, `match-tables-${words === zh ? "zh" : "en"}`);
    await next(page, words);
    await hint(page, words, "kind");
  }

  async function approve(page: Page, title: RegExp, words: Words): Promise<void> {
    await openWaiting(page, title, words);
    await button(page, words.approvals.approveJob).click();
    await page.getByText(words.common.state.APPROVED, { exact: true }).first().waitFor();
  }

  test("a match from form to a dataset of the common rows", { timeout: 240_000 }, async () => {
    const analyst = await held.stage.enter("bank", "analyst", "zh", "dark");
    await fillTables(analyst, zh);
    await held.stage.shoot(analyst, "match-kind-zh");
    await next(analyst, zh);
    await button(analyst, zh.joint.selectNone).click();
    await analyst.getByRole("checkbox", { name: "amount" }).check();
    await held.stage.shoot(analyst, "match-columns-zh");
    await next(analyst, zh);
    await analyst.getByRole("radio", { name: zh.match.duplicatesOf.remove }).check();
    await analyst.getByText(zh.match.idRules, { exact: true }).click();
    await held.stage.shoot(analyst, "match-rules-zh");
    await next(analyst, zh);
    await analyst.getByRole("heading", { name: zh.match.plan, exact: true }).waitFor();
    await analyst.getByText(zh.match.protocolOf.ecdh, { exact: true }).waitFor();
    await analyst.getByText(zh.jobs.checkOk).waitFor();
    await analyst.getByRole("heading", { name: zh.approvals.willLearn.replace("{{party}}", "telco") }).waitFor();
    expect(await analyst.locator("pre.yaml").textContent()).toMatch(/duplicates: "?remove/);
    await held.stage.shoot(analyst, "match-review-zh");
    await button(analyst, zh.jobs.submit).click();
    await analyst.getByText(zh.jobs.awaitsConsent).first().waitFor();

    const guest = await held.stage.enter("bank", "approver", "en", "light");
    const host = await held.stage.enter("telco", "approver", "en", "dark");
    for (const page of [guest, host]) await approve(page, /求交/, en);
    await strip(analyst, zh.common.state.SUCCESS).waitFor({ timeout: 120_000 });

    await analyst.getByRole("tab", { name: zh.jobs.tab.results }).click();
    const outputs = analyst.getByRole("table", { name: zh.jobs.outputs });
    const matched = outputs.getByRole("row").filter({ hasText: "match.data" });
    await matched.waitFor();
    await held.stage.shoot(analyst, "match-results-zh");
    await button(matched, zh.jobs.preview).click();
    const rows = analyst.getByRole("dialog").getByRole("table");
    await rows.getByRole("columnheader", { name: "amount" }).waitFor();
    expect(await rows.getByRole("columnheader").allTextContents()).toEqual(["phone", "amount"]);
    expect(await rows.getByRole("row").count()).toBeGreaterThan(10);
    await held.stage.shoot(analyst, "match-preview-zh");
    await analyst.keyboard.press("Escape");
    await analyst.getByRole("dialog").waitFor({ state: "detached" });
    await button(matched, zh.jobs.keep).click();
    await analyst.getByLabel(zh.datasets.name).fill("共有客户");
    await button(analyst.getByRole("dialog"), zh.jobs.keep).click();
    await heading1(analyst, "共有客户");
    await analyst.getByText(zh.datasets.origin, { exact: true }).waitFor();
    await analyst.getByText("match.data", { exact: true }).waitFor();
    await held.stage.shoot(analyst, "match-dataset-zh");
    await analyst.getByRole("main").getByRole("link", { name: /求交/ }).click();
    await strip(analyst, zh.common.state.SUCCESS).waitFor();
  });

  test("a one-sided match leaves rows with the one who asked, and nothing of it with the other", {
    timeout: 240_000,
  }, async () => {
    const analyst = await held.stage.enter("bank", "analyst", "zh", "light");
    await fillTables(analyst, zh);
    await analyst.getByText(zh.match.otherKinds, { exact: true }).click();
    await analyst.getByRole("radio", { name: zh.match.kindOf.left }).check();
    await held.stage.shoot(analyst, "match-kinds-zh");
    await analyst.getByRole("radio", { name: zh.match.kindOf.mine }).check();
    await next(analyst, zh);
    await next(analyst, zh);
    await hint(analyst, zh, "rules");
    await held.stage.shoot(analyst, "match-one-sided-rules-zh");
    await next(analyst, zh);
    await analyst.getByText(zh.jobs.checkOk).waitFor();
    await analyst.getByText(/不会得知自己的哪些行在 bank 存在/).waitFor();
    await held.stage.shoot(analyst, "match-one-sided-review-zh");
    await button(analyst, zh.jobs.submit).click();
    await analyst.getByText(zh.jobs.awaitsConsent).first().waitFor();
    const guest = await held.stage.enter("bank", "approver", "en", "light");
    const host = await held.stage.enter("telco", "approver", "en", "dark");
    for (const page of [guest, host]) await approve(page, /单方求交/, en);
    await strip(analyst, zh.common.state.SUCCESS).waitFor({ timeout: 120_000 });
    await analyst.getByRole("tab", { name: zh.jobs.tab.results }).click();
    const outputs = analyst.getByRole("table", { name: zh.jobs.outputs });
    await outputs.getByRole("row").filter({ hasText: "match.data" }).waitFor();
    await go(host, new URL(analyst.url()).pathname);
    await host.getByRole("tab", { name: en.jobs.tab.results }).click();
    await host.getByText(en.reports.oneSided).waitFor();
    await held.stage.shoot(host, "match-one-sided-other");
    expect(await host.getByText("match.data").count()).toBe(0);
  });

  test("a count says how many, leaves no rows, and can run by the clock", { timeout: 240_000 }, async () => {
    const analyst = await held.stage.enter("bank", "analyst", "en", "light");
    await fillTables(analyst, en);
    await analyst.getByRole("radio", { name: en.match.kindOf.count }).check();
    await held.stage.shoot(analyst, "match-kind");
    await next(analyst, en);
    await hint(analyst, en, "rules");
    await held.stage.shoot(analyst, "match-rules");
    await next(analyst, en);
    await analyst.getByText(en.match.protocolOf.cardinality, { exact: true }).waitFor();
    await analyst.getByText(en.jobs.checkOk).waitFor();
    await analyst.getByText(/in common, without noise, if they are 10 or more; not which/).waitFor();
    await held.stage.shoot(analyst, "match-review");
    await byTheClock(analyst);

    await button(analyst, en.schedules.runNow).click();
    const runs = analyst.getByRole("table", { name: en.schedules.runs });
    await runs.getByText(en.jobs.awaitsConsent).waitFor({ timeout: 60_000 });
    const host = await held.stage.enter("telco", "approver", "zh", "dark");
    await approve(host, /Count over/, zh);
    await runs.getByText(en.common.state.SUCCESS, { exact: true }).waitFor({ timeout: 90_000 });
    await held.stage.shoot(analyst, "schedule");
    await runs.getByRole("link").first().click();
    await analyst.getByRole("tab", { name: en.jobs.tab.results }).click();
    await analyst.getByRole("heading", { name: "Count of common rows" }).waitFor();
    expect(await analyst.getByRole("table", { name: en.jobs.outputs }).getByText("match.data").count()).toBe(0);
    await held.stage.shoot(analyst, "count-results");
    await pauseAndDelete();
  });

  /** From the checked form to an active schedule. */
  async function byTheClock(analyst: Page): Promise<void> {
    await button(analyst, en.schedules.button).click();
    const dialog = analyst.getByRole("dialog");
    await dialog.getByText(en.schedules.everyOf.week, { exact: true }).click();
    await dialog.getByLabel(en.schedules.time, { exact: true }).fill("07:30");
    await held.stage.shoot(analyst, "schedule-modal");
    await button(dialog, en.schedules.ask).click();
    await analyst.getByText(en.schedules.waiting).waitFor();
    await analyst.getByRole("link", { name: en.schedules.openRequest }).waitFor();
    await held.stage.shoot(analyst, "schedule-waiting");

    const approver = await held.stage.enter("bank", "approver", "zh", "dark");
    const navigation = approver.getByRole("navigation", { name: zh.common.nav.label });
    await navigation.locator(".n").getByText("1", { exact: true }).waitFor();
    await openWaiting(approver, /Count over/, zh);
    await approver.getByText(/30 7 \* \* 1/).waitFor();
    await approver.getByRole("heading", { name: zh.approvals.willLearn.replace("{{party}}", "telco") }).waitFor();
    await held.stage.shoot(approver, "schedule-approval-zh");
    await approver.getByRole("tab", { name: zh.approvals.flowTab }).click();
    await approver.locator("pre.yaml").getByText("match-count").waitFor();
    await button(approver, zh.approvals.approve).click();
    await approver.getByText(zh.common.state.APPROVED, { exact: true }).first().waitFor();
    await strip(analyst, en.common.state.ACTIVE).waitFor();
    await analyst.getByText(/Every Monday at 07:30/).waitFor();
  }

  async function pauseAndDelete(): Promise<void> {
    const page = await held.stage.enter("bank", "analyst", "zh", "dark");
    await go(page, "/schedules");
    await heading1(page, zh.schedules.title);
    await page.getByText("每星期一 07:30").waitFor();
    await held.stage.shoot(page, "schedules-zh");
    await page
      .getByRole("main")
      .getByRole("link", { name: /Count over/ })
      .click();
    await button(page, zh.schedules.pause).click();
    await page.getByRole("dialog").getByLabel(zh.common.reason).fill("审计周");
    await button(page.getByRole("dialog"), zh.schedules.pause).click();
    await strip(page, zh.common.state.PAUSED).waitFor();
    await page.getByRole("status").getByText("审计周").waitFor();
    await held.stage.shoot(page, "schedule-paused-zh");
    await button(page, zh.schedules.resume).click();
    await strip(page, zh.common.state.ACTIVE).waitFor();
    const approver = await held.stage.enter("bank", "approver", "en", "light");
    await go(approver, new URL(page.url()).pathname);
    await button(approver, en.schedules.withdraw).click();
    await approver.getByRole("dialog").getByLabel(en.common.reason).fill("another purpose");
    await held.stage.shoot(approver, "schedule-withdraw");
    await button(approver.getByRole("dialog"), en.schedules.withdraw).click();
    await approver.getByRole("alert").getByText("another purpose").waitFor();
    await strip(page, zh.common.state.WITHDRAWN).waitFor();
    await button(page, zh.schedules.delete).click();
    await button(page.getByRole("dialog"), zh.schedules.delete).click();
    await page.getByText(zh.schedules.empty).waitFor();
    await held.stage.shoot(page, "schedules-empty-zh");
  }

  test("correlations over joint rows are drawn where they are received, and nowhere else", {
    timeout: 240_000,
  }, async () => {
    const example = await readFile(new URL("../../../examples/credit/correlation.yaml", import.meta.url), "utf8");
    const flow = example
      .replace("ds-of-the-bank", held.scene.bankData)
      .replace("ds-of-the-telco", held.scene.telcoData)
      .replace("missing: drop", "missing: drop, rowsPerColumn: 15");
    const client = await held.scene.cluster.node("bank").analyst();
    const { id } = await client.call("submitJob", { body: { projectId: held.scene.projectId, flow } });
    await consentBoth(held.scene, id);
    expect((await held.scene.cluster.job("bank", id, "over", hasEnded, 120)).status).toBe("SUCCESS");
    const results = async (party: string, language: "en" | "zh", theme: "light" | "dark"): Promise<Page> => {
      const page = await held.stage.enter(party, "analyst", language, theme);
      await go(page, `/jobs/${id}`);
      await page.getByRole("tab", { name: (language === "zh" ? zh : en).jobs.tab.results }).click();
      return page;
    };
    const guest = await results("bank", "zh", "light");
    const heat = guest.getByRole("table", { name: zh.statistics.matrix, exact: true });
    await heat.getByRole("rowheader", { name: "seniority" }).waitFor();
    expect(await heat.getByRole("columnheader").count()).toBe(10);
    await guest.getByRole("table", { name: zh.statistics.inflation }).getByText("default").waitFor();
    await held.stage.shoot(guest, "correlation-zh");
    const host = await results("telco", "en", "dark");
    await host.getByText(en.statistics.notHere).waitFor();
    await held.stage.shoot(host, "correlation-host");
    const dark = await results("bank", "en", "dark");
    await dark.getByRole("table", { name: en.statistics.strongest }).waitFor();
    await held.stage.shoot(dark, "correlation-dark");
  });

  test("a catalogue is made and asked from forms, and once refreshed can no longer be chosen", {
    timeout: 240_000,
  }, async () => {
    const page = await held.stage.enter("bank", "analyst", "zh", "light");
    await go(page, "/lookup");
    await page.getByRole("tab", { name: zh.lookup.tab.make }).click();
    await choose(page, zh.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await held.stage.shoot(page, "lookup-make-zh");
    const made = await checkAndRun(page);

    await go(page, "/lookup");
    await choose(page, zh.joint.ownDataset, "bank customers");
    await held.stage.shoot(page, "lookup-ask-zh");
    await checkAndRun(page);
    await page.getByRole("tab", { name: zh.jobs.tab.results }).click();
    await page.getByText(zh.reports.lookupHint.replace("{{version}}", "1")).waitFor();
    await held.stage.shoot(page, "lookup-results-zh");

    const { id } = await refresh(made);
    await go(page, "/lookup");
    await page.getByText(/第 2 版/).waitFor();
    await page.getByRole("combobox", { name: zh.lookup.catalogue }).click();
    const former = page.locator(".ant-select-item-option-disabled").getByText(/第 1 版 · 已被新版取代/);
    await former.waitFor();
    await held.stage.shoot(page, "lookup-superseded-zh");
    expect(id).not.toBe(made);
  });

  /** From a filled form to the job's success, with both consents; answers the job's id. */
  async function checkAndRun(page: Page): Promise<string> {
    await button(page, zh.lookup.check).click();
    await page.getByText(zh.jobs.checkOk).waitFor();
    await button(page, zh.jobs.submit).click();
    await page.getByText(zh.jobs.awaitsConsent).first().waitFor();
    const id = new URL(page.url()).pathname.split("/").at(-1)!;
    await consentBoth(held.scene, id);
    await strip(page, zh.common.state.SUCCESS).waitFor({ timeout: 120_000 });
    return id;
  }

  /** The next version of what the job made, as another client asks for it. */
  async function refresh(jobId: string): Promise<{ id: string }> {
    const client = await held.scene.cluster.node("bank").analyst();
    const previous = (await client.call("listModels")).items.find((each) => each.jobId === jobId)!.id;
    const host = { partyId: "telco", datasetId: held.scene.telcoData, keys: ["phone"] };
    const { flow, projectId } = await client.call("catalogueFlow", { body: { name: "Refresh", host, previous } });
    const job = await client.call("submitJob", { body: { projectId, flow: flow as Record<string, unknown> } });
    await consentBoth(held.scene, job.id);
    expect((await held.scene.cluster.job("bank", job.id, "over", hasEnded, 120)).status).toBe("SUCCESS");
    return job;
  }

  test("a catalogue that is put to use is asked from the search box and with a batch; its history has counts", {
    timeout: 240_000,
  }, async () => {
    const client = await held.scene.cluster.node("bank").analyst();
    const made = (await client.call("listModels")).items.find(
      ({ kind, supersededBy }) => kind === "catalogue" && supersededBy === null,
    )!;
    const end = new Date(Date.now() + 3_600_000).toISOString();
    const known = (await client.call("previewDataset", { params: { id: held.scene.bankData } })).rows.map(
      ([phone]) => phone,
    );
    const body = { name: "known", title: "Known numbers", modelId: made.id, hosts: [], until: end };
    const service = await client.call("createService", { body: { ...body, parameters: { drawnAhead: 100 } } });
    await consentBoth(held.scene, service.deployments[0]!.jobId);
    const params = { name: "known" };
    await until("it is up", async () => (await client.call("getService", { params })).state === "UP", 60);

    const page = await held.stage.enter("bank", "analyst", "zh", "light");
    await page.getByRole("link", { name: zh.common.nav.ask, exact: true }).click();
    await page.getByRole("textbox", { name: "phone", exact: true }).fill("00000000001");
    await page.keyboard.press("Enter");
    await page.getByText(zh.ask.notFound, { exact: true }).waitFor();
    await held.stage.shoot(page, "ask-zh");
    expect(page.url()).not.toContain("00000000001");

    await page.getByRole("tab", { name: zh.ask.tab.many }).click();
    await page.getByRole("textbox", { name: zh.ask.many.paste }).fill(`phone\n${known.join("\n")}\n${known[0]}\n`);
    await button(page, zh.ask.many.use).click();
    await button(page, zh.ask.many.start).click();
    await page.getByText(zh.ask.many.state.DONE, { exact: true }).waitFor();
    await held.stage.shoot(page, "ask-batch-zh");
    const [download] = await Promise.all([page.waitForEvent("download"), button(page, zh.ask.many.download).click()]);
    const lines = (await readFile(await download.path(), "utf8")).trim().split("\r\n");
    expect(lines[0]).toContain("phone,telco.verified,refusal");
    expect(lines).toHaveLength(known.length + 2);
    expect(lines.some((line) => line.includes(",true,"))).toBe(true);

    await page.getByRole("tab", { name: zh.ask.tab.history }).click();
    await page.getByRole("table", { name: zh.ask.history.asked }).getByText("analyst").first().waitFor();
    await held.stage.shoot(page, "ask-history-zh");
    const { items } = await client.call("questionHistory", { query: {} });
    expect(items.reduce((sum, { rows }) => sum + rows, 0)).toBe(new Set(known).size + 1);
  });

  test("what a partner asked is shown, and an approver limits it", { timeout: 60_000 }, async () => {
    const approver = await held.stage.enter("telco", "approver", "zh", "light");
    await go(approver, "/grants");
    await approver.getByRole("tab", { name: zh.grants.budgets }).click();
    const row = approver.getByRole("row").filter({ hasText: "bank" });
    await row.getByText(zh.grants.unlimited).first().waitFor();
    await button(row, zh.grants.limit).click();
    await approver.getByRole("spinbutton", { name: zh.grants.idsMax, exact: true }).fill("5000");
    await held.stage.shoot(approver, "budget-limit-zh");
    await button(approver.getByRole("dialog"), zh.grants.limit).click();
    await row.getByText("上限 5,000").waitFor();
    await row.getByText("approver", { exact: true }).waitFor();
    await held.stage.shoot(approver, "budgets-zh");
  });

  test("no page failed and nothing was refused by the content security policy", () => {
    expect(held.stage.complaints).toEqual([]);
  });
});
