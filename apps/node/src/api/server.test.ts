import { TomboloError } from "@tombolo/base";
import { allows, type Role, type Route, type RouteName, role, routes } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Person, type TestApi, testApi } from "../testing/test-api.ts";
import type { Handlers } from "./handlers.ts";

/** Behind the gate every route answers 418: what is tested is who gets that far. */
const reached = async (): Promise<never> => {
  throw new TomboloError("state.reached", "the handler was reached");
};
const beyond = Object.fromEntries(Object.keys(routes).map((name) => [name, reached])) as unknown as Handlers<RouteName>;

let api: TestApi;
const people = new Map<Role, Person>();
beforeAll(async () => {
  const { setPassword: _, ...others } = beyond;
  api = await testApi({ handlers: others });
  for (const each of role.options) people.set(each, await api.person(`the-${each}`, each));
}, 60_000);
afterAll(() => api[Symbol.asyncDispose](), 60_000);

const entries = Object.entries(routes) as [RouteName, Route][];
const call = (route: Route, person?: Person) =>
  api.server.inject({
    method: route.method,
    url: route.path.replace(/:\w+/g, "x1"),
    headers: {
      host: "127.0.0.1",
      ...(person === undefined ? {} : { cookie: person.cookie, "x-csrf-protection": person.csrf }),
    },
  });

test("every route exists, and without a sign-in only those that say so answer", async () => {
  for (const [name, route] of entries) {
    const { statusCode } = await call(route);
    if (route.permission === null) expect([200, 400, 409], name).toContain(statusCode);
    else expect(statusCode, name).toBe(401);
  }
});

test.each(role.options)("role %s reaches exactly the routes its permissions name", async (each) => {
  for (const [name, route] of entries) {
    if (route.permission === null) continue;
    const allowed = route.permission === "signed-in" || allows([each], route.permission);
    const { statusCode } = await call(route, people.get(each));
    // 400: it got as far as having its (empty) input checked.
    if (allowed) expect([400, 409], `${name} for ${each}`).toContain(statusCode);
    else expect(statusCode, `${name} for ${each}`).toBe(403);
  }
});

test("no route but those of the session answers nobody", () => {
  const open = entries.filter(([, route]) => route.permission === null).map(([name]) => name);
  expect(open.sort()).toEqual([
    ...["finishSignIn", "health", "linkInfo", "ready", "setPassword", "signIn"],
    ...["signInProvider", "startSignIn"],
  ]);
});

test("faults of the input come all at once, with their places", async () => {
  const person = people.get("admin")!;
  const bad = { username: "NO", displayName: "", roles: [] };
  const error = await person.client.call("createUser", { body: bad }).catch((each) => each);
  expect(error.status).toBe(400);
  expect(error.problems.map((each: { path: string }) => each.path).sort()).toEqual([
    "body.displayName",
    "body.roles",
    "body.username",
  ]);
});

test("an unexpected error tells its number and nothing else", async () => {
  const answer = await api.server.inject({ url: "/api/v1/health", headers: { host: "localhost" } });
  expect(answer.json().error.code).toBe("state.reached");
  const wrong = await api.server.inject({
    method: "POST",
    url: "/api/v1/session",
    headers: { host: "localhost", "content-type": "application/json" },
    payload: "{",
  });
  expect(wrong.statusCode).toBe(400);
  expect(wrong.json().error.code).toBe("input.request");
});

test("too large a body is refused", async () => {
  const payload = JSON.stringify({ username: "a", password: "x".repeat(2 ** 20) });
  const answer = await api.server.inject({
    method: "POST",
    url: "/api/v1/session",
    headers: { host: "localhost", "content-type": "application/json" },
    payload,
  });
  expect(answer.statusCode).toBe(413);
});

test("every answer carries the security headers", async () => {
  for (const url of ["/", "/api/v1/session", "/api/docs/json"]) {
    const { headers } = await api.server.inject({ url, headers: { host: "localhost" } });
    expect(headers["content-security-policy"]).toMatch(/default-src 'none'.*script-src 'self'.*frame-ancestors 'none'/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["referrer-policy"]).toBe("no-referrer");
  }
});

test("OpenAPI documents every route, and Swagger UI comes from this node alone", async () => {
  const document = (await api.server.inject({ url: "/api/docs/json", headers: { host: "localhost" } })).json();
  const ids = Object.values(document.paths as Record<string, Record<string, { operationId: string }>>)
    .flatMap((path) => Object.values(path))
    .map((operation) => operation.operationId);
  expect(ids.sort()).toEqual(Object.keys(routes).sort());
  const page = await api.server.inject({ url: "/api/docs/", headers: { host: "localhost" } });
  expect(page.statusCode).toBe(200);
  expect(page.body).not.toMatch(/(src|href)="https?:/);
});

test("a page of the console that is not built says so", async () => {
  const page = await api.server.inject({ url: "/jobs/1", headers: { host: "localhost", accept: "text/html" } });
  expect(page.statusCode).toBe(503);
  expect(page.body).toContain("The console is not built");
  const data = await api.server.inject({ url: "/api/v1/nothing", headers: { host: "localhost", accept: "text/html" } });
  expect(data.statusCode).toBe(404);
});
