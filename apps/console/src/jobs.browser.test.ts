/**
 * Two real nodes with contract, project, data and grant, in a real browser: what does not go as hoped. Refusals with
 * their reasons, a node that dies and comes back under an open page, a job cancelled, rerun and stopped by a revocation.
 */
import type { Locator, Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { consentBoth, matchFlow, submitJoint } from "../../node/src/testing/joint-job.ts";
import { en } from "./i18n/en.ts";
import { zh } from "./i18n/zh.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { button, creditStage, go, heading1, openWaiting, strip } from "./testing/stage.ts";

const ROWS = 900;

describe.skipIf(chromiumPath === undefined)("refusals, failures and recovery, with two nodes", () => {
  const held = creditStage(ROWS);

  const submit = async (flow: Record<string, unknown>): Promise<string> => {
    const analyst = await held.scene.cluster.node("bank").analyst();
    return (await analyst.call("submitJob", { body: { projectId: held.scene.projectId, flow } })).id;
  };
  const badge = (page: Page, words: typeof en): Locator =>
    page.getByRole("navigation", { name: words.common.nav.label }).locator(".n");
  const comment = async (page: Page | Locator, text: string, words: typeof en): Promise<void> => {
    await page.getByLabel(words.approvals.comment).fill(text);
    await button(page, words.approvals.comment).click();
    await page.getByText(text, { exact: true }).waitFor();
  };
  async function giveReason(page: Page, act: string, reason: string, words: typeof en): Promise<void> {
    const dialog = page.getByRole("dialog");
    const go = button(dialog, act);
    expect(await go.isDisabled()).toBe(true);
    await dialog.getByLabel(words.common.reason).fill(reason);
    await go.click();
    await dialog.waitFor({ state: "detached" });
  }

  test("a changed job shows what changed, is talked about and refused; the requester reads why", async () => {
    const first = await submit(matchFlow(held.scene));
    await consentBoth(held.scene, first);
    await held.scene.cluster.job("bank", first, "done", (status) => status === "SUCCESS", 120);
    const analyst = await held.stage.enter("bank", "analyst", "zh", "light");
    const approver = await held.stage.enter("telco", "approver", "en", "dark");
    expect(await badge(approver, en).count()).toBe(0);
    const second = await submit(matchFlow(held.scene, ["age", "income"]));
    await badge(approver, en).getByText("1", { exact: true }).waitFor();
    await badge(analyst, zh).getByText("1", { exact: true }).waitFor();

    await openWaiting(approver, /Match/, en);
    await approver.getByText(en.approvals.expires, { exact: true }).waitFor();
    await approver.getByText(/^in \d+ (days|hours)$/).waitFor();
    await approver.getByRole("tab", { name: en.approvals.changesTab }).click();
    const changes = approver.getByRole("table", { name: en.approvals.changesTab });
    await changes.getByText("income").first().waitFor();
    await changes.getByText("flow.tasks.read.partyParameters.telco.columns").waitFor();
    await held.stage.shoot(approver, "approval-changes");
    await comment(approver, "What is the income for?", en);

    await go(analyst, `/jobs/${second}`);
    await analyst.getByRole("link", { name: zh.jobs.openRequest }).click();
    await analyst.getByText("What is the income for?", { exact: true }).waitFor();
    await analyst.getByText(zh.approvals.cannot).waitFor();
    await comment(analyst, "用于收入分层", zh);
    await approver.getByText("用于收入分层", { exact: true }).waitFor();
    await held.stage.shoot(analyst, "approval-comments-zh");

    await button(approver, en.approvals.reject).click();
    await giveReason(approver, en.approvals.reject, "Income is not part of what we agreed.", en);
    await approver.getByText(en.common.state.REJECTED, { exact: true }).first().waitFor();
    await badge(approver, en).waitFor({ state: "detached" });
    await go(analyst, `/jobs/${second}`);
    await strip(analyst, zh.common.state.REJECTED).waitFor();
    await analyst.getByRole("cell", { name: "Income is not part of what we agreed." }).waitFor();
    await held.stage.shoot(analyst, "job-rejected-zh");
  });

  test("a refused grant says why and can be talked about, on the requester's side too", async () => {
    const owner = await held.stage.enter("telco", "approver", "en", "light");
    const asker = await held.stage.enter("bank", "analyst", "en", "light");
    const client = await held.scene.cluster.node("bank").analyst();
    const terms = { partners: ["bank"], projectId: null, components: [], columns: [], filter: null, standing: true };
    const body = {
      ...terms,
      owner: "telco",
      datasetId: held.scene.telcoData,
      purpose: "all of it",
      receivers: ["bank"],
    };
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    await client.call("requestGrant", { body: { ...body, use: ["score"], uses: 5, expiresAt } });
    await openWaiting(owner, /all of it/, en);
    await comment(owner, "Please name the columns.", en);
    await button(owner, en.approvals.reject).click();
    await giveReason(owner, en.approvals.reject, "Too wide a purpose.", en);
    await go(asker, "/grants");
    const row = asker.getByRole("row").filter({ hasText: "all of it" }).first();
    await row.getByText("Too wide a purpose.").waitFor();
    await held.stage.shoot(asker, "grants");
    await button(row, en.grants.details).click();
    await asker.getByRole("dialog").getByText("Please name the columns.").waitFor();
    await comment(asker.getByRole("dialog"), "We will ask anew.", en);
    await owner.getByText("We will ask anew.").waitFor();
    await held.stage.shoot(asker, "grant-details");
  });

  test("a job outlives its node, is cancelled, rerun, and stopped when its grant is revoked", async () => {
    const id = await submitJoint(held.scene, { name: "Long training", trees: 400 });
    await consentBoth(held.scene, id);
    const analyst = await held.stage.enter("bank", "analyst", "en", "dark");
    await go(analyst, `/jobs/${id}`);
    const train = (page: Page) => page.getByRole("table", { name: "train", exact: true });
    const training = async (page: Page, words: typeof en): Promise<void> => {
      await train(page).getByText(words.common.state.RUNNING).nth(1).waitFor({ timeout: 90_000 });
      await train(page).locator("td.num").filter({ hasText: /[kM]B/ }).first().waitFor({ timeout: 90_000 });
    };
    const host = await held.stage.enter("telco", "approver", "zh", "light");
    await go(host, `/jobs/${id}`);
    await training(analyst, en);
    await training(host, zh);
    await held.stage.shoot(analyst, "job-live");
    await held.stage.shoot(host, "job-live-zh");

    await held.scene.cluster.node("bank").kill();
    await analyst.getByText(en.common.offline).waitFor();
    expect(await strip(analyst, en.common.state.RUNNING).count()).toBe(1);
    await held.stage.shoot(analyst, "job-offline");
    // A page whose code was not fetched yet arrives once the node is back.
    await analyst.getByRole("link", { name: en.common.nav.schedules, exact: true }).click();
    await held.scene.cluster.node("bank").start();
    await heading1(analyst, en.schedules.title);
    await analyst.goBack();
    await analyst.getByText(en.common.offline).waitFor({ state: "detached" });
    await analyst.getByText(en.jobs.attempt.replace("{{n}}", "2")).first().waitFor({ timeout: 90_000 });
    await training(analyst, en);

    await button(analyst, en.jobs.cancel).click();
    await giveReason(analyst, en.jobs.cancel, "the wrong month", en);
    await strip(analyst, en.common.state.CANCELLED).waitFor();
    await analyst
      .getByRole("alert")
      .getByText(/cancelled by bank: the wrong month/)
      .first()
      .waitFor();
    await train(analyst).getByText(en.common.state.CANCELLED).nth(1).waitFor();
    await strip(host, zh.common.state.CANCELLED).waitFor();
    await train(host).getByText(zh.common.state.CANCELLED).nth(1).waitFor();
    for (const page of [analyst, host]) expect(await page.locator(".lanes .live").count()).toBe(0);
    await held.stage.shoot(analyst, "job-cancelled");

    await button(analyst, en.jobs.rerun).click();
    await analyst.getByText(en.jobs.reused).first().waitFor();
    await training(analyst, en);
    await go(host, "/grants");
    await host.getByRole("tab", { name: zh.grants.given }).click();
    await button(host.getByRole("row").filter({ hasText: "credit scoring" }), zh.grants.revoke).click();
    await held.stage.shoot(host, "grant-revoke-zh");
    await giveReason(host, zh.grants.revoke, "合作范围已变更", zh);
    await strip(analyst, en.common.state.FAILED).waitFor();
    const failure = analyst.getByRole("alert").first();
    await failure.getByText("consent.grant-revoked").waitFor();
    await failure.getByText("合作范围已变更").waitFor();
    const card = (page: Page) => page.locator("section.card").filter({ has: train(page) });
    await card(analyst).getByText(en.common.state.FAILED).first().waitFor();
    await go(host, `/jobs/${id}`);
    await strip(host, zh.common.state.FAILED).waitFor();
    await card(host).getByText(zh.common.state.FAILED).first().waitFor();
    for (const page of [analyst, host]) expect(await page.locator(".lanes .live").count()).toBe(0);
    await held.stage.shoot(analyst, "job-revoked");
    await held.stage.shoot(host, "job-revoked-zh");
    await button(failure, en.jobs.rerun).click();
    // A revoked grant stays revoked: the next attempt is refused by the owner's node.
    await analyst.getByText(en.jobs.attempt.replace("{{n}}", "4")).waitFor();
    await strip(analyst, en.common.state.FAILED).waitFor();
    await failure.getByText("consent.grant-revoked").waitFor();
  });

  test("the journal turns its pages and verifies", async () => {
    const client = await held.scene.cluster.node("telco").person("chief", "admin");
    while ((await client.call("journal", { query: { limit: 1 } })).size <= 110)
      await client.call("createApiKey", { body: { name: "one of many", roles: ["auditor"] } });
    const page = await held.stage.enter("telco", "approver", "zh", "dark");
    await go(page, "/journal");
    await heading1(page, zh.journal.title);
    const rows = page.getByRole("table", { name: zh.journal.title }).getByRole("row");
    await rows.nth(100).waitFor();
    expect(await rows.count()).toBe(101);
    await button(page, zh.journal.older).click();
    await rows.nth(105).waitFor();
    await button(page, zh.journal.older).waitFor({ state: "detached" });
    await rows.last().getByText("0", { exact: true }).waitFor();
    await button(page, zh.journal.verify).click();
    await page.getByText(zh.journal.ok).waitFor();
    await page.getByText(/由 bank 持有检查点/).waitFor();
    await held.stage.shoot(page, "journal-paged-zh");
  });

  test("no page failed and nothing was refused by the content security policy", () => {
    expect(held.stage.complaints).toEqual([]);
  });
});
