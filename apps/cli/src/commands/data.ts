import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import type { Dataset } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, withNode } from "../command.ts";
import { bytes, fields, type Output, print, table } from "../output.ts";

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
  withNode(dataset.command("list"), async ({ client, output }) => {
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
      .option("--name <name>")
      .option("--id <column>", "id column")
      .option("--label <column>", "label column"),
    async ({ client, output }, path, { name, id, label }) => {
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
  withNode<[string]>(dataset.command("show <dataset>"), async ({ client, output }, id) =>
    showDataset(output, await client.call("getDataset", { params: { id } })),
  );
  withNode<[string, { withdraw?: boolean; statistics?: boolean }]>(
    dataset
      .command("publish <dataset>")
      .description("let partners see the dictionary")
      .option("--statistics", "also row count, fill rates and statistics")
      .option("--withdraw"),
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
  withNode<[string]>(dataset.command("preview <dataset>"), async ({ client, output }, id) => {
    const rows = await client.call("previewDataset", { params: { id } });
    print(output, rows, () => table(rows.columns, rows.rows, "no rows"));
  });
  withNode<[string]>(dataset.command("delete <dataset>"), async ({ client, output }, id) => {
    const answer = await client.call("deleteDataset", { params: { id } });
    print(output, answer, () => "deleted");
  });
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
  use: ("train" | "score")[];
  uses: string;
  days: string;
  standing?: boolean;
}

function grantCommands(program: Command): void {
  const grant = program.command("grant").description("who may use what, for what, until when");
  withNode(grant.command("list"), async ({ client, output }) => {
    const { items } = await client.call("listGrants");
    print(output, items, () =>
      table(
        ["grant", "dataset", "owner", "direction", "status", "uses left", "expires"],
        items.map((each) => [
          each.id,
          each.datasetName,
          each.owner,
          each.direction,
          each.status,
          each.usesLeft,
          each.terms.expiresAt,
        ]),
        "No grants yet. `tombolo grant request` asks a partner for one.",
      ),
    );
  });
  withNode<[GrantOptions]>(
    grant
      .command("request")
      .description("ask for a grant; an approver of the owner decides")
      .requiredOption("--owner <party>")
      .requiredOption("--dataset <id>")
      .requiredOption("--partner <party>", "who may use it (repeatable)", collect)
      .requiredOption("--purpose <text>")
      .requiredOption("--receiver <party>", "who receives results (repeatable)", collect)
      .option("--project <id>")
      .option("--column <name>", "repeatable; default all", collect)
      .option("--filter <expression>", "rows it covers")
      .option("--use <train|score>", "repeatable; default both", collect)
      .option("--uses <n>", "number of uses", "100")
      .option("--days <n>", "days until it expires", "90")
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
          use: options.use ?? ["train", "score"],
          receivers: options.receiver,
          expiresAt: new Date(Date.now() + Number(options.days) * 86_400_000).toISOString(),
          uses: Number(options.uses),
          standing: options.standing === true,
        },
      });
      print(output, made, () => `asked: grant ${made.id}, ${made.status}`);
    },
  );
  withNode<[string, { reason: string }]>(
    grant
      .command("revoke <grant>")
      .description("stops running jobs that use it and bars new ones")
      .requiredOption("--reason <text>"),
    async ({ client, output }, id, { reason }) => {
      const revoked = await client.call("revokeGrant", { params: { id }, body: { reason } });
      print(output, revoked, () => `grant ${revoked.id} is ${revoked.status}`);
    },
  );
}

function projectCommands(program: Command): void {
  const project = program.command("project").description("collaborations");
  withNode(project.command("list"), async ({ client, output }) => {
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
      .requiredOption("--member <party>", "repeatable", collect)
      .option("--description <text>"),
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
