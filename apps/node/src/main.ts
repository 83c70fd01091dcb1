#!/usr/bin/env node
/**
 * The party node. `start` puts the whole process together, top to bottom, in `startNode`; the other subcommands are in
 * commands/.
 */
import type { AddressInfo } from "node:net";
import { parseArgs } from "node:util";
import type { RouteName } from "@tombolo/sdk";
import { approvalsApi } from "./api/approvals.ts";
import { budgetsApi } from "./api/budgets.ts";
import { datasetsApi } from "./api/datasets.ts";
import { eventsApi } from "./api/events.ts";
import { flowsApi } from "./api/flows.ts";
import { grantsApi } from "./api/grants.ts";
import type { Handlers } from "./api/handlers.ts";
import { jobsApi } from "./api/jobs.ts";
import { journalApi } from "./api/journal.ts";
import { lookupsApi } from "./api/lookups.ts";
import { modelsApi } from "./api/models.ts";
import { nodeApi } from "./api/node.ts";
import { partnersApi } from "./api/partners.ts";
import { peopleApi } from "./api/people.ts";
import { projectsApi } from "./api/projects.ts";
import { questionsApi } from "./api/questions.ts";
import { schedulesApi } from "./api/schedules.ts";
import { buildServer } from "./api/server.ts";
import { servicesApi } from "./api/services.ts";
import { sessionApi } from "./api/session.ts";
import { consoleTls } from "./api/tls.ts";
import { consoleOrigin } from "./auth/origin.ts";
import { Provider } from "./auth/provider.ts";
import { settleRestored } from "./backup/settle.ts";
import { backup, restore } from "./commands/backup.ts";
import { type Command, outputOf, runCommand } from "./commands/command.ts";
import { directoryToStart } from "./commands/first-start.ts";
import { init } from "./commands/init.ts";
import { doctor, journal, key, keys, status, user } from "./commands/local.ts";
import { stopInOrder, stopSignal } from "./commands/until-stopped.ts";
import { openContext } from "./config/open-context.ts";
import { systemActor } from "./context.ts";
import { removeOrphans } from "./datasets/datasets.ts";
import { consoleFolder } from "./doctor/own-checks.ts";
import { serveControl } from "./operations/control.ts";
import { NodeMetrics } from "./operations/metrics.ts";
import { firstAdminLink } from "./operations/operations.ts";
import { listContracts } from "./partner/contract-rows.ts";
import { startServices } from "./partner/services.ts";
import { DayLimits } from "./questions/day-limits.ts";
import { QuestionLog } from "./questions/log.ts";
import { runSchedules } from "./schedules/clockwork.ts";
import { OnlineServices } from "./services/online.ts";
import { version } from "./version.ts";
import { runWebhook } from "./webhook/webhook.ts";

export interface RunningNode {
  readonly origin: string;
  readonly partnerPort: number;
  /** For the first admin, when nobody can sign in yet. */
  readonly firstLink: string | undefined;
  stop(): Promise<void>;
}

export async function startNode(directory: string, environment: NodeJS.ProcessEnv): Promise<RunningNode> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    const { context, close } = await openContext(directory, environment, { takeNextKeys: true });
    stops.push(close);
    const { config, log } = context;
    await removeOrphans(context);
    await settleRestored(context);

    const partners = await startServices(context);
    stops.push(() => partners.close());
    config.partner.port = partners.port;
    const online = new OnlineServices(partners.side);
    await online.start();
    const questions = { asked: new QuestionLog(context), days: new DayLimits(partners.side) };

    const metrics = new NodeMetrics(context, {
      partners: async () =>
        (await listContracts(context)).flatMap(({ status, party_id }) =>
          status === "APPROVED" && party_id !== null ? [party_id] : [],
        ),
      connection: (party) => partners.side.wire.connection(party),
      answered: () => partners.side.wire.answered(),
    });
    const handlers: Handlers<RouteName> = {
      ...sessionApi(context, await Provider.open(context)),
      ...peopleApi(context),
      ...nodeApi(context, partners.partnerReports, metrics),
      ...datasetsApi(context, partners.jobsUsing),
      ...journalApi(context),
      ...eventsApi(context),
      ...partnersApi(partners),
      ...grantsApi(partners),
      ...budgetsApi(partners),
      ...projectsApi(partners),
      ...jobsApi(partners),
      ...flowsApi(context),
      ...lookupsApi(partners),
      ...approvalsApi(partners),
      ...modelsApi(partners),
      ...schedulesApi(partners),
      ...servicesApi(partners, online, questions),
      ...questionsApi(partners, online, questions),
    };
    const server = await buildServer({ context, handlers, metrics, consoleFolder, tls: await consoleTls(context) });
    await server.listen({ host: config.api.host, port: config.api.port });
    stops.push(() => server.close());
    // Port 0 asks the system for one; links must name it.
    config.api.port = (server.server.address() as AddressInfo).port;

    const ending = new AbortController();
    const webhook = runWebhook(context, ending.signal);
    const schedules = runSchedules(partners.side, ending.signal);
    const services = online.run(ending.signal);
    const counting = questions.asked.run(ending.signal);
    stops.push(() => {
      ending.abort();
      return Promise.all([webhook, schedules, services, counting]);
    });
    const control = await serveControl(context, partners);
    stops.push(async () => control.close());

    const firstLink = (await firstAdminLink(context))?.url;
    await context.journal.append("node.started", systemActor, {
      en: `Node started (${version})`,
      zh: `节点已启动（${version}）`,
    });
    log.info({ version, console: consoleOrigin(config) }, "node started");
    return { origin: consoleOrigin(config), partnerPort: partners.port, firstLink, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const start: Command = {
  usage: `start [--dir <directory>]         runs the node until it is told to stop
      without --dir: TOMBOLO_DIR, else .tombolo in the home folder, made at the first start
      [--party <id>] [--name <name>] name the party when its directory is made`,
  async run(args) {
    const options = {
      dir: { type: "string" },
      party: { type: "string" },
      name: { type: "string" },
      json: { type: "boolean", default: false },
    } as const;
    const { values } = parseArgs({ args: [...args], options });
    const directory = await directoryToStart(values, process.env);
    const stopping = stopSignal();
    const node = await startNode(directory, process.env);
    const { origin, partnerPort, firstLink } = node;
    outputOf(values.json).print(
      { ready: true, console: origin, partnerPort, pid: process.pid, firstLink: firstLink ?? null },
      [
        `Console       ${origin}`,
        `Partner port  ${partnerPort}`,
        ...(firstLink === undefined ? [] : ["First sign-in as admin (once, within 15 minutes):", `  ${firstLink}`]),
      ],
    );
    await stopping;
    return stopInOrder(node.stop);
  },
};

const commands: Readonly<Record<string, Command>> = {
  ...{ init, start, status, doctor, user, key, keys, journal },
  ...{ backup, restore },
};

async function main([name = "help", ...args]: readonly string[]): Promise<number> {
  const command = commands[name];
  if (command !== undefined && !args.includes("--help")) return runCommand(command, args);
  const known = command === undefined ? Object.values(commands) : [command];
  process.stdout.write(`tombolo ${version}\n\n${known.map((each) => `  ${each.usage}\n`).join("")}\n`);
  process.stdout.write(
    "  --json prints one line of JSON. Exit codes: 0 ok, 1 failed, 2 wrong use, 3 refused, 4 not running or not reachable.\n",
  );
  return name === "help" || name === "--help" || command !== undefined ? 0 : 2;
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
