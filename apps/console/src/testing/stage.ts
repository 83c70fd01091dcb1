/** Real nodes and a real browser for tests of the console: people who sign in, what they choose, what goes wrong. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll } from "vitest";
import type { Cluster } from "../../../node/src/testing/cluster.ts";
import { creditScene, type Scene } from "../../../node/src/testing/joint-job.ts";
import { en } from "../i18n/en.ts";
import { zh } from "../i18n/zh.ts";
import { chromiumPath, chromiumSwitches } from "./chromium.ts";

export const PASSWORD = "correct horse battery";

export type Language = "en" | "zh";
export type Words = typeof en;
export const wordsOf = (language: Language): Words => (language === "zh" ? zh : en);

export class Stage {
  readonly cluster: Cluster;
  readonly #browser: Browser;
  /** Screenshots go here, named at the start. */
  readonly shots: string;
  /** What the pages complained about: scripts that failed, requests the content security policy refused. */
  readonly complaints: string[] = [];
  readonly #contexts: BrowserContext[] = [];

  private constructor(cluster: Cluster, browser: Browser, shots: string) {
    this.cluster = cluster;
    this.#browser = browser;
    this.shots = shots;
  }

  static async open(nodes: Promise<Cluster>): Promise<Stage> {
    const shots = mkdtempSync(join(tmpdir(), "tombolo-console-"));
    console.log(`screenshots: ${shots}`);
    const options = { executablePath: chromiumPath!, args: [...chromiumSwitches] };
    const [cluster, browser] = await Promise.all([nodes, chromium.launch(options)]);
    return new Stage(cluster, browser, shots);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#browser.close();
    await this.cluster[Symbol.asyncDispose]();
  }

  origin = (party: string): string => `http://127.0.0.1:${this.cluster.node(party).apiPort}`;

  /** A browser of its own, with nobody signed in. */
  async visit(url: string, language: Language = "en", theme: "light" | "dark" = "light"): Promise<Page> {
    const context = await this.#browser.newContext({
      viewport: { width: 1360, height: 860 },
      // A loaded machine drops frames, and a control whose leaving is never drawn to its end keeps its "loading" name.
      reducedMotion: "reduce",
      acceptDownloads: true,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    this.#contexts.push(context);
    await context.addInitScript(
      `localStorage.setItem("tombolo.language", "${language}"); localStorage.setItem("tombolo.theme", "${theme}");`,
    );
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Minified React error/.test(message.text())) this.complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** A person signed in at a party's console. */
  async enter(party: string, username: string, language: Language, theme: "light" | "dark"): Promise<Page> {
    const page = await this.visit(`${this.origin(party)}/`, language, theme);
    await signIn(page, username, PASSWORD, wordsOf(language));
    await page.getByRole("heading", { level: 1, name: wordsOf(language).overview.title }).waitFor();
    return page;
  }

  /** After a failure: what every open page looks like. */
  async shootAll(name: string): Promise<void> {
    const pages = this.#contexts.flatMap((context) => context.pages());
    await Promise.all(pages.map((page, i) => this.shoot(page, `${name.replace(/\W+/g, "-")}-${i}`)));
  }

  /** At the end of a test: its browsers are closed, after a look at them if it failed. */
  async clear(failed: string | undefined): Promise<void> {
    if (failed !== undefined) await this.shootAll(`failed-${failed}`).catch(() => undefined);
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  shoot = (page: Page, name: string): Promise<Buffer> =>
    page.screenshot({ path: join(this.shots, `${name}.png`), fullPage: true });
}

/** What the tests of one file share: there once the first of them runs. */
export interface Held {
  readonly stage: Stage;
}

/** Opens a stage before the tests of the block it is called in, clears it after each, and takes it down at the end. */
export function heldStage(nodes: () => Promise<Cluster>): Held {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.open(nodes());
  });
  afterEach(({ task }) => stage?.clear(task.result?.state === "fail" ? task.name : undefined));
  afterAll(() => stage?.[Symbol.asyncDispose]());
  return {
    get stage() {
      return stage!;
    },
  };
}

/** The same with the credit example at two nodes, ready for jobs. `rows` of each file. */
export function creditStage(rows: number): Held & { readonly scene: Scene } {
  let scene: Scene | undefined;
  const held = heldStage(async () => {
    scene = await creditScene(rows);
    return scene.cluster;
  });
  return {
    get stage() {
      return held.stage;
    },
    get scene() {
      return scene!;
    },
  };
}

export async function signIn(page: Page, username: string, password: string, words: Words = en): Promise<void> {
  await page.getByLabel(words.session.username).fill(username);
  await page.getByLabel(words.session.password).fill(password);
  await button(page, words.session.signIn).click();
}

export const go = (page: Page, path: string) => page.goto(new URL(path, page.url()).href);

export async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole("combobox", { name: label }).click();
  await page.locator(".ant-select-dropdown:visible").getByText(option, { exact: false }).first().click();
}

export const button = (page: Page | Locator, name: string): Locator => page.getByRole("button", { name, exact: true });
export const heading1 = (page: Page, name: string): Promise<void> =>
  page.getByRole("heading", { level: 1, name }).waitFor();
/** The state of a job, as its page's head says it. */
export const strip = (page: Page, state: string): Locator => page.locator(".strip").getByText(state, { exact: true });

/** The newest request of that title in the inbox, opened. */
export async function openWaiting(page: Page, title: RegExp, words: Words): Promise<void> {
  await go(page, "/approvals");
  await page.getByRole("main").getByRole("link", { name: title }).first().click();
  await page.getByRole("heading", { level: 2, name: words.approvals.decide, exact: true }).waitFor();
}
