import type { ApprovalDetail } from "@tombolo/sdk";
import type { Command } from "commander";
import { withNode } from "../command.ts";
import { print, table } from "../output.ts";

function detailText(detail: ApprovalDetail): string {
  return [
    `${detail.kind} ${detail.id}: ${detail.title}`,
    `asked by ${detail.requestedBy} of ${detail.requestedParty}, until ${detail.expiresAt}; ${detail.status}`,
    ...(detail.message === "" ? [] : ["", detail.message]),
    "",
    ...detail.statements.map((statement) => `  ${statement.en}`),
    ...detail.disclosure.map((item) => `  ${item.recipient} will learn (${item.task}): ${item.text.en}`),
    ...(detail.diff === null || detail.diff.length === 0
      ? []
      : [
          "",
          "Changed since the last approved version:",
          ...detail.diff.map(
            (each) => `  ${each.path}: ${JSON.stringify(each.before)} -> ${JSON.stringify(each.after)}`,
          ),
        ]),
    ...(detail.consentHash === null ? [] : ["", `consent hash ${detail.consentHash}`]),
    ...detail.comments.map((comment) => `  ${comment.at} ${comment.by} (${comment.party}): ${comment.text}`),
  ].join("\n");
}

export function approvalCommands(program: Command): void {
  const approval = program.command("approval").description("what waits for a decision");
  withNode<[{ all?: boolean }]>(
    approval.command("list").option("--all", "also what was decided"),
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
  withNode<[string]>(approval.command("show <approval>"), async ({ client, output }, id) => {
    const detail = await client.call("getApproval", { params: { id } });
    print(output, detail, () => detailText(detail));
  });
  withNode<[string, { hash?: string; reason: string }]>(
    approval
      .command("approve <approval>")
      .description("say yes; for a job, give the consent hash that was shown")
      .option("--hash <consent hash>")
      .option("--reason <text>", "", ""),
    async ({ client, output }, id, { hash, reason }) => {
      const decided = await client.call("approve", { params: { id }, body: { consentHash: hash ?? null, reason } });
      print(output, decided, () => `${decided.kind} ${decided.id}: ${decided.status}`);
    },
  );
  withNode<[string, { reason: string }]>(
    approval.command("reject <approval>").requiredOption("--reason <text>"),
    async ({ client, output }, id, { reason }) => {
      const decided = await client.call("reject", { params: { id }, body: { reason } });
      print(output, decided, () => `${decided.kind} ${decided.id}: ${decided.status}`);
    },
  );
  withNode<[string, string]>(approval.command("comment <approval> <text>"), async ({ client, output }, id, text) => {
    const detail = await client.call("comment", { params: { id }, body: { text } });
    print(output, detail, () => detailText(detail));
  });
}
