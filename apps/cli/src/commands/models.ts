import { constants, createWriteStream, openAsBlob } from "node:fs";
import { access } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { TomboloError } from "@tombolo/base";
import type { Model, ModelComparison, ModelDetail, ModelPermit, ModelUse, ModelVerification } from "@tombolo/sdk";
import { type Command, InvalidArgumentError, Option } from "commander";
import { collect, wholeNumber, withNode } from "../command.ts";
import { exitCodes, fields, type Output, plain, print, table } from "../output.ts";

const DAY_MS = 86_400_000;

const figure = (value: number | null): string =>
  value === null ? "-" : Number.isInteger(value) ? String(value) : value.toFixed(4);

const share = (value: number | null): string => (value === null ? "-" : `${(100 * value).toFixed(1)} %`);

const setting = (value: unknown): string => (typeof value === "object" ? JSON.stringify(value) : String(value));

/** Who has no labels learns no gain: its own splits are all it knows. */
const gainText = ({ gain, count }: { gain: number; count: number }): string =>
  gain === 0 && count > 0 ? "not known here" : gain.toFixed(3);

function stateText({ status, signed, permits, permitted, derivedFromRevoked }: Model): string {
  return [
    status.toLowerCase(),
    signed ? "signed by all" : "signatures missing",
    permits === 0 ? "by job approval" : `permits: ${permitted.join(" and ") || "none in force"}`,
    ...(derivedFromRevoked ? ["a grant behind it was revoked"] : []),
  ].join("; ");
}

function listText(items: readonly Model[]): string {
  return table(
    ["model", "name", "version", "state", "kind", "parties", "metrics", "created"],
    items.map((each) => [
      each.id,
      each.name,
      each.version ?? "-",
      stateText(each),
      each.kind,
      each.parties.map(({ party }) => party).join(", "),
      Object.entries(each.metrics)
        .map(([name, value]) => `${name} ${figure(value)}`)
        .join(", "),
      each.createdAt,
    ]),
    "No models yet: training leaves one.",
  );
}

const permitText = ({ terms, status, rowsLeft }: ModelPermit): string => {
  const { rowsMax } = terms;
  const limit = rowsLeft === null ? `${rowsMax} rows in all` : `${rowsLeft} of ${rowsMax} rows left`;
  const rows = rowsMax === null ? "any rows" : limit;
  return `${status.toLowerCase()}: ${terms.use.join(" and ")}, "${plain(terms.purpose)}", ${rows}, until ${terms.expiresAt}`;
};

function detailText(model: ModelDetail): string {
  return [
    fields([
      ["model", model.id],
      ["name", `${model.name}, version ${model.version ?? "-"}`],
      ["state", stateText(model)],
      ...(model.reason === null ? [] : [["reason", model.reason] as const]),
      ...(model.notes === "" ? [] : [["notes", model.notes] as const]),
      ["job", `${model.jobId}, task ${model.task}, consent ${model.lineage.consentHash}`],
      ["manifest", model.verification.manifestHash ?? "not complete"],
      ["data", model.lineage.datasets.map(({ party, datasetId }) => `${party} ${datasetId}`).join(", ")],
      ["steps", model.lineage.pipeline.map(({ task, component }) => `${task} (${component})`).join(" > ")],
    ]),
    "",
    table(
      ["part of", "role", "digest", "part signed", "manifest signed", "state", "permits"],
      model.parts.map((part) => [
        part.party,
        part.role,
        part.digest?.slice(0, 16) ?? "-",
        part.partSigned ? "yes" : "no",
        part.manifestSigned ? "yes" : "no",
        part.status?.toLowerCase() ?? "not told",
        part.permits.map(permitText).join("; ") || "none",
      ]),
      "no parts",
    ),
    "",
    ...model.parts.flatMap(({ party, steps }) => steps.map(({ en }) => `${party}: ${plain(en)}`)),
    ...(model.parts.some(({ steps }) => steps.length > 0) ? [""] : []),
    table(
      ["feature", "party", "gain", "splits"],
      model.importance.map((each) => [each.feature, each.party, gainText(each), each.count]),
      "no splits",
    ),
  ].join("\n");
}

const verificationText = ({ ok, checks }: ModelVerification): string =>
  [
    ...checks.map((check) => `${check.ok ? "ok     " : check.missing ? "missing" : "WRONG  "} ${check.text.en}`),
    ok ? "The model is what its parties signed." : "Do not use this model.",
  ].join("\n");

function comparisonText({ a, b, metrics, parameters, importance }: ModelComparison): string {
  const [left, right] = [a, b].map(({ name, version }) => `${name} ${version ?? "-"}`);
  const differing = parameters.filter((row) => setting(row.a) !== setting(row.b));
  return [
    table(
      ["metric", left!, right!],
      metrics.map((row) => [row.name, figure(row.a), figure(row.b)]),
      "no metrics",
    ),
    "",
    table(
      ["parameter", left!, right!],
      differing.map((row) => [row.name, setting(row.a), setting(row.b)]),
      "the same parameters",
    ),
    "",
    table(
      ["feature", "party", left!, right!],
      importance.map((row) => [row.feature, row.party, share(row.a), share(row.b)]),
      "no importance",
    ),
  ].join("\n");
}

const USES: readonly ModelUse[] = ["online", "batch"];
function collectUse(value: string, previous: ModelUse[] = []): ModelUse[] {
  const use = USES.find((each) => each === value);
  if (use === undefined) throw new InvalidArgumentError(`Allowed are ${USES.join(" and ")}.`);
  return [...previous, use];
}

function readCommands(model: Command): void {
  withNode<[{ all?: boolean }]>(
    model.command("list").description("versions, their state and figures").option("--all", "also those put away"),
    async ({ client, output }, { all = false }) => {
      const { items } = await client.call("listModels");
      const shown = all ? items : items.filter(({ status }) => status !== "ARCHIVED");
      print(output, shown, () => listText(shown));
    },
  );
  withNode<[string]>(
    model.command("show <model>").description("its parts and signatures, where it comes from, permits, columns"),
    async ({ client, output }, id) => {
      const found = await client.call("getModel", { params: { id } });
      print(output, found, () => detailText(found));
    },
  );
  withNode<[string]>(
    model.command("verify <model>").description("check file, record, manifest and every party's signatures"),
    async ({ client, output }, id) => {
      const found = await client.call("verifyModel", { params: { id } });
      print(output, found, () => verificationText(found));
      return found.ok ? exitCodes.ok : exitCodes.failed;
    },
  );
  withNode<[string, string]>(
    model.command("compare <model> <other>").description("metrics, parameters and importance side by side"),
    async ({ client, output }, id, other) => {
      const found = await client.call("compareModels", { params: { id, other } });
      print(output, found, () => comparisonText(found));
    },
  );
}

function describeCommands(model: Command): void {
  const say = (output: Output, found: Model): void =>
    print(output, found, () => `${found.name}, version ${found.version ?? "-"} (${found.id}): ${stateText(found)}`);
  withNode<[string, string | undefined, { notes?: string }]>(
    model
      .command("name <model> [name]")
      .description("the name it is a version of; a new name makes a new entry")
      .option("--notes <text>", "what people should know of it"),
    async ({ client, output }, id, name, { notes }) => {
      const body = { ...(name === undefined ? {} : { name }), ...(notes === undefined ? {} : { notes }) };
      say(output, await client.call("describeModel", { params: { id }, body }));
    },
  );
  withNode<[string, { withdraw?: boolean }]>(
    model
      .command("publish <model>")
      .description("show name, version and notes to the partners that hold a part")
      .option("--withdraw", "they no longer see them"),
    async ({ client, output }, id, { withdraw = false }) =>
      say(output, await client.call("publishModel", { params: { id }, body: { published: !withdraw } })),
  );
  withNode<[string, { restore?: boolean }]>(
    model
      .command("archive <model>")
      .description("put it away; nothing may use it then")
      .option("--restore", "take it out again"),
    async ({ client, output }, id, { restore = false }) =>
      say(output, await client.call("archiveModel", { params: { id }, body: { archived: !restore } })),
  );
  withNode<[string, { reason: string }]>(
    model
      .command("withdraw <model>")
      .description("end this party's consent: what uses it stops at once, everywhere")
      .requiredOption("--reason <text>", "all parties read it"),
    async ({ client, output }, id, { reason }) =>
      say(output, await client.call("withdrawModel", { params: { id }, body: { reason } })),
  );
}

interface PermitOptions {
  use: ModelUse[];
  purpose: string;
  rows?: number;
  days: number;
  party?: string[];
  message?: string;
}

function permitCommand(model: Command): void {
  withNode<[string, PermitOptions]>(
    model
      .command("approve <model>")
      .description("ask each party that holds a part to permit its use; an approver of each, who did not ask, decides")
      .requiredOption("--use <use>", "online or batch (repeatable)", collectUse)
      .requiredOption("--purpose <text>", "what for")
      .option("--rows <count>", "rows that may be scored in all; default: no limit", wholeNumber)
      .option("--days <count>", "for how long", wholeNumber, 90)
      .option("--party <party>", "ask this party only (repeatable); default: all that hold a part", collect)
      .option("--message <text>", "what the approvers should know"),
    async ({ client, output }, id, { use, purpose, rows, days, party, message }) => {
      const body = {
        use,
        purpose,
        rowsMax: rows ?? null,
        expiresAt: new Date(Date.now() + days * DAY_MS).toISOString(),
        parties: party ?? [],
        message: message ?? "",
      };
      const found = await client.call("requestPermit", { params: { id }, body });
      const asked = body.parties.length === 0 ? found.parties.map((each) => each.party) : body.parties;
      print(output, found, () => `Asked ${asked.join(", ")}. Approvers see it with \`tombolo approval list\`.`);
    },
  );
}

function transferCommands(model: Command): void {
  withNode<[string, { out: string; format: "sealed" | "json" }]>(
    model
      .command("export <model>")
      .description("the own part with manifest and signatures, one file to keep safe")
      .requiredOption("--out <file>", "where to write it")
      .addOption(
        new Option("--format <format>", "json: a document with its schema, for other software")
          .choices(["sealed", "json"])
          .default("sealed"),
      ),
    async ({ client, output }, id, { out, format }) => {
      const response = await client.call("exportModel", { params: { id }, query: { format } });
      if (response.body === null) throw new TomboloError("state.empty", "the export is empty");
      await pipeline(response.body, createWriteStream(out, { mode: 0o600 }));
      print(output, { file: out }, () => `written to ${out}`);
    },
  );
  withNode<[string]>(
    model.command("import <file>").description("a part that this party exported before, verified"),
    async ({ client, output }, path) => {
      // openAsBlob says neither which file nor why.
      await access(path, constants.R_OK);
      const body = await openAsBlob(path);
      const found = await client.call("importModel", { body }, { contentType: "application/octet-stream" });
      print(output, found, () => `${found.id}: ${stateText(found)}`);
    },
  );
}

export function modelCommands(program: Command): void {
  const model = program.command("model").description("the model library: versions with an own part");
  readCommands(model);
  describeCommands(model);
  permitCommand(model);
  transferCommands(model);
}
