/**
 * Two real nodes, a real browser, the built console: what people do from sign-in to a finished joint model, in both
 * languages. Screenshots go to a folder of the system's temporary files, named at the start.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../../node/src/testing/cluster.ts";
import { en } from "./i18n/en.ts";
import { zh } from "./i18n/zh.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) =>
  existsSync(path),
);
const CONSOLE = join(import.meta.dirname, "..");
const EXAMPLES = join(CONSOLE, "../../examples/credit");
const PASSWORD = "correct horse battery";
const ROWS = 900;
const SWITCHES = [
  "--no-sandbox",
  "--headless",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--no-first-run",
];

if (CHROMIUM === undefined) console.warn("no chromium found: the console's browser tests are skipped");

const head = (name: string): string =>
  readFileSync(join(EXAMPLES, name), "utf8")
    .split("\n")
    .slice(0, ROWS + 1)
    .join("\n");

describe.skipIf(CHROMIUM === undefined)("the console, with two nodes", () => {
  const shots = mkdtempSync(join(tmpdir(), "tombolo-console-"));
  let cluster: Cluster;
  let browser: Browser;
  const contexts: BrowserContext[] = [];
  /** What the pages complained about: scripts that failed, requests the content security policy refused. */
  const complaints: string[] = [];

  beforeAll(async () => {
    console.log(`screenshots: ${shots}`);
    const built = spawnSync(process.execPath, ["../../node_modules/vite/bin/vite.js", "build"], { cwd: CONSOLE });
    expect(built.status, built.stderr.toString()).toBe(0);
    [cluster, browser] = await Promise.all([
      startCluster(["bank", "telco"]),
      chromium.launch({ executablePath: CHROMIUM!, args: SWITCHES }),
    ]);
    await cluster.connect("bank", "telco");
    await cluster.project("bank", "telco");
    await cluster.publish("telco", head("telco.csv"), "phone");
  });
  afterAll(async () => {
    await browser?.close();
    await cluster?.[Symbol.asyncDispose]();
  });

  /** A person signed in at a party's console, in a browser of their own. */
  async function enter(party: string, role: string, language: "en" | "zh", theme: "light" | "dark"): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
    contexts.push(context);
    await context.addInitScript(
      `localStorage.setItem("tombolo.language", "${language}"); localStorage.setItem("tombolo.theme", "${theme}");`,
    );
    const page = await context.newPage();
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Minified React error/.test(message.text())) complaints.push(message.text());
    });
    const text = language === "zh" ? zh : en;
    await page.goto(`http://127.0.0.1:${cluster.node(party).apiPort}/`);
    await page.getByLabel(text.session.username).fill(role);
    await page.getByLabel(text.session.password).fill(PASSWORD);
    await page.getByRole("button", { name: text.session.signIn }).click();
    await page.getByRole("heading", { level: 1, name: text.overview.title }).waitFor();
    return page;
  }
  const shoot = (page: Page, name: string) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });

  async function choose(page: Page, label: string, option: string): Promise<void> {
    await page.getByRole("combobox", { name: label }).click();
    await page.locator(".ant-select-dropdown:visible").getByText(option, { exact: false }).first().click();
  }
  const next = (page: Page) => page.getByRole("button", { name: en.common.next, exact: true }).click();
  const number = (page: Page, label: string): Locator => page.getByLabel(label, { exact: true });

  async function openWaiting(page: Page, title: RegExp, text: typeof en | typeof zh): Promise<void> {
    await page.goto(new URL("/approvals", page.url()).href);
    await page.getByRole("main").getByRole("link", { name: title }).first().click();
    await page.getByRole("heading", { level: 2, name: text.approvals.decide, exact: true }).waitFor();
  }

  test("a wrong password says what happened and the code", async () => {
    const context = await browser.newContext();
    contexts.push(context);
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${cluster.node("bank").apiPort}/jobs`);
    await page.getByLabel(en.session.username).fill("analyst");
    await page.getByLabel(en.session.password).fill("not the password");
    await page.getByRole("button", { name: en.session.signIn }).click();
    await page
      .getByRole("alert")
      .getByText(/^auth\./)
      .waitFor();
    expect(new URL(page.url()).searchParams.get("next")).toBe("/jobs");
    await context.close();
  });

  test("broken lines of an upload are named; a good file is imported and published", async () => {
    const page = await enter("bank", "analyst", "en", "light");
    await page.keyboard.press("g");
    await page.keyboard.press("d");
    await page.getByRole("heading", { level: 1, name: en.datasets.title }).waitFor();
    expect(await page.getByText(en.datasets.empty).isVisible()).toBe(true);
    const broken = join(shots, "broken.csv");
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
    const good = join(shots, "loans.csv");
    writeFileSync(good, head("bank.csv"));
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
    await page.context().close();
  });

  test("a joint model from form to report, with every party's consent", { timeout: 240_000 }, async () => {
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
    await analyst.locator(".strip").getByText(en.common.state.SUCCESS, { exact: true }).waitFor({ timeout: 150_000 });

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
    await analyst.getByRole("img", { name: en.models.trees, exact: true }).waitFor();
    await shoot(analyst, "model");

    await analyst.getByRole("button", { name: en.models.score }).click();
    await choose(analyst, en.jobs.chooseProject, "Credit");
    await choose(analyst, en.models.ownDataset, "loans");
    await choose(analyst, en.joint.theirDataset.replace("{{party}}", "telco"), "telco customers");
    await analyst.getByRole("button", { name: en.models.check }).click();
    await analyst.getByText(en.jobs.checkOk).waitFor();
    await analyst.getByRole("heading", { name: "telco will learn:" }).waitFor();
    await shoot(analyst, "score-review");
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
    expect(complaints).toEqual([]);
  });
});
