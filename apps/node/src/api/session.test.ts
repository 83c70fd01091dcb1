import { afterAll, beforeAll, expect, test } from "vitest";
import { createUser } from "../auth/users.ts";
import { systemActor } from "../context.ts";
import { PASSWORD, Person, type TestApi, testApi, tokenOf } from "../testing/test-api.ts";

let api: TestApi;
let admin: Person;
beforeAll(async () => {
  api = await testApi();
  admin = await api.person("root", "admin");
}, 60_000);
afterAll(() => api[Symbol.asyncDispose](), 60_000);

const newUser = async (username: string): Promise<string> =>
  tokenOf(
    (await createUser(api.context, systemActor, { username, displayName: username, roles: ["analyst"] })).link.url,
  );
const signIn = (person: Person, username: string, password: string) =>
  person.client.call("signIn", { body: { username, password } });

test("a one-time link shows whose it is, works once, and signs in", async () => {
  const token = await newUser("once");
  const person = new Person(api.origin);
  expect(await person.client.call("linkInfo", { params: { token } })).toMatchObject({
    username: "once",
    party: "Test bank",
  });
  await person.enter(token, PASSWORD);
  expect((await person.client.call("me")).user).toMatchObject({ username: "once", active: true });
  await expect(new Person(api.origin).enter(token, PASSWORD)).rejects.toMatchObject({ status: 401, code: "auth.link" });
});

test("of two uses of a link at the same time one wins", async () => {
  const token = await newUser("race");
  const results = await Promise.allSettled([1, 2].map(() => new Person(api.origin).enter(token, PASSWORD)));
  expect(results.map((each) => each.status).sort()).toEqual(["fulfilled", "rejected"]);
});

test("a link ends after 15 minutes", async () => {
  const token = await newUser("late");
  api.context.clock.advance(15);
  await expect(new Person(api.origin).enter(token, PASSWORD)).rejects.toMatchObject({ code: "auth.link" });
});

test("weak and short passwords are refused and leave the link usable", async () => {
  const token = await newUser("weak");
  const person = new Person(api.origin);
  await expect(person.enter(token, "short")).rejects.toMatchObject({ status: 400, code: "input.request" });
  await expect(person.enter(token, "aaaaaaaaaaaaaa")).rejects.toMatchObject({ code: "input.password" });
  await expect(person.enter(token, "my weak password")).rejects.toMatchObject({ code: "input.password" });
  await person.enter(token, PASSWORD);
});

test("secrets are in the database only as hashes", async () => {
  const token = await newUser("hashed");
  const { secret } = await admin.client.call("createApiKey", { body: { name: "k", roles: ["auditor"] } });
  const { db } = api.context.store;
  const rows = [
    await db.selectFrom("users").selectAll().execute(),
    await db.selectFrom("one_time_links").selectAll().execute(),
    await db.selectFrom("sessions").selectAll().execute(),
    await db.selectFrom("api_keys").selectAll().execute(),
    await db.selectFrom("journal_entries").selectAll().execute(),
  ];
  const text = JSON.stringify(rows, (_, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value,
  );
  const session = admin.cookie.slice(admin.cookie.indexOf("=") + 1);
  for (const each of [token, secret, session, PASSWORD]) expect(text).not.toContain(each);
  expect(text).toContain("$argon2id$v=19$m=19456,t=2,p=1$");
});

test("the cookie is strict; signing in makes a new session, signing out ends it", async () => {
  await api.person("cookie", "analyst");
  const response = await fetch(`${api.origin}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "cookie", password: PASSWORD }),
  });
  expect(response.headers.getSetCookie()[0]).toMatch(/^tombolo-bank=\S{43}; Path=\/; HttpOnly; SameSite=Strict$/);
  const person = new Person(api.origin);
  person.csrf = (await signIn(person, "cookie", PASSWORD)).csrfToken;
  const { cookie } = person;
  await person.client.call("signOut");
  person.cookie = cookie;
  await expect(person.client.call("me")).rejects.toMatchObject({ status: 401, code: "auth.session" });
});

test("without the CSRF token, or from another site, nothing is changed", async () => {
  const person = await api.person("csrf", "admin");
  const post = (headers: Record<string, string>) =>
    fetch(`${api.origin}/api/v1/api-keys`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: person.cookie, ...headers },
      body: JSON.stringify({ name: "stolen", roles: ["admin"] }),
    });
  expect((await post({})).status).toBe(403);
  expect((await post({ "x-csrf-protection": "x" })).status).toBe(403);
  expect((await post({ "x-csrf-protection": person.csrf!, "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await post({ "x-csrf-protection": person.csrf!, "sec-fetch-site": "same-origin" })).status).toBe(200);
});

test("a foreign Host is refused on loopback", async () => {
  const answer = await api.server.inject({ url: "/api/v1/health", headers: { host: "evil.example:7500" } });
  expect(answer.statusCode).toBe(421);
});

test("a session ends when idle, and after its absolute limit however busy", async () => {
  const person = await api.person("idle", "analyst");
  api.context.clock.advance(29);
  await person.client.call("me");
  api.context.clock.advance(29);
  await person.client.call("me");
  api.context.clock.advance(31);
  await expect(person.client.call("me")).rejects.toMatchObject({ code: "auth.session" });
  person.csrf = (await signIn(person, "idle", PASSWORD)).csrfToken;
  // What a page asks for with nobody at the screen is no activity.
  const unattended = () =>
    fetch(`${api.origin}/api/v1/session`, { headers: { cookie: person.cookie, "x-unattended": "1" } });
  api.context.clock.advance(20);
  expect((await unattended()).status).toBe(200);
  api.context.clock.advance(20);
  expect((await unattended()).status).toBe(401);
  person.csrf = (await signIn(person, "idle", PASSWORD)).csrfToken;
  for (let minutes = 0; minutes < 12 * 60; minutes += 20) {
    await person.client.call("me");
    api.context.clock.advance(20);
  }
  await expect(person.client.call("me")).rejects.toMatchObject({ code: "auth.session" });
  admin = await api.person("root2", "admin");
}, 60_000);

test("after five failures the user waits at that address, longer each time; a reset helps", async () => {
  await api.person("locked", "analyst");
  const person = new Person(api.origin);
  for (let i = 0; i < 5; i++)
    await expect(signIn(person, "locked", "wrong password")).rejects.toMatchObject({
      status: 401,
      code: "auth.credentials",
    });
  await expect(signIn(person, "locked", PASSWORD)).rejects.toMatchObject({ status: 429, code: "auth.locked" });
  api.context.clock.advance(1.1);
  await expect(signIn(person, "locked", "wrong password")).rejects.toMatchObject({ code: "auth.credentials" });
  api.context.clock.advance(1.1);
  await expect(signIn(person, "locked", PASSWORD)).rejects.toMatchObject({ code: "auth.locked" });
  const { items } = await admin.client.call("listUsers");
  const id = items.find((user) => user.username === "locked")!.id;
  const link = await admin.client.call("resetUser", { params: { id } });
  await person.enter(tokenOf(link.url), `${PASSWORD} 2`);
  await signIn(person, "locked", `${PASSWORD} 2`);
});

test("an unknown user is refused in the same words and about the same time", async () => {
  const person = new Person(api.origin);
  const timed = async (username: string): Promise<[code: string, message: string, ms: number]> => {
    const started = performance.now();
    const error = await signIn(person, username, "wrong password").catch((each) => each);
    return [error.code, error.message, performance.now() - started];
  };
  await timed("nobody-0");
  const [unknown, known] = [await timed("nobody-1"), await timed("root2")];
  expect(unknown.slice(0, 2)).toEqual(known.slice(0, 2));
  // argon2 dominates both; a skipped hash would be tens of times faster.
  expect(unknown[2]).toBeGreaterThan(known[2] / 5);
});

test("changing the password ends every other session", async () => {
  const person = await api.person("changer", "analyst");
  const other = new Person(api.origin);
  await signIn(other, "changer", PASSWORD);
  await person.client.call("changePassword", { body: { current: PASSWORD, next: "another good password" } });
  await expect(other.client.call("me")).rejects.toMatchObject({ code: "auth.session" });
  await person.client.call("me");
  await expect(signIn(other, "changer", PASSWORD)).rejects.toMatchObject({ code: "auth.credentials" });
});

test("a disabled user is out at once, and the last administrator stays", async () => {
  const person = await api.person("leaver", "analyst");
  const { items } = await admin.client.call("listUsers");
  const idOf = (name: string) => items.find((user) => user.username === name)!.id;
  await admin.client.call("updateUser", { params: { id: idOf("leaver") }, body: { disabled: true } });
  await expect(person.client.call("me")).rejects.toMatchObject({ code: "auth.session" });
  await expect(signIn(person, "leaver", PASSWORD)).rejects.toMatchObject({ code: "auth.credentials" });
  for (const user of items.filter((each) => each.roles.includes("admin") && each.username !== "root2"))
    await admin.client.call("updateUser", { params: { id: user.id }, body: { roles: ["auditor"] } });
  const last = admin.client.call("updateUser", { params: { id: idOf("root2") }, body: { disabled: true } });
  await expect(last).rejects.toMatchObject({ status: 409, code: "state.last-admin" });
});

test("an API key works without CSRF, ends on its day, and dies when deleted", async () => {
  const { secret, key } = await admin.client.call("createApiKey", {
    body: { name: "scores", roles: ["analyst"], days: 1 },
  });
  const call = (bearer: string) =>
    fetch(`${api.origin}/api/v1/datasets`, { headers: { authorization: `Bearer ${bearer}` } });
  expect((await call(secret)).status).toBe(200);
  expect((await call(`${secret}x`)).status).toBe(401);
  await admin.client.call("deleteApiKey", { params: { id: key.id } });
  expect((await call(secret)).status).toBe(401);
  const short = await admin.client.call("createApiKey", { body: { name: "short", roles: ["analyst"], days: 1 } });
  api.context.clock.advance(24 * 60 + 1);
  expect((await call(short.secret)).status).toBe(401);
});

test("without an identity provider people have passwords alone", async () => {
  const { client } = new Person(api.origin);
  expect(await client.call("signInProvider")).toEqual({ provider: null });
  await expect(client.call("startSignIn")).rejects.toMatchObject({ code: "state.provider" });
});
