import { writeFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";

/** The line of a pulled file that says which kept flow it is, and of which revision: what a push goes by. */
export interface KeptLine {
  readonly id: string;
  readonly revision: number;
}

const LINE = /^# kept flow ([A-Za-z0-9][A-Za-z0-9._-]{0,95}) revision ([1-9]\d{0,8})\b.*\r?\n?/m;

export function keptLine(text: string): KeptLine | undefined {
  const [, id, revision] = LINE.exec(text) ?? [];
  return id === undefined ? undefined : { id, revision: Number(revision) };
}

/** The text with that line in place of the one it has; all else stays as it was written. */
export const withKeptLine = (text: string, { id, revision }: KeptLine): string =>
  `# kept flow ${id} revision ${revision} (\`tombolo flow push\` goes by this line)\n${text.replace(LINE, "")}`;

/** Throws `state.exists` where the file is there already, unless it may be written over. */
export async function writeFlow(file: string, text: string, force = false): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? "w" : "wx" });
  } catch (error) {
    if (!(error instanceof Error) || !("code" in error) || error.code !== "EEXIST") throw error;
    throw new TomboloError("state.exists", `there is a file ${file} already`, {
      remedy: "Name another, or write over it with --force.",
    });
  }
}
