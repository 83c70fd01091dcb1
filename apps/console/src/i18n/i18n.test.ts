import { expect, test } from "vitest";
import { en } from "./en.ts";
import { zh } from "./zh.ts";

/** "jobs.title" -> text, for every key. */
function flat(value: unknown, path = ""): [string, string][] {
  if (typeof value === "string") return [[path, value]];
  return Object.entries(value as object).flatMap(([key, inner]) => flat(inner, path === "" ? key : `${path}.${key}`));
}
const [english, chinese] = [new Map(flat(en)), new Map(flat(zh))];
const holes = (text: string): string[] => (text.match(/\{\{\w+\}\}/g) ?? []).sort();

test("both languages have the same keys", () => {
  expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort());
});

test("no text is empty", () => {
  for (const [key, text] of [...english, ...chinese]) expect(text.trim(), key).not.toBe("");
});

test("each text takes the same values in both languages", () => {
  for (const [key, text] of english) {
    // The singular may leave its number out.
    if (key.endsWith("_one")) continue;
    expect(holes(chinese.get(key) ?? ""), key).toEqual(holes(text));
  }
});

test("what is said in Chinese is Chinese, apart from names and figures", () => {
  const names = new Set([
    "choices.auc",
    "choices.ks",
    "choices.mae",
    "choices.rmse",
    "common.product",
    "jobs.csv",
    "jobs.parquet",
    "models.metric.auc",
    "models.metric.ks",
    "people.webhook",
    "reports.auc",
    "reports.ks",
    "reports.rmse",
    "reports.mae",
    "reports.r2",
    "reports.explained",
    "settings.english",
    "settings.switchLanguage",
    "settings.otherLanguageShort",
    "statistics.vif",
    "training.metric.auc",
    "training.metric.ks",
    "training.metric.rmse",
    "training.metric.mae",
  ]);
  const missing = [...chinese].filter(([key, text]) => !names.has(key) && !/[一-鿿]/.test(text)).map(([key]) => key);
  expect(missing).toEqual([]);
});
