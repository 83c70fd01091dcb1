import type { z } from "zod";
import { zhCN } from "zod/locales";

/** What is wrong, and what to do about it. */
export type Words = readonly [message: string, remedy?: string];

/** One fault of a flow, in both languages. `path` names its place, e.g. "tasks.train.parameters.depth". */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly remedy?: string;
  readonly zh: { readonly message: string; readonly remedy?: string };
}

export const problem = (path: string, en: Words, zh: Words): Problem => ({ path, ...said(en), zh: said(zh) });

const said = ([message, remedy]: Words) => ({ message, ...(remedy === undefined ? {} : { remedy }) });

/** A schema's verdict with the issues in both languages, each with its place; undefined: the value passes. */
export function schemaIssues(
  schema: z.ZodType,
  value: unknown,
): readonly { readonly path: readonly PropertyKey[]; readonly en: string; readonly zh: string }[] | undefined {
  const english = schema.safeParse(value);
  if (english.success) return undefined;
  const chinese = schema.safeParse(value, { error: zhCN().localeError }).error?.issues ?? [];
  return english.error.issues.map((issue, i) => {
    const { path, message } = issue;
    if (issue.code === "unrecognized_keys") return { path, ...unknownKeys(issue.keys) };
    const text = chinese[i]?.message ?? message;
    // What a schema says in words of its own it says in English.
    return { path, en: message, zh: text === message ? `值不符合要求：${message}` : text };
  });
}

const unknownKeys = (keys: readonly string[]): { readonly en: string; readonly zh: string } => ({
  en: `nothing here is called ${keys.map((key) => `"${key}"`).join(" or ")}`,
  zh: `此处没有名为${keys.map((key) => `“${key}”`).join("、")}的项`,
});
