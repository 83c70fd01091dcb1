import { InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { useParties, usePartyColour } from "../party.tsx";
import { type Placed, place, type Tree, type TreeSplit } from "./tree-shape.ts";

const COLUMN = 104;
const ROW = 84;
/** Smaller than this, text cannot be read and the drawing scrolls instead. */
const SCALE_MIN = 0.5;
const BOX = { width: 96, height: 40 };

function useSplitText(
  hosts: readonly string[],
): (split: TreeSplit) => { party: string; title: string; detail: string } {
  const { t } = useTranslation();
  const { own } = useParties();
  const language = useLanguage();
  return (split) => {
    if (!("split" in split)) {
      const party = typeof split.owner === "number" ? (hosts[split.owner] ?? `#${split.owner}`) : split.owner;
      return { party, title: party, detail: t("models.hidden", { party }) };
    }
    const { split: rule } = split;
    const detail =
      rule.kind === "numeric"
        ? rule.threshold === null
          ? t("models.missing")
          : `≤ ${formatNumber(rule.threshold, language)}`
        : `∈ ${rule.left.slice(0, 3).join(", ")}${rule.left.length > 3 ? "…" : ""}`;
    return { party: own, title: rule.feature, detail };
  };
}

const at = (place: Placed) => ({ x: place.x * COLUMN + COLUMN / 2, y: place.y * ROW + 4 });
const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

function Leaf({ node }: { node: Placed }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { x, y } = at(node);
  return (
    <g transform={`translate(${x - 40},${y})`}>
      <title>{t("models.leaf")}</title>
      <rect width={80} height={24} rx={12} fill="var(--sunken)" stroke="var(--line)" />
      <text x={40} y={16} textAnchor="middle" fontSize={12} fill="var(--ink)">
        {formatNumber(node.weight ?? null, language)}
      </text>
    </g>
  );
}

function Box({ node, split, hosts }: { node: Placed; split: TreeSplit; hosts: readonly string[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const colour = usePartyColour();
  const { party, title, detail } = useSplitText(hosts)(split);
  const { x, y } = at(node);
  return (
    <g transform={`translate(${x - BOX.width / 2},${y})`}>
      <title>{`${title} ${detail} · ${t("models.gain")} ${formatNumber(split.gain, language)}`}</title>
      <rect {...BOX} rx={7} fill="var(--surface)" stroke={colour(party)} strokeWidth={1.5} />
      <text x={BOX.width / 2} y={16} textAnchor="middle" fontSize={12} fontWeight={600} fill="var(--ink)">
        {cut(title, 14)}
      </text>
      <text x={BOX.width / 2} y={31} textAnchor="middle" fontSize={11} fill="var(--ink-3)">
        {"split" in split ? cut(detail, 14) : "• • •"}
      </text>
    </g>
  );
}

function Drawing({ tree, hosts }: { tree: Tree; hosts: readonly string[] }) {
  const { t } = useTranslation();
  const nodes = place(tree);
  const byNode = new Map(nodes.map((node) => [node.node, node]));
  const width = (Math.max(...nodes.map((node) => node.x)) + 1) * COLUMN;
  const height = Math.max(...nodes.map((node) => node.y)) * ROW + 52;
  return (
    <div style={{ overflowX: "auto", paddingBottom: 8 }}>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        style={{ width: "100%", minWidth: width * SCALE_MIN, maxWidth: width, display: "block", margin: "0 auto" }}
        role="img"
        aria-label={t("models.trees")}
      >
        {nodes.map((node) => {
          const parent = byNode.get(Math.floor(node.node / 2));
          if (parent === undefined || node.node === 1) return null;
          const from = at(parent);
          const to = at(node);
          const path = `M${from.x} ${from.y + BOX.height} C ${from.x} ${from.y + 62}, ${to.x} ${to.y - 22}, ${to.x} ${to.y}`;
          return <path key={node.node} d={path} fill="none" stroke="var(--line-strong)" />;
        })}
        {nodes.map((node) =>
          node.split === undefined ? (
            <Leaf key={node.node} node={node} />
          ) : (
            <Box key={node.node} node={node} split={node.split} hosts={hosts} />
          ),
        )}
      </svg>
    </div>
  );
}

/** One tree at a time, drawn. */
export function TreeView({ trees, hosts }: { trees: readonly Tree[]; hosts: readonly string[] }) {
  const { t } = useTranslation();
  const [index, setIndex] = useState(1);
  const tree = trees[index - 1];
  return (
    <div className="stack">
      <div className="row">
        <span>{t("models.treeName")}</span>
        <InputNumber
          size="small"
          min={1}
          max={trees.length}
          value={index}
          aria-label={t("models.trees")}
          onChange={(value) => setIndex(value ?? 1)}
        />
        <span className="muted">{t("models.treeOf", { count: trees.length })}</span>
      </div>
      {tree !== undefined && <Drawing tree={tree} hosts={hosts} />}
    </div>
  );
}
