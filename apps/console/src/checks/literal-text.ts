import { parseAst } from "vite";

/** Attributes and properties whose text a person reads. */
const READ = new Set([
  "title",
  "label",
  "hint",
  "placeholder",
  "alt",
  "sub",
  "okText",
  "cancelText",
  "description",
  "content",
  "aria-label",
  "said",
  "message",
]);

interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is AstNode =>
  typeof value === "object" && value !== null && typeof (value as AstNode).type === "string";

const childrenOf = (node: AstNode): AstNode[] =>
  Object.values(node).flatMap((value) => (Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : []));

/** Words of any script; units, arrows and punctuation are no words. */
const wordy = (value: unknown): value is string => typeof value === "string" && /\p{L}{2}|\p{Script=Han}/u.test(value);

/** Text that an expression can put on screen: literals, also behind `?:`, `??`, `&&` and in templates. */
function literals(node: unknown): { text: string; start: number }[] {
  if (!isNode(node)) return [];
  switch (node.type) {
    case "Literal":
      return wordy(node.value) ? [{ text: node.value, start: node.start }] : [];
    case "TemplateLiteral":
      return (node.quasis as AstNode[]).flatMap((quasi) => {
        const { cooked } = quasi.value as { cooked: string };
        return wordy(cooked) ? [{ text: cooked, start: quasi.start }] : [];
      });
    case "ConditionalExpression":
      return [...literals(node.consequent), ...literals(node.alternate)];
    case "LogicalExpression":
      return [...literals(node.left), ...literals(node.right)];
    case "JSXExpressionContainer":
    case "ParenthesizedExpression":
      return literals(node.expression);
    default:
      return [];
  }
}

function of(node: AstNode): { text: string; start: number }[] {
  switch (node.type) {
    case "JSXText":
      return wordy(node.value) ? [{ text: node.value.trim(), start: node.start }] : [];
    case "JSXElement":
    case "JSXFragment":
      return (node.children as AstNode[]).filter((child) => child.type === "JSXExpressionContainer").flatMap(literals);
    case "JSXAttribute":
      return READ.has(String((node.name as AstNode).name)) ? literals(node.value) : [];
    case "Property":
      return READ.has(String((node.key as AstNode).name ?? (node.key as AstNode).value)) ? literals(node.value) : [];
    default:
      return [];
  }
}

/** Text in a page's source that is not taken from the dictionaries, as "line: text". */
export function literalText(source: string): string[] {
  const program = parseAst(source, { lang: "tsx" }) as unknown as AstNode;
  const found: string[] = [];
  const visit = (node: AstNode): void => {
    for (const { text, start } of of(node)) found.push(`${source.slice(0, start).split("\n").length}: ${text}`);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(program);
  return found;
}
