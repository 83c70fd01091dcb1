import { TomboloError } from "@tombolo/base";
import type { CallInput, ServiceTraffic } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, type Session, wholeNumber, withNode } from "../command.ts";
import { exitCodes, print, table } from "../output.ts";
import { checkText, parseHost } from "./jobs.ts";
import { callCommands } from "./service-calls.ts";
import { type PlanOptions, planOf, planOptions, rollOutCommands } from "./service-roll-out.ts";
import { parseShare, show } from "./service-text.ts";

interface DeployOptions extends PlanOptions {
  model: string;
  host?: string[];
  asOf?: string[];
  hide?: boolean;
  until: string;
  set?: string[];
  title?: string;
  rowsPerDay?: number;
  rowsPerSecond?: number;
  challenger?: number;
  shadow?: boolean;
  fallback?: string;
  message?: string;
  dryRun?: boolean;
}

const wholeDay = (until: string): string => (/^\d{4}-\d\d-\d\d$/.test(until) ? `${until}T23:59:59Z` : until);

/** "timeoutMs=200", "output=band": JSON where it is JSON, else text. */
function parseSetting(text: string): [string, unknown] {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new TomboloError("input.arguments", `"${text}" is not name=value`, {
      remedy: "For example --set output=score",
    });
  try {
    return [name, JSON.parse(value) as unknown];
  } catch {
    return [name, value];
  }
}

/** "telco=updated": the column of that host's table that says when a row was true. */
function hostsOf({ host = [], asOf = [] }: DeployOptions) {
  const columns = new Map(asOf.map(parseAsOf));
  const hosts = host.map(parseHost).map((each) => ({ ...each, asOf: columns.get(each.partyId) ?? null }));
  for (const party of columns.keys())
    if (!hosts.some(({ partyId }) => partyId === party))
      throw new TomboloError("input.arguments", `--as-of names ${party}, which has no --host`);
  return hosts;
}

function parseAsOf(text: string): [party: string, column: string] {
  const [, party, column] = /^([^=]+)=(.+)$/s.exec(text) ?? [];
  if (party !== undefined && column !== undefined) return [party, column];
  throw new TomboloError("input.arguments", `"${text}" is not party=column`, {
    remedy: "For example --as-of telco=updated_at",
  });
}

/** A new service; or, of one that is there, a challenger or a shadow. */
async function deploy(session: Session, name: string, options: DeployOptions): Promise<number> {
  const { client, output } = session;
  const form = {
    modelId: options.model,
    hosts: hostsOf(options),
    hidden: options.hide === true,
    fallbackModelId: options.fallback ?? null,
    until: wholeDay(options.until),
    parameters: Object.fromEntries((options.set ?? []).map(parseSetting)),
    message: options.message ?? "",
  };
  const check = await client.call("serviceFlow", { body: { ...form, name } });
  if (options.dryRun === true || !check.ok) {
    print(output, check, () => checkText(check));
    return check.ok ? exitCodes.ok : exitCodes.usage;
  }
  const { challenger, shadow, rowsPerDay, rowsPerSecond } = options;
  const rollOut = planOf(options);
  if (challenger !== undefined || shadow === true || rollOut !== null) {
    const role = shadow === true ? ("shadow" as const) : ("challenger" as const);
    const body = { ...form, role, share: challenger ?? 0, rollOut };
    show(session, await client.call("deployModel", { params: { name }, body }));
    return exitCodes.ok;
  }
  const limits = {
    ...(rowsPerDay === undefined ? {} : { rowsPerDay }),
    ...(rowsPerSecond === undefined ? {} : { rowsPerSecond }),
  };
  show(session, await client.call("createService", { body: { ...form, name, title: options.title ?? name, limits } }));
  return exitCodes.ok;
}

interface ChangeOptions {
  title?: string;
  rowsPerDay?: number;
  rowsPerSecond?: number;
  traceDays?: number;
  driftMax?: number;
  caller?: string[];
  everyCaller?: boolean;
}

/** "key-1=5000": an API key and its own rows a day, or the key alone. */
function parseCaller(text: string): { keyId: string; rowsPerDay: number | null } {
  const [keyId = "", rows] = text.split("=");
  return { keyId, rowsPerDay: rows === undefined ? null : wholeNumber(rows) };
}

type Patch = CallInput<"changeService">["body"];

function patchOf({ title, caller, everyCaller, ...figures }: ChangeOptions): Patch {
  const callers = everyCaller === true ? null : caller?.map(parseCaller);
  const limits = { ...figures, ...(callers === undefined ? {} : { callers }) };
  if (title === undefined && Object.keys(limits).length === 0)
    throw new TomboloError("input.arguments", "nothing is to be changed", { remedy: "See `--help` for what can be." });
  return { limits, ...(title === undefined ? {} : { title }) };
}

const days = (text: string): number => (text === "0" ? 0 : wholeNumber(text));

function change(service: Command): void {
  withNode<[string, ChangeOptions]>(
    service
      .command("change <service>")
      .description(
        "quotas, rate, callers, how long scores are kept and what counts as drift; at once, no partner is asked",
      )
      .option("--title <text>", "what people call it")
      .option("--rows-per-day <n>", "quota of each caller", wholeNumber)
      .option("--rows-per-second <n>", "rate of all callers", wholeNumber)
      .option(
        "--caller <key[=rows]>",
        "an API key's id that may call, with rows a day of its own (repeatable)",
        collect,
      )
      .option("--every-caller", "every API key with the role caller may call")
      .option("--trace-days <n>", "scores are kept so long for outcomes; 0: not at all", days)
      .option("--drift-max <index>", "population stability index from which scores or inputs count as drifted", Number),
    async (session, name, options) =>
      show(session, await session.client.call("changeService", { params: { name }, body: patchOf(options) })),
  );
}

const ms = (value: number | null): string => (value === null ? "" : value.toFixed(1));
const named = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");

const trafficText = ({ minutes }: ServiceTraffic): string =>
  table(
    ["minute", "deployment", "calls", "rows", "p50 ms", "p99 ms", "refused", "by rule"],
    minutes.map(({ at, deployment, calls, rows, p50Ms, p99Ms, errors, policies }) => [
      ...[at, deployment, calls, rows, ms(p50Ms), ms(p99Ms)],
      ...[named(errors), named(policies)],
    ]),
    "nobody called it",
  );

function traffic(service: Command): void {
  withNode<[string, { minutes: number }]>(
    service
      .command("traffic <service>")
      .description("calls, latency, refusals and rules by the minute")
      .option("--minutes <n>", "how far back, at most 1440", wholeNumber, 60),
    async ({ client, output }, name, { minutes }) => {
      const found = await client.call("serviceTraffic", { params: { name }, query: { minutes } });
      print(output, found, () => trafficText(found));
    },
  );
}

export function serviceCommands(program: Command): void {
  const service = program.command("service").description("models in use: what business systems call");
  withNode<[string, DeployOptions]>(
    planOptions(
      service
        .command("deploy <service>")
        .description("put a model to use under a name; every party's approver says yes first")
        .requiredOption("--model <id>", "see `tombolo model list`")
        .requiredOption("--until <day>", "when it ends by itself, e.g. 2027-01-31")
        .option("--host <party=dataset:key[,key]>", "a host's table that answers (repeatable)", collect)
        .option(
          "--as-of <party=column>",
          "when that host's rows were true, for rows that grow old (repeatable)",
          collect,
        )
        .option("--hide", "hosts do not learn who is scored; their rows are those of the day it is deployed")
        .option("--fallback <model>", "of own columns alone, where a rule falls back on one")
        .option(
          "--set <name=value>",
          "of the serving component: what is answered, by which rules (repeatable)",
          collect,
        )
        .option("--title <text>", "what people call it")
        .option("--rows-per-day <n>", "quota of each caller", wholeNumber)
        .option("--rows-per-second <n>", "rate of all callers", wholeNumber)
        .option("--challenger <percent>", "beside the champion, for that share of calls", parseShare)
        .option("--shadow", "beside the champion, its answers only counted")
        .option("--message <text>", "what the approvers should know")
        .option("--dry-run", "only say what each side would learn, and whom it would wait for"),
    ),
    deploy,
  );
  withNode(service.command("list").description("services of this party"), async ({ client, output }) => {
    const { items } = await client.call("listServices");
    print(output, items, () =>
      table(
        ["service", "title", "state", "calls today", "rows today", "refused"],
        items.map(({ name, title, state, today }) => [name, title, state, today.calls, today.rows, today.errors]),
        "No services yet. `tombolo service deploy` makes one.",
      ),
    );
  });
  withNode<[string]>(
    service.command("show <service>").description("its deployments, drift and alerts"),
    async (session, name) => show(session, await session.client.call("getService", { params: { name } })),
  );
  change(service);
  traffic(service);
  withNode<[string, { reason: string }]>(
    service
      .command("stop <service>")
      .description("withdraw it: callers read the reason, all its deployments end")
      .requiredOption("--reason <text>", "what callers and partners should know"),
    async (session, name, { reason }) =>
      show(session, await session.client.call("stopService", { params: { name }, body: { reason } })),
  );
  callCommands(service);
  rollOutCommands(service);
}
