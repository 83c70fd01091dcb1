/** How subcommands read arguments, print and end: `--json` prints one line; exit codes follow the error's family. */
import { TomboloError } from "@tombolo/base";
import { ZodError } from "zod";

/** Those of `tombolo --help`, which runs these commands: 1 is everything without a code of its own. */
const EXIT_CODES: Partial<Readonly<Record<TomboloError["family"], number>>> = {
  input: 2,
  auth: 3,
  consent: 3,
  transport: 4,
};
export const FAILED = 1;
export const NOT_RUNNING = 4;

export interface Output {
  /** One JSON line with `--json`, else these lines for people. */
  print(value: Readonly<Record<string, unknown>>, lines: readonly string[]): void;
}

export const outputOf = (json: boolean): Output => ({
  print: (value, lines) => {
    process.stdout.write(json ? `${JSON.stringify(value)}\n` : lines.map((line) => `${line}\n`).join(""));
  },
});

export interface Command {
  readonly usage: string;
  run(args: readonly string[]): Promise<number>;
}

/** Runs one; what it throws becomes a message on standard error and an exit code. */
export async function runCommand(command: Command, args: readonly string[]): Promise<number> {
  try {
    return await command.run(args);
  } catch (error) {
    const known = asTombolo(error);
    const json = args.includes("--json");
    process.stderr.write(json ? `${JSON.stringify({ error: known.toPublic() })}\n` : forPeople(known));
    if (!json && known.code === "state.internal")
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return EXIT_CODES[known.family] ?? FAILED;
  }
}

function asTombolo(error: unknown): TomboloError {
  if (error instanceof ZodError) {
    const faults = error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
    return new TomboloError("input.arguments", faults, { remedy: "See `tombolo <command> --help`." });
  }
  const code = (error as NodeJS.ErrnoException).code ?? "";
  if (code.startsWith("ERR_PARSE_ARGS"))
    return new TomboloError("input.arguments", (error as Error).message, { remedy: "See `tombolo <command> --help`." });
  if (code === "EADDRINUSE")
    return new TomboloError("resource.port", `port ${(error as { port?: number }).port ?? ""} is in use`, {
      remedy: "Stop what uses it, or set another (api.port, partner.port).",
    });
  if (code === "EACCES" || code === "EPERM")
    return new TomboloError("resource.permission", "the system refused access", {
      remedy: "Check the owner and mode of the data directory, and that ports below 1024 are allowed.",
      detail: { path: (error as NodeJS.ErrnoException).path },
    });
  if (code === "ENOSPC")
    return new TomboloError("resource.disk-full", "the disk is full", { remedy: "Free space on it." });
  return TomboloError.from(error);
}

const forPeople = (error: TomboloError): string =>
  `error: ${error.message}  [${error.code}]\n${detailOf(error)}${error.remedy === undefined ? "" : `  what to do: ${error.remedy}\n`}`;

/** On the owner's own terminal the private detail may show: it names files, never values. */
function detailOf(error: TomboloError): string {
  const entries = Object.entries(error.detail ?? {}).filter(([, value]) => typeof value === "string");
  return entries.map(([name, value]) => `  ${name}: ${value}\n`).join("");
}

export function required(value: string | undefined, option: string): string {
  if (value !== undefined && value !== "") return value;
  throw new TomboloError("input.arguments", `${option} is missing`, { remedy: "See `tombolo <command> --help`." });
}
