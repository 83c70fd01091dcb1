/** Commands that ask a node, running or not: status, doctor, user, key, journal. */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { TomboloError } from "@tombolo/base";
import { type DoctorReport, type Role, role } from "@tombolo/sdk";
import { dataPaths } from "../config/paths.ts";
import { ask, callNode, isRunning } from "../operations/control.ts";
import { type Command, FAILED, NOT_RUNNING, outputOf, required } from "./command.ts";

const options = { dir: { type: "string" }, json: { type: "boolean", default: false } } as const;

export const status: Command = {
  usage: "status --dir <directory>          is its node running, and how is it",
  async run(args) {
    const { values } = parseArgs({ args: [...args], options });
    const directory = required(values.dir, "--dir");
    const output = outputOf(values.json);
    if (!existsSync(dataPaths(resolve(directory)).config))
      throw new TomboloError("input.directory", `${directory} is no data directory: node.yaml is missing`, {
        remedy: "Name the folder given to `tombolo init`.",
      });
    if (!isRunning(directory)) {
      output.print({ running: false }, ["not running"]);
      return NOT_RUNNING;
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
    return ok ? 0 : FAILED;
  },
};

function reportLines(report: DoctorReport): string[] {
  const lines = report.steps.map(
    (step) =>
      `  ${step.ok ? "ok  " : "FAIL"} ${step.step.padEnd(12)} ${step.message}${step.remedy === null ? "" : `\n       what to do: ${step.remedy}`}`,
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

export const key: Command = {
  usage: `key add <name> --role <role> [--role <role>] [--days <n>] --dir <directory>
  key list --dir <directory>
  key delete <id> --dir <directory>
      add prints an API key once; give it to \`tombolo login\` or in TOMBOLO_API_KEY`,
  async run(args) {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...options, role: { type: "string", multiple: true }, days: { type: "string", default: "90" } },
    });
    const directory = required(values.dir, "--dir");
    const [verb, subject] = positionals;
    const output = outputOf(values.json);
    if (verb === "list") {
      const { items } = await callNode(directory, process.env, "listApiKeys", {});
      output.print(
        { items },
        items.map((each) => `${each.id}  ${each.name.padEnd(20)} ${each.roles.join(", ")}, until ${each.expiresAt}`),
      );
    } else if (verb === "delete") {
      await callNode(directory, process.env, "deleteApiKey", { id: required(subject, "<id>") });
      output.print({ deleted: subject }, [`deleted ${subject}`]);
    } else if (verb === "add") {
      const input = { name: required(subject, "<name>"), roles: rolesOf(values.role), days: Number(values.days) };
      const { key, secret } = await callNode(directory, process.env, "addApiKey", input);
      // The secret alone on standard output, so that it can be piped into `tombolo login`.
      if (!values.json)
        process.stderr.write(`API key ${key.name} (${key.roles.join(", ")}), until ${key.expiresAt}, shown once:\n`);
      output.print({ key, secret }, [secret]);
    } else throw usageError();
    return 0;
  },
};

function rolesOf(names: readonly string[] | undefined): Role[] {
  if (names === undefined)
    throw new TomboloError("input.arguments", "--role is missing", {
      remedy: `One or more of: ${role.options.join(", ")}.`,
    });
  return names.map((name) => {
    const known = role.options.find((each) => each === name);
    if (known !== undefined) return known;
    throw new TomboloError("input.arguments", `there is no role "${name}"`, {
      remedy: `One or more of: ${role.options.join(", ")}.`,
    });
  });
}

export const keys: Command = {
  usage: `keys rotate --dir <directory>
      prepares the next keys of this party and tells every partner; the running node takes them at its first start
      after all of them know
  keys status --dir <directory>`,
  async run(args) {
    const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options });
    const directory = required(values.dir, "--dir");
    const [verb] = positionals;
    if (verb !== "rotate" && verb !== "status") throw usageError();
    const found = await callNode(directory, process.env, verb === "rotate" ? "rotateKeys" : "keys", {});
    const away = found.partners.filter(({ knows }) => !knows).map(({ party }) => party);
    const next =
      found.next === null
        ? ["No next keys are prepared."]
        : [
            `Next signing key  ${found.next.signingKey}`,
            `Next certificate  ${found.next.certificate}`,
            away.length === 0
              ? "Every partner knows them: restart the node to take them."
              : `Not known yet to ${away.join(", ")}. A partner that is away learns them once it is back; restart the node after that.`,
          ];
    outputOf(values.json).print({ ...found }, [
      `Signing key       ${found.present.signingKey}`,
      `Certificate       ${found.present.certificate}`,
      ...next,
    ]);
    return 0;
  },
};

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
    return found.ok ? 0 : FAILED;
  },
};

const usageError = (): TomboloError =>
  new TomboloError("input.arguments", "there is no such subcommand", { remedy: "See `tombolo <command> --help`." });
