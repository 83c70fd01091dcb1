import { type PublicError, TomboloError } from "@tombolo/base";
import { ApiCallError } from "@tombolo/sdk";

/** Exit codes, documented in `tombolo --help`. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3, unreachable: 4, interrupted: 130 } as const;

/** One place that prints: tables for people, one JSON document with --json. Nothing else goes to stdout. */
export interface Output {
  readonly json: boolean;
}

export function print(output: Output, value: unknown, forPeople: () => string): void {
  process.stdout.write(output.json ? `${JSON.stringify(value)}\n` : `${forPeople()}\n`);
}

/** East Asian wide characters take two columns of a terminal. */
const width = (text: string): number =>
  [...text].reduce(
    (sum, char) =>
      sum +
      (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/u.test(char)
        ? 2
        : 1),
    0,
  );

// A partner's text may not steer the terminal.
export const plain = (value: unknown): string =>
  String(value ?? "").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu, " ");

/** Columns padded to their widest cell; numbers to the right. */
export function table(header: readonly string[], rows: readonly (readonly unknown[])[], empty: string): string {
  if (rows.length === 0) return empty;
  const cells = [header.map(plain), ...rows.map((row) => row.map(plain))];
  const widths = header.map((_, column) => Math.max(...cells.map((row) => width(row[column] ?? ""))));
  const numeric = header.map((_, column) => rows.every((row) => typeof row[column] === "number"));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const space = " ".repeat((widths[column] ?? 0) - width(cell));
        return numeric[column] ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd();
  return cells.map(line).join("\n");
}

export const fields = (pairs: readonly (readonly [string, unknown])[]): string => {
  const longest = Math.max(...pairs.map(([name]) => width(name)));
  return pairs.map(([name, value]) => `${name}${" ".repeat(longest - width(name))}  ${plain(value)}`).join("\n");
};

export function bytes(count: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export const duration = (ms: number): string =>
  ms < 1000
    ? `${Math.round(ms)} ms`
    : ms < 120_000
      ? `${(ms / 1000).toFixed(1)} s`
      : `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`;

export function exitCodeOf(error: TomboloError): number {
  if (error.family === "consent" || error.family === "auth") return exitCodes.refused;
  if (error.family === "input") return exitCodes.usage;
  return error.family === "transport" ? exitCodes.unreachable : exitCodes.failed;
}

/** fetch says "fetch failed" for everything: say what it means. */
function convert(error: unknown): TomboloError {
  if (error instanceof TypeError && error.message.includes("fetch")) {
    const fault = (error.cause as { code?: unknown } | undefined)?.code;
    if (typeof fault === "string" && CERTIFICATE_FAULT.test(fault))
      return new TomboloError("auth.certificate", `the node's certificate is not trusted here (${fault})`, {
        cause: error,
        remedy:
          "`tombolo login <url> --ca <file>` (or TOMBOLO_CA_FILE) with the node's keys/console-certificate.pem or its authority's certificate; and use the name that the certificate carries.",
      });
    return new TomboloError("transport.unreachable", "the node does not answer", {
      cause: error,
      remedy: "Is it running? Start it with `tombolo start --dir <folder>`, or give its address with --url.",
    });
  }
  const { code, path } = error as { code?: unknown; path?: unknown };
  if (typeof code === "string" && typeof path === "string" && Object.hasOwn(FILE_FAULTS, code)) {
    return new TomboloError("input.file", `${path}: ${FILE_FAULTS[code]}`, {
      cause: error,
      remedy: "Check the path and its permissions.",
    });
  }
  return withList(TomboloError.from(error, "state.internal", error instanceof Error ? error.message : String(error)));
}

const CERTIFICATE_FAULT = /CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_(GET|VERIFY)/;

const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder",
  EACCES: "the system refuses access",
  EISDIR: "this is a folder, not a file",
  ENOTDIR: "a part of this path is a file, not a folder",
  ENOSPC: "the disk is full",
};

const LISTS: Readonly<Record<string, string>> = {
  dataset: "dataset list",
  project: "project list",
  job: "job list",
  model: "model list",
  grant: "grant list",
  request: "approval list --all",
  service: "service list",
  contract: "partner list",
};

/** A node's "there is no such dataset" says nothing about where to look: here that is a command. */
function withList(error: TomboloError): TomboloError {
  const noun = /no such (\w+)/.exec(error.message)?.[1] ?? "";
  const list = LISTS[noun];
  if (error.remedy !== undefined || list === undefined) return error;
  return new TomboloError(error.code, error.message, { cause: error, remedy: `See \`tombolo ${list}\`.` });
}

/** Writes the error to stderr (as JSON with --json) and returns the exit code. */
export function fail(output: Output, caught: unknown): number {
  const error = convert(caught);
  const problems = error instanceof ApiCallError ? error.problems : [];
  if (output.json) process.stderr.write(`${JSON.stringify({ error: { ...error.toPublic(), problems } })}\n`);
  else process.stderr.write(`${describe(error.toPublic(), problems)}\n`);
  return exitCodeOf(error);
}

interface Problem {
  readonly path: string;
  readonly message: string;
  readonly remedy?: string | undefined;
}

export function problemText({ path, message, remedy }: Problem): string {
  const where = plain(path.replace(/^(body|querystring|params)\./, ""));
  const how = remedy === undefined ? "" : `\n    what to do: ${plain(remedy)}`;
  return `  ${where === "" ? "at the top" : where}: ${plain(message)}${how}`;
}

function describe(error: PublicError, problems: ApiCallError["problems"]): string {
  const lines = [`error: ${plain(error.message)}  [${error.code}]`];
  if (error.blame !== undefined) lines.push(`  party: ${plain(error.blame)}`);
  if (error.stage !== undefined) lines.push(`  stage: ${plain(error.stage)}`);
  for (const problem of problems) lines.push(problemText(problem));
  // The remedy of several faults is each one's own.
  if (error.remedy !== undefined && problems.every((problem) => problem.remedy === undefined))
    lines.push(`  what to do: ${plain(error.remedy)}`);
  return lines.join("\n");
}
