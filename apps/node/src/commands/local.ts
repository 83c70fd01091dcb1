/** Commands that ask a node, running or not: status, doctor, user, journal. */
import { parseArgs } from "node:util";
import { TomboloError } from "@tombolo/base";
import { type DoctorReport, type Role, role } from "@tombolo/sdk";
import { ask, callNode, isRunning } from "../operations/control.ts";
import { type Command, outputOf, required } from "./command.ts";

const options = { dir: { type: "string" }, json: { type: "boolean", default: false } } as const;

export const status: Command = {
  usage: "status --dir <directory>          is its node running, and how is it",
  async run(args) {
    const { values } = parseArgs({ args: [...args], options });
    const directory = required(values.dir, "--dir");
    const output = outputOf(values.json);
    if (!isRunning(directory)) {
      output.print({ running: false }, ["not running"]);
      return 3;
    }
    const found = (await ask(directory, "status", {})) as Record<string, unknown>;
    output.print(
      found,
      Object.entries(found).map(([name, value]) => `${name.padEnd(16)} ${value ?? "-"}`),
    );
    return 0;
  },
};

export const doctor: Command = {
  usage: "doctor --dir <directory>          checks this node and the path to each partner, from both ends",
  async run(args) {
    const { values } = parseArgs({ args: [...args], options });
    const { items } = await callNode(required(values.dir, "--dir"), process.env, "doctor", {});
    const ok = items.every((report) => report.ok);
    outputOf(values.json).print({ ok, items }, items.flatMap(reportLines));
    return ok ? 0 : 5;
  },
};

function reportLines(report: DoctorReport): string[] {
  const lines = report.steps.map(
    (step) =>
      `  ${step.ok ? "ok  " : "FAIL"} ${step.step.padEnd(12)} ${step.message}${step.remedy === null ? "" : `\n       ${step.remedy}`}`,
  );
  return [report.partner === null ? "this node" : `path to ${report.partner}`, ...lines];
}

export const user: Command = {
  usage: `user add <name> --role <role> [--role <role>] [--display-name <name>] --dir <directory>
  user reset <name> --dir <directory>
  user list --dir <directory>
      add and reset print a one-time link (15 minutes)`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, role: { type: "string", multiple: true }, "display-name": { type: "string" } },
    });
    const directory = required(values.dir, "--dir");
    const [verb, username = ""] = positionals;
    const output = outputOf(values.json);
    if (verb === "list") {
      const { items } = await callNode(directory, process.env, "listUsers", {});
      output.print(
        { items },
        items.map(
          (each) => `${each.username.padEnd(20)} ${each.roles.join(", ")}${each.disabled ? " (disabled)" : ""}`,
        ),
      );
      return 0;
    }
    if (verb !== "add" && verb !== "reset") throw usageError();
    const link =
      verb === "add"
        ? await callNode(directory, process.env, "addUser", {
            username,
            displayName: values["display-name"] ?? username,
            roles: rolesOf(values.role),
          })
        : await callNode(directory, process.env, "resetUser", { username });
    output.print({ ...link }, [`One-time link for ${username}, until ${link.expiresAt}:`, link.url]);
    return 0;
  },
};

function rolesOf(names: readonly string[] | undefined): Role[] {
  if (names === undefined)
    throw new TomboloError("input.arguments", "--role is missing", {
      remedy: `One or more of: ${role.options.join(", ")}.`,
    });
  return names.map((name) => role.parse(name));
}

export const journal: Command = {
  usage:
    "journal verify --dir <directory>  recomputes the log and checks it against partners' checkpoints; works offline",
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    if (positionals[0] !== "verify") throw usageError();
    const found = await callNode(required(values.dir, "--dir"), process.env, "verifyJournal", {});
    const proven = found.provenUpTo.map(
      ({ partner, size, at }) => `Complete up to entry ${size - 1}: ${partner} holds our checkpoint of ${at}.`,
    );
    const unproven =
      "No partner holds a checkpoint yet: completeness is not proved, only that the entries fit each other.";
    outputOf(values.json).print({ ...found }, [
      `${found.entries} entries, root ${found.rootHash}`,
      ...found.problems.map(({ message }) => `PROBLEM ${message}`),
      ...(found.ok ? ["No entry was edited, removed or reordered."] : []),
      ...(proven.length > 0 ? proven : [unproven]),
    ]);
    return found.ok ? 0 : 1;
  },
};

const usageError = (): TomboloError =>
  new TomboloError("input.arguments", "there is no such subcommand", { remedy: "See `tombolo <command> --help`." });
