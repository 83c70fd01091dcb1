/** People sign in at an identity provider, over HTTP, at the real server: who comes in, as whom, with what, and who does not. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Me } from "@tombolo/sdk";
import type { JWTPayload } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkConfig } from "../config/config.ts";
import { CLIENT, type Issuer, startIssuer } from "../testing/issuer.ts";
import { Person, type TestApi, testApi } from "../testing/test-api.ts";
import { Provider } from "./provider.ts";

const ROLES = [
  { claim: "groups", value: "asks", roles: ["analyst"] },
  { claim: "groups", value: "decides", roles: ["approver"] },
];
const folder = mkdtempSync(join(tmpdir(), "tombolo-provider-"));
const clientSecretFile = join(folder, "secret");
let issuer: Issuer;
let api: TestApi;

const config = (more: object = {}) => ({
  signIn: { issuer: issuer.url, clientId: CLIENT.id, clientSecretFile, roles: ROLES, ...more },
});
beforeAll(async () => {
  writeFileSync(clientSecretFile, `${CLIENT.secret}\n`);
  issuer = await startIssuer();
  api = await testApi({ config: config() });
  api.context.clock.time = new Date();
});
afterAll(async () => {
  await api?.[Symbol.asyncDispose]();
  await issuer?.[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const LI = { sub: "00u1", preferred_username: "Li.Lei@bank.example", name: "李雷", groups: ["asks"] };

async function enter(claims: JWTPayload, person = new Person(api.origin)): Promise<{ person: Person; me: Me }> {
  const { url, binding } = await person.client.call("startSignIn");
  const me = await person.client.call("finishSignIn", { body: { ...issuer.signIn(url, claims), binding } });
  person.csrf = me.csrfToken;
  return { person, me };
}
const refusal = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    ({ code }: { code: string }) => code,
  );

test("a person comes in by issuer and subject, the same one each time, with the roles that the claims map to", async () => {
  const anyone = new Person(api.origin);
  const { provider } = await anyone.client.call("signInProvider");
  expect(provider).toEqual({ name: new URL(issuer.url).host });
  const { url } = await anyone.client.call("startSignIn");
  const query = Object.fromEntries(new URL(url).searchParams);
  expect(query).toMatchObject({ response_type: "code", client_id: CLIENT.id, code_challenge_method: "S256" });
  expect(query.redirect_uri).toMatch(/\/signed-in$/);
  const { person, me } = await enter(LI);
  expect(me.user).toMatchObject({ username: "li.lei", displayName: "李雷", roles: ["analyst"], subject: "00u1" });
  expect((await person.client.call("me")).user.id).toBe(me.user.id);
  // Renamed at the provider, and given more: the same person, whose earlier sessions end.
  const again = await enter({ ...LI, preferred_username: "li", groups: ["decides", "asks"] });
  expect(again.me.user).toMatchObject({ id: me.user.id, username: "li.lei", roles: ["analyst", "approver"] });
  expect(await refusal(person.client.call("me"))).toBe("auth.session");
  await again.person.client.call("signOut");
  expect(await refusal(again.person.client.call("me"))).toBe("auth.session");
});

test("nobody comes in without a mapped role, twice by one code, by another browser's, or when disabled", async () => {
  expect(await refusal(enter({ ...LI, sub: "x", groups: ["else"] }))).toBe("auth.unmapped");
  const [mine, theirs] = [new Person(api.origin), new Person(api.origin)];
  const [a, b] = [await mine.client.call("startSignIn"), await theirs.client.call("startSignIn")];
  const brought = issuer.signIn(a.url, LI);
  const finish = (body: { code: string; state: string; binding: string }) =>
    refusal(mine.client.call("finishSignIn", { body }));
  expect(await finish({ ...brought, binding: b.binding })).toBe("auth.sign-in");
  expect(await finish({ ...brought, binding: a.binding })).toBe("auth.sign-in");
  const swapped = { ...issuer.signIn(a.url, LI), state: issuer.signIn(b.url, LI).state };
  expect(await finish({ ...swapped, binding: b.binding })).toBe("auth.sign-in");
  const admin = await api.person("root", "admin");
  const { me } = await enter({ ...LI, sub: "leaver", preferred_username: "leaver" });
  await admin.client.call("updateUser", { params: { id: me.user.id }, body: { disabled: true } });
  expect(await refusal(enter({ ...LI, sub: "leaver" }))).toBe("auth.account");
});

test.each<[string, JWTPayload]>([
  ["nonce", { nonce: "another" }],
  ["client", { aud: "another" }],
  ["issuer", { iss: "https://elsewhere.example" }],
  ["client among several", { aud: [CLIENT.id, "another"] }],
  ["party it is for", { azp: "another" }],
  ["time", { iat: Math.floor(Date.now() / 1000) - 3600 }],
])("an id token with another %s is refused", async (_, claims) => {
  expect(await refusal(enter({ ...LI, ...claims }))).toBe("auth.sign-in");
});

test("a local user stays one until an administrator says who it is at the provider", async () => {
  const local = await api.person("hanmei", "approver");
  const HAN = { sub: "00u2", preferred_username: "hanmei", groups: ["asks"] };
  expect(await refusal(enter(HAN))).toBe("auth.account");
  const admin = await api.person("root2", "admin");
  const { user } = await local.client.call("me");
  const params = { id: user.id };
  await admin.client.call("updateUser", { params, body: { subject: "00u2" } });
  expect(await refusal(local.client.call("me"))).toBe("auth.session");
  expect((await enter(HAN)).me.user).toMatchObject({ id: user.id, roles: ["analyst"] });
  expect(await refusal(admin.client.call("updateUser", { params, body: { roles: ["admin"] } }))).toBe("state.provider");
  expect(await refusal(admin.client.call("resetUser", { params }))).toBe("state.provider");
  const other = (await admin.client.call("me")).user.id;
  const tied = admin.client.call("updateUser", { params: { id: other }, body: { subject: "00u2" } });
  expect(await refusal(tied)).toBe("state.exists");
});

test("a sign-in takes ten minutes at most", async () => {
  const { client } = new Person(api.origin);
  const { url, binding } = await client.call("startSignIn");
  api.context.clock.advance(11);
  const finished = client.call("finishSignIn", { body: { ...issuer.signIn(url, LI), binding } });
  expect(await refusal(finished)).toBe("auth.sign-in");
});

test("a provider that is away is said so, and an unsafe one, or a client without its secret, is not taken", async () => {
  issuer.broken = 503;
  const provider = (await Provider.open(api.context))!;
  expect(await refusal(provider.begin())).toBe("transport.issuer");
  issuer.broken = undefined;
  const bad = { party: "bank", name: "Bank", ...config({ issuer: "http://login.bank.example" }) };
  expect(() => checkConfig(bad)).toThrow(/https/);
  const empty = {
    ...api.context,
    config: { ...api.context.config, ...config({ clientSecretFile: join(folder, "none") }) },
  };
  expect(await refusal(Provider.open(empty as typeof api.context))).toBe("input.config");
});
