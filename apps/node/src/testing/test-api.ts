/** The real server on a real context, called through the SDK's client over a real socket. For tests only. */
import type { AddressInfo } from "node:net";
import { Client, type Role, type RouteName } from "@tombolo/sdk";
import type { FastifyInstance } from "fastify";
import { datasetsApi } from "../api/datasets.ts";
import { eventsApi } from "../api/events.ts";
import type { Handlers } from "../api/handlers.ts";
import { journalApi } from "../api/journal.ts";
import { nodeApi } from "../api/node.ts";
import { peopleApi } from "../api/people.ts";
import { buildServer } from "../api/server.ts";
import { sessionApi } from "../api/session.ts";
import { Provider } from "../auth/provider.ts";
import { createUser } from "../auth/users.ts";
import { systemActor } from "../context.ts";
import { NodeMetrics } from "../operations/metrics.ts";
import { type TestContext, type TestContextOptions, testContext } from "./test-context.ts";

/** A browser in small: keeps the cookie, sends the CSRF token. */
export class Person {
  cookie = "";
  csrf: string | undefined;
  readonly client: Client;
  constructor(origin: string) {
    this.client = new Client({
      origin,
      csrfToken: () => this.csrf,
      fetch: async (url, init) => {
        const headers = { ...(init?.headers as Record<string, string>), cookie: this.cookie };
        const response = await fetch(url, { ...init, headers });
        const set = response.headers.getSetCookie()[0];
        if (set !== undefined) this.cookie = set.split(";")[0]!;
        return response;
      },
    });
  }
  async enter(token: string, password: string): Promise<void> {
    this.csrf = (await this.client.call("setPassword", { body: { token, password } })).csrfToken;
  }
}

export interface TestApi {
  readonly context: TestContext;
  readonly server: FastifyInstance;
  readonly origin: string;
  /** A signed-in person with these roles. */
  person(username: string, ...roles: Role[]): Promise<Person>;
  [Symbol.asyncDispose](): Promise<void>;
}

export const PASSWORD = "correct horse battery";

export interface TestApiOptions extends TestContextOptions {
  /** Laid over the node's own handlers, e.g. what the partner side brings. */
  readonly handlers?: Partial<Handlers<RouteName>>;
  readonly consoleFolder?: string;
}

export async function testApi(options: TestApiOptions = {}): Promise<TestApi> {
  const context = await testContext(options);
  const metrics = new NodeMetrics(context, { partners: async () => [], connection: () => null, answered: () => [] });
  const own = {
    ...sessionApi(context, await Provider.open(context)),
    ...peopleApi(context),
    ...nodeApi(context, async () => [], metrics),
    ...datasetsApi(context, async () => []),
    ...journalApi(context),
    ...eventsApi(context),
  };
  const handlers = { ...own, ...options.handlers } as Handlers<RouteName>;
  const server = await buildServer({
    context,
    handlers,
    metrics,
    consoleFolder: options.consoleFolder ?? "/nowhere",
    tls: undefined,
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  const origin = `http://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  return {
    ...{ context, server, origin },
    async person(username, ...roles) {
      const { link } = await createUser(context, systemActor, { username, displayName: username, roles });
      const person = new Person(origin);
      await person.enter(tokenOf(link.url), PASSWORD);
      return person;
    },
    async [Symbol.asyncDispose]() {
      await server.close();
      await context[Symbol.asyncDispose]();
    },
  };
}

export const tokenOf = (url: string): string => url.slice(url.indexOf("#") + 1);
