import { constants, openAsBlob } from "node:fs";
import { access } from "node:fs/promises";
import { basename } from "node:path";
import type { Dataset, GrantDetail } from "@tombolo/sdk";
import { type Command, InvalidArgumentError } from "commander";
import { collect, wholeNumber, withNode } from "../command.ts";
import { bytes, fields, type Output, plain, print, table } from "../output.ts";

function showDataset(output: Output, dataset: Dataset): void {
  print(output, dataset, () =>
    [
      fields([
        ["dataset", dataset.id],
        ["name", dataset.name],
        ["rows", dataset.rowCount ?? "not shown"],
        ["published", dataset.published ? "yes" : "no"],
        ["snapshot", dataset.snapshot],
      ]),
      "",
      table(
        ["column", "type", "role", "filled", "distinct", "meaning"],
        dataset.columns.map((each) => [
          each.name,
          each.type,
          each.role,
          each.fillRate === null ? "-" : `${(100 * each.fillRate).toFixed(1)} %`,
          each.distinct ?? "-",
          each.meaning,
        ]),
        "no columns",
      ),
    ].join("\n"),
  );
}

const contentType = (path: string): string =>
  path.endsWith(".parquet") ? "application/vnd.apache.parquet" : "text/csv";

function datasetCommands(program: Command): void {
  const dataset = program.command("dataset").description("own tables");
  withNode(dataset.command("list").description("own datasets"), async ({ client, output }) => {
    const { items } = await client.call("listDatasets");
    print(output, items, () =>
      table(
        ["dataset", "name", "rows", "columns", "size", "published"],
        items.map((each) => [
          each.id,
          each.name,
          each.rowCount,
          each.columns.length,
          bytes(each.bytes ?? 0),
          each.published ? "yes" : "no",
        ]),
        "No datasets yet. `tombolo dataset import <file>` brings one in.",
      ),
    );
  });
  withNode<[string, { name?: string; id?: string; label?: string }]>(
    dataset
      .command("import <file>")
      .description("import a CSV or Parquet file")
      .option("--name <name>", "default: the file's name")
      .option("--id <column>", "what rows are matched by")
      .option("--label <column>", "what models are to predict"),
    async ({ client, output }, path, { name, id, label }) => {
      // openAsBlob says neither which file nor why.
      await access(path, constants.R_OK);
      const body = await openAsBlob(path);
      const query = {
        name: name ?? basename(path),
        filename: basename(path),
        ...(id === undefined ? {} : { id }),
        ...(label === undefined ? {} : { label }),
      };
      showDataset(output, await client.call("uploadDataset", { query, body }, { contentType: contentType(path) }));
    },
  );
  withNode<[string]>(
    dataset.command("show <dataset>").description("columns with their types, roles and how far they are filled"),
    async ({ client, output }, id) => showDataset(output, await client.call("getDataset", { params: { id } })),
  );
  withNode<[string, { withdraw?: boolean; statistics?: boolean }]>(
    dataset
      .command("publish <dataset>")
      .description("let partners see the dictionary")
      .option("--statistics", "also row count, fill rates and statistics")
      .option("--withdraw", "partners no longer see it"),
    async ({ client, output }, id, { withdraw = false, statistics = false }) => {
      const visibility = {
        rowCount: statistics,
        fillRate: statistics,
        distinct: statistics,
        statistics,
        top: statistics,
      };
      showDataset(
        output,
        await client.call("publishDataset", { params: { id }, body: { published: !withdraw, visibility } }),
      );
    },
  );
  withNode<[string]>(
    dataset.command("preview <dataset>").description("the first rows; they never leave this party"),
    async ({ client, output }, id) => {
      const rows = await client.call("previewDataset", { params: { id } });
      print(output, rows, () => table(rows.columns, rows.rows, "no rows"));
    },
  );
  withNode<[string]>(
    dataset.command("delete <dataset>").description("remove an own dataset"),
    async ({ client, output }, id) => {
      const answer = await client.call("deleteDataset", { params: { id } });
      print(output, answer, () => "deleted");
    },
  );
}

const USES = ["train", "score"] as const;
type Use = (typeof USES)[number];

function collectUse(value: string, previous: Use[] = []): Use[] {
  const use = USES.find((each) => each === value);
  if (use === undefined) throw new InvalidArgumentError(`Allowed are ${USES.join(" and ")}.`);
  return [...previous, use];
}

interface GrantOptions {
  owner: string;
  dataset: string;
  partner: string[];
  project?: string;
  purpose: string;
  receiver: string[];
  column?: string[];
  filter?: string;
  use?: Use[];
  uses: number;
  days: number;
  standing?: boolean;
  nameColumns?: boolean;
}

function grantText(grant: GrantDetail): string {
  const { terms } = grant;
  const list = (items: readonly string[], none: string): string => (items.length === 0 ? none : items.join(", "));
  return [
    fields([
      ["grant", grant.id],
      ["dataset", `${grant.datasetName} (${terms.datasetId}) of ${grant.owner}`],
      ["status", grant.status],
      ...(grant.reason === null ? [] : [["reason", grant.reason] as const]),
      ["asked by", grant.requestedBy],
      ["decided by", grant.decidedBy ?? "-"],
      ["partners", list(terms.partners, "-")],
      ["project", terms.projectId ?? "any"],
      ["purpose", terms.purpose],
      ["use", list(terms.use, "-")],
      ["columns", list(terms.columns, "all")],
      ["rows", terms.filter ?? "all"],
      ["components", list(terms.components, "any")],
      ["receivers", list(terms.receivers, "-")],
      ["uses left", `${grant.usesLeft} of ${terms.uses}`],
      ["expires", terms.expiresAt],
      ["names of columns", terms.columnNames === true ? "may be told with models" : "masked in models"],
      ["standing", terms.standing ? "yes" : "no"],
      ["jobs", list(grant.jobs, "none yet")],
    ]),
    ...grant.comments.map((each) => `  ${each.at} ${plain(each.by)} (${each.party}): ${plain(each.text)}`),
  ].join("\n");
}

function grantCommands(program: Command): void {
  const grant = program.command("grant").description("who may use what, for what, until when");
  withNode(grant.command("list").description("grants given and received"), async ({ client, output }) => {
    const { items } = await client.call("listGrants");
    print(output, items, () =>
      table(
        ["grant", "dataset", "owner", "direction", "status", "uses left", "expires", "reason"],
        items.map((each) => [
          each.id,
          each.datasetName,
          each.owner,
          each.direction,
          each.status,
          each.usesLeft,
          each.terms.expiresAt,
          each.reason,
        ]),
        "No grants yet. `tombolo grant request` asks a partner for one.",
      ),
    );
  });
  withNode<[string]>(
    grant.command("show <grant>").description("its terms, how it was decided and what was said about it"),
    async ({ client, output }, id) => {
      const found = await client.call("getGrant", { params: { id } });
      print(output, found, () => grantText(found));
    },
  );
  withNode<[GrantOptions]>(
    grant
      .command("request")
      .description("ask for a grant; an approver of the owner decides")
      .requiredOption("--owner <party>", "whose dataset it is")
      .requiredOption("--dataset <id>", "see `tombolo partner datasets <partner>`")
      .requiredOption("--partner <party>", "who may use it (repeatable)", collect)
      .requiredOption("--purpose <text>", "what for; the owner's approver reads it")
      .requiredOption("--receiver <party>", "who receives results (repeatable)", collect)
      .option("--project <id>", "only within this project")
      .option("--column <name>", "repeatable; default all", collect)
      .option("--filter <expression>", "rows it covers")
      .option("--use <train|score>", "repeatable; default both", collectUse)
      .option("--uses <n>", "number of uses", wholeNumber, 100)
      .option("--days <n>", "days until it expires", wholeNumber, 90)
      .option("--name-columns", "joint models may name its columns to the partners")
      .option("--standing", "jobs within the terms need no further approval"),
    async ({ client, output }, options) => {
      const made = await client.call("requestGrant", {
        body: {
          owner: options.owner,
          datasetId: options.dataset,
          partners: options.partner,
          projectId: options.project ?? null,
          components: [],
          columns: options.column ?? [],
          filter: options.filter ?? null,
          purpose: options.purpose,
          use: options.use ?? [...USES],
          receivers: options.receiver,
          expiresAt: new Date(Date.now() + options.days * 86_400_000).toISOString(),
          uses: options.uses,
          standing: options.standing === true,
          ...(options.nameColumns === true ? { columnNames: true } : {}),
        },
      });
      print(output, made, () => `asked: grant ${made.id}, ${made.status}`);
    },
  );
  withNode<[string]>(
    grant
      .command("confirm <grant>")
      .description("puts one in force again that was suspended when this node was restored from a backup"),
    async ({ client, output }, id) => {
      const confirmed = await client.call("confirmGrant", { params: { id } });
      print(output, confirmed, () => `grant ${confirmed.id} is ${confirmed.status}`);
    },
  );
  withNode<[string, { reason: string }]>(
    grant
      .command("revoke <grant>")
      .description("stops running jobs that use it and bars new ones")
      .requiredOption("--reason <text>", "the partners read it"),
    async ({ client, output }, id, { reason }) => {
      const revoked = await client.call("revokeGrant", { params: { id }, body: { reason } });
      print(output, revoked, () => `grant ${revoked.id} is ${revoked.status}`);
    },
  );
}

function projectCommands(program: Command): void {
  const project = program.command("project").description("collaborations");
  withNode(project.command("list").description("projects and who joined"), async ({ client, output }) => {
    const { items } = await client.call("listProjects");
    print(output, items, () =>
      table(
        ["project", "name", "status", "members"],
        items.map((each) => [
          each.id,
          each.name,
          each.status,
          each.members.map((member) => `${member.partyId} (${member.status.toLowerCase()})`).join(", "),
        ]),
        "No projects yet. `tombolo project create <name> --member <party>` proposes one.",
      ),
    );
  });
  withNode<[string, { member: string[]; description?: string }]>(
    project
      .command("create <name>")
      .description("propose a project; an approver of each member decides")
      .requiredOption("--member <party>", "a partner's party id (repeatable)", collect)
      .option("--description <text>", "what it is about"),
    async ({ client, output }, name, { member, description }) => {
      const made = await client.call("createProject", {
        body: { name, members: member, ...(description === undefined ? {} : { description }) },
      });
      print(output, made, () => `project ${made.id}: ${made.status}`);
    },
  );
}

export function dataCommands(program: Command): void {
  datasetCommands(program);
  grantCommands(program);
  projectCommands(program);
}
