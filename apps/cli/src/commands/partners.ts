import { TomboloError } from "@tombolo/base";
import type { Client, DoctorReport, Partner } from "@tombolo/sdk";
import type { Command } from "commander";
import { withNode } from "../command.ts";
import { exitCodes, fields, type Output, plain, print, table } from "../output.ts";

/** A contract by its id or by the partner's party id. */
export async function findPartner(client: Client, name: string): Promise<Partner> {
  const { items } = await client.call("listPartners");
  const found =
    items.find((each) => each.contractId === name) ??
    items.find((each) => each.partyId === name && each.status !== "TERMINATED");
  if (found === undefined)
    throw new TomboloError("input.partner", `no partner "${name}"`, { remedy: "See `tombolo partner list`." });
  return found;
}

function showPartner(output: Output, partner: Partner): void {
  print(output, partner, () =>
    fields([
      ["contract", partner.contractId],
      ["partner", `${partner.partyId ?? "not known yet"} ${partner.name}`],
      ["status", partner.status],
      ["fingerprint", partner.fingerprint ?? "-"],
      [
        "confirmed",
        `here ${partner.ownFingerprintConfirmed ? "yes" : "no"}, there ${partner.partnerFingerprintConfirmed ? "yes" : "no"}`,
      ],
      ["connection", partner.connection?.state ?? "-"],
    ]),
  );
}

export const doctorText = (report: DoctorReport): string =>
  [`${report.ok ? "ok  " : "FAIL"}  ${report.partner ?? "this node"}`]
    .concat(
      report.steps.map(
        (step) =>
          `  ${step.ok ? "ok  " : "FAIL"}  ${step.step}: ${step.message}${step.remedy === null ? "" : `\n        what to do: ${step.remedy}`}`,
      ),
    )
    .join("\n");

export function partnerCommands(program: Command): void {
  const partner = program.command("partner").description("contracts with other organisations");
  withNode(
    partner.command("list").description("partners, their connection and whether both sides confirmed"),
    async ({ client, output }) => {
      const { items } = await client.call("listPartners");
      print(output, items, () =>
        table(
          ["partner", "status", "connection", "rtt ms", "confirmed", "contract"],
          items.map((each) => [
            each.partyId ?? "(invited)",
            each.status,
            each.connection?.state ?? "-",
            each.connection?.rttMs?.toFixed(1) ?? "-",
            each.ownFingerprintConfirmed && each.partnerFingerprintConfirmed ? "both" : "waits",
            each.contractId,
          ]),
          "No partners yet. `tombolo partner invite` makes a line for the other side.",
        ),
      );
    },
  );
  withNode<[{ address?: string; note?: string }]>(
    partner
      .command("invite")
      .description("make the one line the partner needs")
      .option("--address <host:port>", "where the partner dials us; default: this node's public address")
      .option("--note <text>", "for the own list of partners"),
    async ({ client, output }, options) => {
      const made = await client.call("invitePartner", { body: options });
      print(
        output,
        made,
        () =>
          `Give this line to the partner by a channel you both trust; it works once, until ${made.expiresAt}:\n\n${made.line}`,
      );
    },
  );
  withNode<[string, { proxy?: string }]>(
    partner
      .command("accept <line>")
      .description("use a partner's invite line")
      .option("--proxy <host:port>", "HTTP CONNECT proxy to dial through"),
    async ({ client, output }, line, options) => {
      const partner = await client.call("acceptInvite", { body: { line, ...options } });
      showPartner(output, partner);
      if (!output.json && !partner.ownFingerprintConfirmed)
        process.stderr.write(
          `\nNext, on both sides: read the fingerprint to each other by telephone, then\n  tombolo partner confirm ${plain(partner.partyId)} ${plain(partner.fingerprint)}\n`,
        );
    },
  );
  withNode<[string, string[]]>(
    partner
      .command("confirm <partner> <fingerprint...>")
      .description("confirm the fingerprint compared with the partner by phone or in person: all eight groups"),
    async ({ client, output }, name, groups) => {
      const { contractId } = await findPartner(client, name);
      const fingerprint = groups.join(" ").trim().split(/\s+/).join(" ");
      showPartner(output, await client.call("confirmPartner", { params: { id: contractId }, body: { fingerprint } }));
    },
  );
  withNode<[string, { reason: string }]>(
    partner
      .command("terminate <partner>")
      .description("end the contract")
      .requiredOption("--reason <text>", "the partner reads it"),
    async ({ client, output }, name, { reason }) => {
      const { contractId } = await findPartner(client, name);
      showPartner(output, await client.call("terminatePartner", { params: { id: contractId }, body: { reason } }));
    },
  );
  withNode<[string]>(
    partner.command("check <partner>").description("test the path from both ends"),
    async ({ client, output }, name) => {
      const { contractId } = await findPartner(client, name);
      const report = await client.call("checkPartner", { params: { id: contractId } });
      print(output, report, () => doctorText(report));
      return report.ok ? exitCodes.ok : exitCodes.failed;
    },
  );
  withNode<[string]>(
    partner.command("datasets <partner>").description("what the partner published"),
    async ({ client, output }, name) => {
      const { contractId } = await findPartner(client, name);
      const { items } = await client.call("partnerDatasets", { params: { id: contractId } });
      print(output, items, () =>
        table(
          ["dataset", "name", "rows", "columns"],
          items.map((each) => [
            each.id,
            each.name,
            each.rowCount ?? "not shown",
            each.columns.map((column) => column.name).join(", "),
          ]),
          "The partner has published nothing.",
        ),
      );
    },
  );
}
