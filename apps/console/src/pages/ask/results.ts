/** A batch's answers beside the rows of its file. */

import type { Cell } from "@tombolo/base";
import type { Askable } from "@tombolo/sdk";
import type { Answer } from "./ask-service.ts";
import type { FileRows, Keys } from "./keys.ts";

export type Kind = "found" | "none" | "refused";

/** `undefined`: not asked yet, or a row without a key. */
export function kindOf(answer: Answer | undefined): Kind | undefined {
  if (answer === undefined) return undefined;
  if (answer.refusal !== null || answer.yes === null) return "refused";
  return answer.yes ? "found" : "none";
}

export interface Counts {
  readonly found: number;
  readonly none: number;
  readonly refused: number;
}

/** Of keys, each counted once. */
export function countsOf(answers: readonly (Answer | undefined)[]): Counts {
  const counts = { found: 0, none: 0, refused: 0 };
  for (const answer of answers) {
    const kind = kindOf(answer);
    if (kind !== undefined) counts[kind]++;
  }
  return counts;
}

const cellOf = (value: unknown): Cell =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;

export interface FileAnswers {
  readonly file: FileRows;
  readonly keys: Keys;
  readonly answers: readonly (Answer | undefined)[];
}

/** The file's own columns, then the answer's under the partner's name; rows that were not asked stay empty there. */
export function resultLines(
  { file, keys, answers }: FileAnswers,
  service: Askable,
  columnName: (i: number) => string,
): Cell[][] {
  const { partner, kind, columns } = service;
  const own = Array.from({ length: file.width }, (_, i) => file.header?.[i] ?? columnName(i));
  const word = kind === "verify" ? "verified" : "found";
  const header = [...own, `${partner}.${word}`, ...columns.map((name) => `${partner}.${name}`), "refusal"];
  const lines = file.rows.map((row, i): Cell[] => {
    const answer = answers[keys.keyOf[i] ?? -1];
    const cells = Array.from({ length: file.width }, (_, k) => row[k] ?? "");
    const given = columns.map((name) => cellOf(answer?.values[name]));
    return [
      ...cells,
      answer?.yes ?? null,
      ...given,
      answer?.refusal?.code ?? (keys.keyOf[i] === -1 ? "input.key" : null),
    ];
  });
  return [header, ...lines];
}
