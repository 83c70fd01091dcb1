/** Elements as XML 1.0 text. Everything is escaped here, so that no name or value can become markup. */
import { TomboloError } from "@tombolo/base";

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly children: readonly (Element | string)[];
}

export const element = (
  name: string,
  attributes: Element["attributes"] = {},
  children: Element["children"] = [],
): Element => ({ name, attributes, children });

export const xmlText = (root: Element): string => `<?xml version="1.0" encoding="UTF-8"?>\n${written(root, "")}\n`;

function written({ name, attributes, children }: Element, indent: string): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  const open = `${indent}<${name}${given.join("")}`;
  if (children.length === 0) return `${open}/>`;
  if (children.every((child) => typeof child === "string"))
    return `${open}>${children.map((child) => escaped(String(child))).join("")}</${name}>`;
  const inner = children.map((child) =>
    typeof child === "string" ? `${indent}  ${escaped(child)}` : written(child, `${indent}  `),
  );
  return `${open}>\n${inner.join("\n")}\n${indent}</${name}>`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\t": "&#9;",
  "\n": "&#10;",
  "\r": "&#13;",
};

/** Throws `input.text` for characters that XML 1.0 cannot hold, escaped or not. */
function escaped(text: string): string {
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const good =
      code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd);
    if (!good && code < 0x10000)
      throw new TomboloError("input.text", "a name or a value has a character that XML cannot hold", {
        remedy: "Rename it, or export as JSON.",
      });
  }
  return text.replace(/[&<>"\t\n\r]/g, (character) => ESCAPES[character]!);
}
