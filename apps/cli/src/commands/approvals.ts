import { TomboloError } from "@tombolo/base";
import type { ApprovalDetail, Client } from "@tombolo/sdk";
import type { Command } from "commander";
import { withNode } from "../command.ts";
import { plain, print, table } from "../output.ts";

/** A job is approved by the hash of what was read: the command line does not fill in what nobody looked at. */
async function wantNoHash(client: Client, id: string): Promise<void> {
  const { consentHash, status } = await client.call("getApproval", { params: { id } });
  if (consentHash === null || status !== "WAITING") return;
  throw new TomboloError("input.hash", "a job is approved by its consent hash, with --hash", {
    remedy: `Read \`tombolo approval show ${id}\`; its last lines name the hash of what you read.`,
  });
}

function detailText(detail: ApprovalDetail): string {
  return [
    `${detail.kind} ${detail.id}: ${plain(detail.title)}`,
    `asked by ${plain(detail.requestedBy)} of ${detail.requestedParty}, until ${detail.expiresAt}; ${detail.status}`,
    ...(detail.message === "" ? [] : ["", plain(detail.message)]),
    "",
    ...detail.statements.map((statement) => `  ${plain(statement.en)}`),
    ...(detail.diff === null || detail.diff.length === 0
      ? []
      : [
          "",
          "Changed since the last approved version:",
          ...detail.diff.map(
            (each) => `  ${each.path}: ${plain(JSON.stringify(each.before))} -> ${plain(JSON.stringify(each.after))}`,
          ),
        ]),
    ...(detail.consentHash === null ? [] : ["", `consent hash ${detail.consentHash}`]),
    ...detail.comments.map(
      (comment) => `  ${comment.at} ${plain(comment.by)} (${comment.party}): ${plain(comment.text)}`,
    ),
  ].join("\n");
}

export function approvalCommands(program: Command): void {
  const approval = program.command("approval").description("what waits for a decision");
  withNode<[{ all?: boolean }]>(
    approval
      .command("list")
      .description("what waits for this party's approvers")
      .option("--all", "also what was decided"),
    async ({ client, output }, { all = false }) => {
      const { items } = await client.call("listApprovals", { query: { status: all ? "all" : "waiting" } });
      print(output, items, () =>
        table(
          ["approval", "kind", "title", "asked by", "status", "expires"],
          items.map((each) => [
            each.id,
            each.kind,
            each.title,
            `${each.requestedBy} (${each.requestedParty})`,
            each.status,
            each.expiresAt,
          ]),
          "Nothing waits for you.",
        ),
      );
    },
  );
  withNode<[string]>(
    approval.command("show <approval>").description("what is asked, and what each party would learn"),
    async ({ client, output }, id) => {
      const detail = await client.call("getApproval", { params: { id } });
      print(output, detail, () => detailText(detail));
    },
  );
  withNode<[string, { hash?: string; reason: string }]>(
    approval
      .command("approve <approval>")
      .description("say yes; for a job, give the consent hash that was shown")
      .option("--hash <consent hash>", "of a job: the one `tombolo approval show` ends with")
      .option("--reason <text>", "the requester reads it", ""),
    async ({ client, output }, id, { hash, reason }) => {
      if (hash === undefined) await wantNoHash(client, id);
      const decided = await client.call("approve", { params: { id }, body: { consentHash: hash ?? null, reason } });
      print(output, decided, () => `${decided.kind} ${decided.id}: ${decided.status}`);
    },
  );
  withNode<[string, { reason: string }]>(
    approval
      .command("reject <approval>")
      .description("say no")
      .requiredOption("--reason <text>", "the requester reads it"),
    async ({ client, output }, id, { reason }) => {
      const decided = await client.call("reject", { params: { id }, body: { reason } });
      print(output, decided, () => `${decided.kind} ${decided.id}: ${decided.status}`);
    },
  );
  withNode<[string, string]>(
    approval.command("comment <approval> <text>").description("ask or tell the requester something"),
    async ({ client, output }, id, text) => {
      const detail = await client.call("comment", { params: { id }, body: { text } });
      print(output, detail, () => detailText(detail));
    },
  );
}
