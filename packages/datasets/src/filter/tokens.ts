import { TomboloError } from "@tombolo/base";

export type Token =
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  /** A column in double quotes. */
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

export const filterError = (at: number, message: string): TomboloError =>
  new TomboloError("input.filter", `character ${at + 1} of the filter: ${message}`, {
    remedy: `Write a filter like  age >= 18 and "home" in ('own', 'rent') and income is not null.`,
  });

const PATTERNS: readonly [Token["kind"] | "space", RegExp][] = [
  ["space", /\s+/y],
  ["number", /-?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?(?![\p{L}\d_])/uy],
  ["word", /[\p{L}_][\p{L}\p{N}_]*/uy],
  ["name", /"((?:[^"]|"")*)"/y],
  ["text", /'((?:[^']|'')*)'/y],
  ["symbol", /<=|>=|<>|!=|[=<>(),]/y],
];

export function tokens(source: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; at < source.length; ) {
    const [kind, match] = next(source, at);
    const text = match[0];
    if (kind === "number") found.push({ kind, value: finite(Number(text), at), at });
    else if (kind === "name") found.push({ kind, text: match[1]!.replaceAll('""', '"'), at });
    else if (kind === "text") found.push({ kind, text: match[1]!.replaceAll("''", "'"), at });
    else if (kind === "word" || kind === "symbol") found.push({ kind, text: text === "!=" ? "<>" : text, at });
    at += text.length;
  }
  return [...found, { kind: "end", at: source.length }];
}

function next(source: string, at: number): readonly [Token["kind"] | "space", RegExpExecArray] {
  for (const [kind, pattern] of PATTERNS) {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) return [kind, match];
  }
  const open = source[at] === "'" || source[at] === '"';
  throw filterError(at, open ? "a quote that is never closed" : "this character has no meaning here");
}

function finite(value: number, at: number): number {
  if (!Number.isFinite(value)) throw filterError(at, "this number is too large");
  return value;
}
