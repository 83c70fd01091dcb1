import { readFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import type { Deployment, ScoreCall, ScoreReply, Service } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, type Session, wholeNumber, withNode } from "../command.ts";
import { exitCodes, fields, plain, print, table } from "../output.ts";
import { checkText, parseHost } from "./jobs.ts";

interface DeployOptions {
  model: string;
  host?: string[];
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

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
const figure = (value: number | null): string => (value === null ? "" : value.toFixed(3));
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

/** A share of calls in percent. */
function parseShare(text: string): number {
  const share = Number(text) / 100;
  if (Number.isFinite(share) && share >= 0 && share <= 1) return share;
  throw new TomboloError("input.arguments", `"${text}" is not a percentage`, { remedy: "For example --challenger 10" });
}

const roleText = ({ role, share }: Deployment): string => (role === "challenger" ? `${role} ${percent(share)}` : role);

const serviceText = (service: Service): string =>
  [
    fields([
      ["service", service.name],
      ["title", service.title],
      [
        "state",
        service.stopped === null ? service.state : `STOPPED by ${service.stopped.by}: ${service.stopped.reason}`,
      ],
      ["today", `${service.today.calls} calls, ${service.today.rows} rows, ${service.today.errors} refused`],
      ["quota", `${service.limits.rowsPerDay} rows a day and caller, ${service.limits.rowsPerSecond} a second in all`],
    ]),
    "",
    table(
      ["deployment", "as", "state", "model", "until", "drift", "AUC", "why"],
      service.deployments.map((each) => [
        each.id,
        roleText(each),
        each.state,
        each.modelName,
        each.until,
        figure(each.scores.index),
        figure(each.performance.auc),
        each.failure?.message,
      ]),
      "no deployments",
    ),
    ...(service.alerts.length === 0
      ? []
      : [
          "",
          table(
            ["alert", "deployment", "drift", "since", "until"],
            service.alerts.map(({ about, deployment, index, at, endedAt }) => [
              about,
              deployment,
              figure(index),
              at,
              endedAt,
            ]),
            "",
          ),
        ]),
  ].join("\n");

const show = ({ output }: Session, service: Service): void => print(output, service, () => serviceText(service));

/** A new service; or, of one that is there, a challenger or a shadow. */
async function deploy(session: Session, name: string, options: DeployOptions): Promise<number> {
  const { client, output } = session;
  const form = {
    modelId: options.model,
    hosts: (options.host ?? []).map(parseHost),
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
  if (challenger !== undefined || shadow === true) {
    const role = shadow === true ? ("shadow" as const) : ("challenger" as const);
    const body = { ...form, role, share: challenger ?? 0 };
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

interface CallOptions {
  id?: string[];
  feature?: string[];
  rows?: string;
  key?: string;
}

/** Rows from a JSON file ([{"id": ..., "features": {...}}]), or ids that share the features given. */
async function rowsOf({ id = [], feature = [], rows }: CallOptions): Promise<ScoreCall["rows"]> {
  if (rows !== undefined) return (await readJson(rows)) as ScoreCall["rows"];
  const features = Object.fromEntries(feature.map(parseFeature));
  if (id.length === 0)
    throw new TomboloError("input.arguments", "no id is given", { remedy: "Use --id, or --rows with a file." });
  return id.map((each) => (feature.length === 0 ? { id: each } : { id: each, features }));
}

/** What is in it the node checks. */
async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new TomboloError("input.file", `${path} is not JSON`, { cause, remedy: "See `--help` for its form." });
  }
}

type Cell = NonNullable<ScoreCall["rows"][number]["features"]>[string];
function parseFeature(text: string): [string, Cell] {
  const at = text.indexOf("=");
  if (at < 1)
    throw new TomboloError("input.arguments", `"${text}" is not column=value`, {
      remedy: "For example --feature age=35",
    });
  const value = text.slice(at + 1);
  return [text.slice(0, at), value === "" ? null : Number.isNaN(Number(value)) ? value : Number(value)];
}

const replyText = ({ traceId, deployment, rows }: ScoreReply): string =>
  [
    fields([
      ["trace", traceId],
      ["deployment", deployment],
    ]),
    "",
    table(
      ["row", "answer", "by rule", "refused"],
      rows.map(({ score, band, decision, policy, refusal }, row) => [
        row,
        score ?? band ?? decision,
        policy == null ? "" : `${policy.instead}: ${policy.cause} at ${policy.party}`,
        refusal?.message,
      ]),
      "no rows",
    ),
  ].join("\n");

function use(service: Command): void {
  withNode<[string, CallOptions]>(
    service
      .command("call <service>")
      .description("score ids, as a business system would")
      .option("--id <id>", "whom to score (repeatable)", collect)
      .option("--feature <column=value>", "an own feature of theirs (repeatable)", collect)
      .option("--rows <file.json>", '[{"id": "...", "features": {...}}]')
      .option("--key <text>", "idempotency key: the same one gets the same answer for ten minutes"),
    async ({ client, output }, name, options) => {
      const reply = await client.call(
        "callService",
        { params: { name }, body: { rows: await rowsOf(options) } },
        options.key === undefined ? {} : { idempotencyKey: options.key },
      );
      print(output, reply, () => replyText(reply));
    },
  );
  withNode<[string, string]>(
    service
      .command("outcomes <service> <file.json>")
      .description('say what became of the scored: [{"traceId": "...", "row": 0, "outcome": 1}]'),
    async ({ client, output }, name, path) => {
      const items = (await readJson(path)) as { traceId: string; outcome: number }[];
      const kept = await client.call("sendOutcomes", { params: { name }, body: { items } });
      print(
        output,
        kept,
        () => `${kept.kept} kept${kept.unknown.map((trace) => `\nnot known: ${plain(trace)}`).join("")}`,
      );
    },
  );
}

function hosting(service: Command): void {
  withNode<[string, string]>(
    service
      .command("rows <job> <file.json>")
      .description(
        'change own rows that answer in a service: [{"put": {"id": "...", "features": {...}}}, {"remove": "..."}]',
      ),
    async ({ client, output }, id, path) => {
      const changes = (await readJson(path)) as { remove: string }[];
      const taken = await client.call("changeServedRows", { params: { id }, body: { changes } });
      const refused = taken.changes.flatMap(({ refusal }, row) =>
        refusal === undefined ? [] : [`\nchange ${row} refused: ${plain(refusal.message)}`],
      );
      const done = taken.changes.filter((each) => each.done === true).length;
      print(output, taken, () => `${done} of ${taken.changes.length} taken${refused.join("")}`);
    },
  );
}

function rollOut(service: Command): void {
  withNode<[string, string, string]>(
    service
      .command("share <service> <deployment> <percent>")
      .description("let a deployment answer that share of calls; 0: it stands by"),
    async (session, name, id, share) => {
      const of = parseShare(share);
      const role = of > 0 ? ("challenger" as const) : ("standby" as const);
      const body = { deployments: [{ id, role, share: of }] };
      show(session, await session.client.call("setShares", { params: { name }, body }));
    },
  );
  withNode<[string, string]>(
    service.command("promote <service> <deployment>").description("make it the champion; the one before stands by"),
    async (session, name, deployment) =>
      show(session, await session.client.call("promoteDeployment", { params: { name, deployment } })),
  );
  withNode<[string]>(
    service.command("rollback <service>").description("back to the champion before"),
    async (session, name) => show(session, await session.client.call("rollBackService", { params: { name } })),
  );
  withNode<[string, string, { reason: string }]>(
    service
      .command("retire <service> <deployment>")
      .description("stop one deployment at every party")
      .requiredOption("--reason <text>", "what the others should know"),
    async (session, name, deployment, { reason }) =>
      show(session, await session.client.call("retireDeployment", { params: { name, deployment }, body: { reason } })),
  );
  withNode<[string, { reason: string }]>(
    service
      .command("stop <service>")
      .description("withdraw it: callers read the reason, all its deployments end")
      .requiredOption("--reason <text>", "what callers and partners should know"),
    async (session, name, { reason }) =>
      show(session, await session.client.call("stopService", { params: { name }, body: { reason } })),
  );
}

export function serviceCommands(program: Command): void {
  const service = program.command("service").description("models in use: what business systems call");
  withNode<[string, DeployOptions]>(
    service
      .command("deploy <service>")
      .description("put a model to use under a name; every party's approver says yes first")
      .requiredOption("--model <id>", "see `tombolo model list`")
      .requiredOption("--until <day>", "when it ends by itself, e.g. 2027-01-31")
      .option("--host <party=dataset:key[,key]>", "a host's table that answers (repeatable)", collect)
      .option("--fallback <model>", "of own columns alone, where a rule falls back on one")
      .option("--set <name=value>", "of boosting-serve: what is answered, by which rules (repeatable)", collect)
      .option("--title <text>", "what people call it")
      .option("--rows-per-day <n>", "quota of each caller", wholeNumber)
      .option("--rows-per-second <n>", "rate of all callers", wholeNumber)
      .option("--challenger <percent>", "beside the champion, for that share of calls", parseShare)
      .option("--shadow", "beside the champion, its answers only counted")
      .option("--message <text>", "what the approvers should know")
      .option("--dry-run", "only say what each side would learn, and whom it would wait for"),
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
  use(service);
  hosting(service);
  rollOut(service);
}
