import { Button } from "antd";
import type { KeyboardEvent } from "react";
import { useEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useParties, usePartyColour } from "../party.tsx";
import { type Placed, pathTo, place, stepFrom, type TreeNode } from "./tree-shape.ts";
import { useNodeText } from "./tree-words.ts";
import { useZoom } from "./tree-zoom.ts";

const COLUMN = 132;
const ROW = 92;
const BOX = { width: 120, height: 44 };
const TITLE_MAX = 15;
const DETAIL_MAX = 19;

const cornerOf = ({ x, y }: Placed) => ({ x: x * COLUMN + (COLUMN - BOX.width) / 2, y: y * ROW + 8 });
const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

interface BoxProps {
  readonly placed: Placed;
  readonly chosen: boolean;
  readonly onPath: boolean;
  onChoose(node: number): void;
}

function NodeBox({ placed, chosen, onPath, onChoose }: BoxProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const colour = usePartyColour();
  const { of } = placed;
  const { title, detail } = useNodeText()(of);
  const { x, y } = cornerOf(placed);
  const end = of.kind === "leaf" || of.kind === "shared" || of.kind === "unknown";
  const party = of.kind === "own" ? own : of.kind === "other" ? of.party : undefined;
  const stroke = party === undefined ? "var(--line-strong)" : colour(party);
  return (
    <g
      transform={`translate(${x},${y})`}
      className={`node ${of.kind}${onPath ? " path" : ""}`}
      role="treeitem"
      aria-level={placed.y + 1}
      aria-selected={chosen}
      aria-label={`${t(`trees.kind.${of.kind}`)}: ${title} ${detail}`}
      tabIndex={chosen ? 0 : -1}
      data-node={of.node}
      onClick={() => onChoose(of.node)}
    >
      <rect {...BOX} rx={end ? BOX.height / 2 : 8} stroke={stroke} />
      <text x={BOX.width / 2} y={detail === "" ? 27 : 19} className="title">
        {cut(title, TITLE_MAX)}
      </text>
      {detail !== "" && (
        <text x={BOX.width / 2} y={34}>
          {cut(detail, DETAIL_MAX)}
        </text>
      )}
    </g>
  );
}

/** Which way a branch is, where its owner is this party. */
function useBranchText(): (parent: TreeNode, left: boolean) => string {
  const { t } = useTranslation();
  return (parent, left) => {
    if (parent.kind !== "own") return "";
    const missing = parent.rule.missingLeft === left ? ` · ${t("trees.missing")}` : "";
    return `${left ? t("trees.yes") : t("trees.no")}${missing}`;
  };
}

function Branch({ from, to, onPath }: { from: Placed; to: Placed; onPath: boolean }) {
  const text = useBranchText()(from.of, to.of.node % 2 === 0);
  const [start, end] = [cornerOf(from), cornerOf(to)];
  const [x1, y1] = [start.x + BOX.width / 2, start.y + BOX.height];
  const [x2, y2] = [end.x + BOX.width / 2, end.y];
  const middle = (y1 + y2) / 2;
  return (
    <>
      <path
        className={onPath ? "branch path" : "branch"}
        d={`M${x1} ${y1} C ${x1} ${middle}, ${x2} ${middle}, ${x2} ${y2}`}
      />
      {text !== "" && (
        <text x={(x1 + x2) / 2} y={middle + 4} className="way">
          {text}
        </text>
      )}
    </>
  );
}

interface DrawingProps {
  readonly tree: readonly TreeNode[];
  readonly label: string;
  readonly chosen: number;
  onChoose(node: number): void;
}

/** One tree: drag and zoom it, or walk it with the arrow keys. */
export function TreeDrawing({ tree, label, chosen, onChoose }: DrawingProps) {
  const { t } = useTranslation();
  const placed = useMemo(() => place(tree), [tree]);
  const byNode = new Map(placed.map((each) => [each.of.node, each]));
  const width = (Math.max(...placed.map(({ x }) => x)) + 1) * COLUMN;
  const height = Math.max(...placed.map(({ y }) => y)) * ROW + BOX.height + 16;
  const {
    box,
    view,
    height: room,
    fit,
    zoom,
    reveal,
    drag,
  } = useZoom({ width, height }, (byNode.get(1)!.x + 0.5) * COLUMN);
  const moved = useRef(false);
  const path = new Set(pathTo(chosen));
  useEffect(() => {
    if (!moved.current) return;
    moved.current = false;
    box.current?.querySelector<SVGGElement>(`[data-node="${chosen}"]`)?.focus({ preventScroll: true });
  }, [box, chosen]);
  const onKeyDown = (event: KeyboardEvent): void => {
    const next = stepFrom(chosen, event.key, placed);
    if (event.key === "+" || event.key === "-") zoom(event.key === "+" ? 1 : -1);
    else if (event.key === "0") fit();
    else if (next === undefined) return;
    else {
      moved.current = true;
      onChoose(next);
      reveal({ ...cornerOf(byNode.get(next)!), ...BOX });
    }
    event.preventDefault();
  };
  return (
    <div className="tree">
      <div
        ref={box}
        className="window"
        style={{ height: room }}
        role="tree"
        tabIndex={-1}
        aria-label={label}
        onKeyDown={onKeyDown}
        {...drag}
      >
        <svg width="100%" height="100%">
          <title>{label}</title>
          <g transform={`translate(${view.x},${view.y}) scale(${view.scale})`}>
            {placed.map((each) => {
              const parent = byNode.get(each.of.node >> 1);
              return (
                parent !== undefined && (
                  <Branch key={each.of.node} from={parent} to={each} onPath={path.has(each.of.node)} />
                )
              );
            })}
            {placed.map((each) => (
              <NodeBox
                key={each.of.node}
                placed={each}
                chosen={each.of.node === chosen}
                onPath={path.has(each.of.node)}
                onChoose={onChoose}
              />
            ))}
          </g>
        </svg>
      </div>
      <div className="row wrap">
        <Button size="small" aria-label={t("trees.zoomOut")} title={t("trees.zoomOut")} onClick={() => zoom(-1)}>
          −
        </Button>
        <Button size="small" aria-label={t("trees.zoomIn")} title={t("trees.zoomIn")} onClick={() => zoom(1)}>
          +
        </Button>
        <Button size="small" onClick={fit}>
          {t("trees.fit")}
        </Button>
        <span className="small soft">{t("trees.keys")}</span>
      </div>
    </div>
  );
}
