/**
 * Two real nodes that do not know each other yet, in a real browser: what operators and administrators do. Partners from
 * the invite to the end of the contract; people, keys and the webhook; how sessions begin and end.
 */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { startCluster } from "../../node/src/testing/cluster.ts";
import { CLIENT, type Issuer, startIssuer } from "../../node/src/testing/issuer.ts";
import { en } from "./i18n/en.ts";
import { zh } from "./i18n/zh.ts";
import { chromiumPath } from "./testing/chromium.ts";
import { button, go, heading1, heldStage, PASSWORD, signIn } from "./testing/stage.ts";

describe.skipIf(chromiumPath === undefined)("partners and people, with two nodes", () => {
  let issuer: Issuer;
  const held = heldStage(async () => {
    issuer = await startIssuer();
    const secret = join(mkdtempSync(join(tmpdir(), "tombolo-people-")), "secret");
    writeFileSync(secret, CLIENT.secret);
    const provider = {
      TOMBOLO_SIGN_IN_ISSUER: issuer.url,
      TOMBOLO_SIGN_IN_CLIENT_ID: CLIENT.id,
      TOMBOLO_SIGN_IN_CLIENT_SECRET_FILE: secret,
      TOMBOLO_SIGN_IN_ROLES: "[{ claim: groups, value: audit, roles: [auditor] }]",
    };
    const cluster = await startCluster(["bank", "telco"], {}, { telco: provider });
    for (const party of ["bank", "telco"]) await cluster.node(party).person("chief", "admin");
    return cluster;
  });
  afterAll(() => issuer?.[Symbol.asyncDispose]());

  const fingerprintOn = (page: Page): Promise<string> => page.locator(".fingerprint").innerText();

  async function compareAndConfirm(page: Page, words: typeof en): Promise<void> {
    const confirm = button(page, words.partners.confirm);
    expect(await confirm.isDisabled()).toBe(true);
    await page.getByRole("checkbox", { name: words.partners.iCompared }).check();
    await confirm.click();
    await page.getByText(words.partners.confirmedByUs).waitFor();
  }

  test("a contract from invite to end, each side in its own browser", async () => {
    const telco = await held.stage.enter("telco", "operator", "en", "light");
    await go(telco, "/partners");
    await telco.getByText(en.partners.empty).waitFor();
    await held.stage.shoot(telco, "partners-empty");
    await button(telco, en.partners.invite).first().click();
    await button(telco, en.partners.make).click();
    const line = await telco.getByRole("dialog").locator(".copy-line code").innerText();
    expect(line).toMatch(/^tombolo1:/);
    await held.stage.shoot(telco, "partners-invite");
    await button(telco, en.common.close).last().click();
    await telco.getByText(en.partners.unused).waitFor();

    const bank = await held.stage.enter("bank", "operator", "zh", "dark");
    await go(bank, "/partners");
    await button(bank, zh.partners.accept).first().click();
    await bank.getByLabel(zh.partners.line).fill("tombolo1:nonsense");
    await button(bank, zh.partners.apply).click();
    await bank.getByRole("alert").getByText("input.invite").waitFor();
    await held.stage.shoot(bank, "partners-bad-line-zh");
    await bank.getByLabel(zh.partners.line).fill(line);
    await button(bank, zh.partners.apply).click();
    await bank.getByRole("heading", { name: zh.partners.confirmTitle }).waitFor();
    await held.stage.shoot(bank, "partners-compare-zh");

    await telco.getByRole("main").getByRole("link", { name: /bank/ }).click();
    await telco.getByRole("heading", { name: en.partners.confirmTitle }).waitFor();
    expect(await fingerprintOn(telco)).toBe(await fingerprintOn(bank));
    await compareAndConfirm(telco, en);
    await telco.getByText(en.partners.theyMissing).waitFor();
    await compareAndConfirm(bank, zh);
    await telco.getByText(en.partners.confirmedByThem).waitFor();
    await bank.getByText(zh.partners.confirmedByThem).waitFor();

    await button(telco, en.partners.check).click();
    await telco.getByText(en.partners.checkOk).waitFor();
    await telco.getByText("both sides say APPROVED").waitFor();
    await held.stage.shoot(telco, "partners-check");
    await button(bank, zh.partners.check).click();
    await bank.getByText(zh.partners.checkOk).waitFor();
    await held.stage.shoot(bank, "partners-check-zh");

    await button(telco, en.partners.terminate).click();
    await telco.getByRole("dialog").getByLabel(en.common.reason).fill("the pilot is over");
    await button(telco.getByRole("dialog"), en.partners.terminate).click();
    await telco.getByText(en.common.state.TERMINATED, { exact: true }).first().waitFor();
    await bank.getByText(zh.common.state.TERMINATED, { exact: true }).first().waitFor();
    await bank.getByText("the pilot is over").waitFor();
    await held.stage.shoot(bank, "partners-ended-zh");
  });

  test("users get a link that works once, and the roles they were given", async () => {
    const admin = await held.stage.enter("bank", "chief", "en", "dark");
    await go(admin, "/people");
    await button(admin, en.people.add).click();
    const form = admin.getByRole("dialog");
    await form.getByLabel(en.people.username).fill("hua");
    await form.getByLabel(en.people.displayName, { exact: true }).fill("华敏");
    await form.getByRole("checkbox", { name: en.common.role.auditor }).check();
    await form.getByRole("checkbox", { name: en.common.role.analyst }).uncheck();
    await held.stage.shoot(admin, "people-add");
    await button(form, en.people.add).click();
    const url = await admin.getByRole("dialog").locator(".copy-line code").innerText();
    await held.stage.shoot(admin, "people-link");
    await button(admin, en.common.close).last().click();
    await admin.getByRole("row").filter({ hasText: "hua" }).getByText(en.people.pending).waitFor();

    const wei = await held.stage.visit(url, "zh", "light");
    await wei.getByLabel(zh.session.newPassword).fill("short");
    await wei.getByText(/还差/).waitFor();
    await wei.getByLabel(zh.session.newPassword).fill(PASSWORD);
    await wei.getByLabel(zh.session.again).fill(PASSWORD);
    await held.stage.shoot(wei, "link-zh");
    await button(wei, zh.session.set).click();
    await heading1(wei, zh.overview.title);
    await held.stage.shoot(wei, "overview-auditor-zh");
    const again = await held.stage.visit(url, "en", "light");
    await again.getByText(en.session.linkDeadHint).waitFor();

    await admin.getByRole("row").filter({ hasText: "hua" }).getByText(en.people.active, { exact: true }).waitFor();
    await go(wei, "/journal");
    await heading1(wei, zh.journal.title);
    const row = admin.getByRole("row").filter({ hasText: "hua" });
    await button(row, en.people.disable).click();
    await row.getByText(en.people.disabled).waitFor();
    // The page notices by itself, at the next thing that happens or the next beat.
    await button(wei, zh.journal.verify).click();
    await wei.getByText(zh.session.ended).waitFor();
    expect(new URL(wei.url()).searchParams.get("next")).toBe("/journal");
    await held.stage.shoot(wei, "session-ended-zh");
    await button(row, en.people.enable).click();
    await row.getByText(en.people.active, { exact: true }).waitFor();
    await signIn(wei, "hua", PASSWORD, zh);
    await heading1(wei, zh.journal.title);
    await button(wei, zh.common.nav.signOut).click();
    await button(wei, zh.session.signIn).waitFor();
    expect(await wei.getByText(zh.session.ended).count()).toBe(0);
    await go(wei, "/jobs");
    await button(wei, zh.session.signIn).waitFor();
  });

  test("an API key is shown once, works, and is refused once deleted", async () => {
    const admin = await held.stage.enter("bank", "chief", "zh", "light");
    await go(admin, "/people");
    await admin.getByRole("tab", { name: zh.people.keys }).click();
    await admin.getByText(zh.people.emptyKeysHint).waitFor();
    await button(admin, zh.people.addKey).first().click();
    const form = admin.getByRole("dialog");
    await form.getByLabel(zh.people.keyName).fill("贷前评分");
    await button(form, zh.people.addKey).click();
    const secret = await form.locator(".copy-line code").innerText();
    await held.stage.shoot(admin, "api-key-zh");
    await button(form, zh.common.copy).click();
    expect(await admin.evaluate("navigator.clipboard.readText()")).toBe(secret);
    await button(form, zh.common.close).last().click();
    await admin.getByRole("row").filter({ hasText: "贷前评分" }).waitFor();
    expect(await admin.content()).not.toContain(secret);
    const call = () =>
      fetch(`${held.stage.origin("bank")}/api/v1/datasets`, { headers: { authorization: `Bearer ${secret}` } });
    expect((await call()).status).toBe(200);
    await button(admin.getByRole("row").filter({ hasText: "贷前评分" }), zh.people.delete).click();
    await button(admin.getByRole("dialog"), zh.people.delete).click();
    await admin.getByText(zh.people.emptyKeysHint).waitFor();
    expect((await call()).status).toBe(401);

    await admin.getByRole("tab", { name: zh.people.webhook }).click();
    await admin.getByLabel(zh.people.webhookUrl).fill("https://hooks.example.com/tombolo");
    await button(admin, zh.common.save).click();
    await admin.getByText(/^whs_/).waitFor();
    await admin.getByText(zh.people.webhookSecretHint).waitFor();
    await held.stage.shoot(admin, "webhook-zh");
    await button(admin, zh.people.remove).click();
    await button(admin, zh.people.remove).waitFor({ state: "detached" });
    expect(await admin.getByLabel(zh.people.webhookUrl).inputValue()).toBe("");
    expect(await admin.getByText(/^whs_/).count()).toBe(0);
  });

  test("people sign in at the identity provider, and come back to where they were", async () => {
    const page = await held.stage.visit(`${held.stage.origin("telco")}/journal`, "zh");
    const enter = button(page, `通过 ${new URL(issuer.url).host} 登录`);
    issuer.visitor = { sub: "1", preferred_username: "nobody", groups: [] };
    await enter.click();
    await page.getByRole("alert").getByText("auth.unmapped").waitFor();
    await page.getByRole("link", { name: zh.session.toSignIn }).click();
    await go(page, "/journal");
    issuer.visitor = { sub: "2", preferred_username: "han.mei", name: "韩梅梅", groups: ["audit"] };
    await held.stage.shoot(page, "sign-in-provider-zh");
    await enter.click();
    await heading1(page, zh.journal.title);
    expect(new URL(page.url()).search).toBe("");
    const admin = await held.stage.enter("telco", "chief", "en", "light");
    await go(admin, "/people");
    await admin.getByRole("row").filter({ hasText: "han.mei" }).getByText(en.common.role.auditor).waitFor();
    await go(page, "/signed-in?code=x&state=y");
    await page.getByText(zh.session.notBegun).waitFor();
  });

  test("whoever guesses passwords has to wait, and is told for how long", async () => {
    const page = await held.stage.visit(`${held.stage.origin("telco")}/signin`, "en", "dark");
    for (let i = 0; i < 5; i++) {
      const answered = page.waitForResponse(/\/api\/v1\/session$/);
      await signIn(page, "approver", `guess number ${i}`);
      await answered;
      await page.getByRole("alert").getByText("auth.credentials").waitFor();
    }
    await signIn(page, "approver", PASSWORD);
    await page.getByRole("alert").getByText("auth.locked").waitFor();
    expect(await page.getByRole("alert").innerText()).toMatch(/wait a minute/);
    await held.stage.shoot(page, "locked");
  });

  test("no page failed and nothing was refused by the content security policy", () => {
    expect(held.stage.complaints).toEqual([]);
  });
});
