/** Tokens of an identity provider at the real server: what is taken, what is refused, and when its keys are asked for. */
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64url, exportJWK, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkConfig } from "../config/config.ts";
import { ownReport } from "../doctor/own-checks.ts";
import { AUDIENCE, type Issuer, startIssuer } from "../testing/issuer.ts";
import { type TestApi, testApi } from "../testing/test-api.ts";
import { issuerKeys } from "./issuer-keys.ts";
import { TokenCallers } from "./oidc.ts";

const CALLERS = [
  { claim: "scope", value: "score", roles: ["caller"] },
  { claim: "realm_access.roles", value: "audit", roles: ["auditor"] },
];
let issuer: Issuer;
let api: TestApi;
const oidc = () => ({ issuer: issuer.url, audience: AUDIENCE, callers: CALLERS });

beforeAll(async () => {
  issuer = await startIssuer();
  api = await testApi({ config: { oidc: oidc() } });
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
});

const now = (): Date => api.context.clock.now();
const token = (claims: JWTPayload, options: { kid?: string; alg?: string } = {}) =>
  issuer.token({ sub: "shop", realm_access: { roles: ["audit"] }, ...claims }, { now: now(), ...options });
async function ask(bearer: string, path = "/api/v1/journal"): Promise<{ status: number; code: string | undefined }> {
  const response = await fetch(`${api.origin}${path}`, { headers: { authorization: `Bearer ${bearer}` } });
  const body = (await response.json()) as { error?: { code: string } };
  return { status: response.status, code: body.error?.code };
}
const seconds = (offset: number): number => Math.floor(now().getTime() / 1000) + offset;

test("its holder has the roles its claims map to, and no more", async () => {
  expect(await ask(await token({}))).toEqual({ status: 200, code: undefined });
  expect(await ask(await token({}), "/api/v1/users")).toMatchObject({ status: 403, code: "auth.forbidden" });
  const scored = await token({ scope: "other score", realm_access: {} });
  expect(await ask(scored)).toMatchObject({ status: 403, code: "auth.forbidden" });
  expect(await ask(await token({}), "/api/v1/session")).toMatchObject({ status: 403 });
});

test("what is not mapped, misnamed, out of time, of another audience or issuer is refused", async () => {
  const unmapped = { status: 403, code: "auth.token-unmapped" };
  expect(await ask(await token({ realm_access: { roles: ["audit x"] } }))).toEqual(unmapped);
  // A list in a text is read as one only where OAuth says so.
  expect(await ask(await token({ realm_access: { roles: "x audit" } }))).toEqual(unmapped);
  const refused = { status: 401, code: "auth.token" };
  for (const claims of [
    { exp: seconds(-31) },
    { exp: undefined },
    { iat: undefined },
    { iat: seconds(-25 * 3600) },
    { iat: seconds(3600) },
    { nbf: seconds(60) },
    { aud: "another" },
    { iss: "https://elsewhere.example" },
    { sub: undefined },
    { sub: "a b" },
    { sub: "x".repeat(201) },
  ] as JWTPayload[])
    expect(await ask(await token(claims)), JSON.stringify(claims)).toEqual(refused);
  // Two clocks may differ by as much as is configured.
  expect(await ask(await token({ exp: seconds(-20) }))).toMatchObject({ status: 200 });
});

test("no algorithm but the asymmetric ones counts, and no key but the issuer's", async () => {
  const refused = { status: 401, code: "auth.token" };
  expect(await ask(await token({}, { alg: "HS256" }))).toEqual(refused);
  const [header, payload] = [
    { alg: "none", kid: "first" },
    { iss: issuer.url, aud: AUDIENCE, sub: "shop" },
  ];
  const plain = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(payload))}`;
  expect(await ask(`${plain}.AA`)).toEqual(refused);
  const forged = (await token({})).split(".");
  expect(await ask([forged[0], forged[1], base64url.encode(new Uint8Array(64))].join("."))).toEqual(refused);
  const weak = generateKeyPairSync("rsa", { modulusLength: 1024 });
  await expect(new SignJWT({}).setProtectedHeader({ alg: "RS256" }).sign(weak.privateKey)).rejects.toThrow("2048");
  expect(await ask("x".repeat(9000))).toMatchObject({ status: 401, code: "auth.session" });
});

test("unknown key ids have the keys fetched once in a while, not once a token", async () => {
  await issuer.addKey("second");
  const before = issuer.asked;
  for (let i = 0; i < 5; i++) await ask(await token({ jti: `${i}` }, { kid: "second" }));
  expect(issuer.asked - before).toBeLessThanOrEqual(1);
});

test("a new key is found, an old one that is gone counts no more, and a provider that is away is said to be", async () => {
  await using own = await startIssuer();
  const config = { ...oidc(), issuer: own.url };
  await using fresh = await testApi({ config: { oidc: config } });
  const at = fresh.context.clock.now();
  const claims = { sub: "shop", scope: "score" };
  const open = async () => (await TokenCallers.open(fresh.context))!;
  own.broken = 503;
  const away = await open();
  await expect(away.callerOf(await own.token(claims, { now: at }))).rejects.toMatchObject({ code: "transport.issuer" });
  expect((await ownReport(fresh.context)).steps.find(({ step }) => step === "tokens")).toMatchObject({ ok: false });
  own.broken = undefined;
  await own.addKey("next", true);
  const there = await open();
  expect(await there.callerOf(await own.token(claims, { now: at, kid: "next" }))).toMatchObject({
    ...{ kind: "token", id: "oidc:shop", roles: ["caller"] },
  });
  await expect(there.callerOf(await own.token(claims, { now: at }))).rejects.toMatchObject({ code: "auth.token" });
  const report = await ownReport(fresh.context);
  expect(report.steps.find(({ step }) => step === "tokens")?.message).toContain("1 key(s)");
});

test("a provider that failed is asked again after a pause, however many tokens came meanwhile", async () => {
  await using own = await startIssuer();
  let time = 0;
  const keys = issuerKeys({ issuer: own.url }, () => time);
  const find = (kid = "first") => keys({ alg: "ES256", kid }, { payload: "", signature: "" });
  const away = { code: "transport.issuer" };
  own.broken = 503;
  for (let i = 0; i < 2; i++) await expect(find()).rejects.toMatchObject(away);
  own.broken = undefined;
  // Its keys are away longer than its document.
  own.brokenKeys = 500;
  time += 31_000;
  for (let i = 0; i < 3; i++) await expect(find()).rejects.toMatchObject(away);
  expect(own.asked).toBe(1);
  own.brokenKeys = undefined;
  await expect(find()).rejects.toMatchObject(away);
  time += 31_000;
  expect(await find()).toMatchObject({ type: "public" });
  await expect(find("unknown")).rejects.toMatchObject({ code: "ERR_JWKS_NO_MATCHING_KEY" });
  expect(own.asked).toBe(2);
});

test("keys may come from a file; a plain or doubtful issuer is no setting", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tombolo-jwks-"));
  const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const file = join(folder, "keys.json");
  writeFileSync(file, JSON.stringify({ keys: [{ ...(await exportJWK(pair.publicKey)), kid: "f", alg: "ES256" }] }));
  const issuerUrl = "https://login.bank.example";
  await using own = await testApi({ config: { oidc: { ...oidc(), issuer: issuerUrl, jwksFile: file } } });
  const at = Math.floor(own.context.clock.now().getTime() / 1000);
  const claims = { iss: issuerUrl, aud: AUDIENCE, sub: "shop", scope: "score", iat: at, exp: at + 60 };
  const signed = await new SignJWT(claims).setProtectedHeader({ alg: "ES256", kid: "f" }).sign(pair.privateKey);
  const callers = (await TokenCallers.open(own.context))!;
  expect(await callers.callerOf(signed)).toMatchObject({ id: "oidc:shop" });
  expect(callers.isFresh(signed)).toBe(true);
  own.context.clock.advance(2);
  expect(callers.isFresh(signed)).toBe(false);
  writeFileSync(file, "{}");
  await expect(TokenCallers.open(own.context)).rejects.toMatchObject({ code: "input.config" });
  rmSync(folder, { recursive: true });
  for (const wrong of ["http://login.bank.example", "ftp://127.0.0.1", "https://u@bank.example", "bank"])
    expect(() => checkConfig({ party: "bank", name: "Bank", oidc: { ...oidc(), issuer: wrong } })).toThrow("issuer");
  const asker = [{ claim: "a", value: "b", roles: ["approver"] }];
  expect(() => checkConfig({ party: "bank", name: "Bank", oidc: { ...oidc(), callers: asker } })).toThrow("roles");
});
