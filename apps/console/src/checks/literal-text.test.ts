import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { literalText } from "./literal-text.ts";

const SOURCE = join(import.meta.dirname, "..");
const pages = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".tsx"));

test("the check finds text in every place a page can put it", () => {
  expect(literalText("const a = <p>Hello there</p>;")).toEqual(["1: Hello there"]);
  expect(literalText("const a = <p>{'Hello there'}</p>;")).toEqual(["1: Hello there"]);
  expect(literalText("const a = <p>{ok ? t('a.b') : `Sorry $" + "{name}`}</p>;")).toEqual(["1: Sorry "]);
  expect(literalText("const a = <b>{x ?? '未知'}</b>;")).toEqual(["1: 未知"]);
  expect(literalText("const a = (\n  <Input placeholder='Your name' />\n);")).toEqual(["2: Your name"]);
  expect(literalText("const a = <button aria-label={'Close it'} />;")).toEqual(["1: Close it"]);
  expect(literalText("const a = [{ key: 'x', title: 'Rows' }];")).toEqual(["1: Rows"]);
});

test("the check lets names, classes and figures pass", () => {
  expect(literalText("const a = <p className='row wrap'>{t('jobs.title')} · {count} / 3</p>;")).toEqual([]);
  expect(literalText("const a = <Act needs='jobs:submit' type='primary' title={t('jobs.rerun')} />;")).toEqual([]);
  expect(literalText("const a = <code>{`$" + "{task}.$" + "{port}`}</code>;")).toEqual([]);
});

test("no page has text of its own", () => {
  expect(pages.length).toBeGreaterThan(40);
  const found = pages.flatMap((page) =>
    literalText(readFileSync(join(SOURCE, page), "utf8")).map((each) => `${page}:${each}`),
  );
  expect(found).toEqual([]);
});

test("no input says what it is for by a placeholder, which goes with the first letter", () => {
  const found = pages.filter((page) => /\bplaceholder=/.test(readFileSync(join(SOURCE, page), "utf8")));
  expect(found).toEqual([]);
});
