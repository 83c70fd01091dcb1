import { Button, InputNumber } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import "./trees.css";
import { TreeDetails } from "./tree-details.tsx";
import { TreeDrawing } from "./tree-drawing.tsx";
import type { Trees } from "./tree-shape.ts";

interface ChooserProps {
  readonly index: number;
  readonly trees: Trees;
  onChange(index: number): void;
}

function Chooser({ index, trees: { trees, classes }, onChange }: ChooserProps) {
  const { t } = useTranslation();
  const count = trees.length;
  const ofClass = classes[(index - 1) % Math.max(1, classes.length)];
  return (
    <div className="row wrap">
      <span>{t("models.treeName")}</span>
      <Button size="small" disabled={index <= 1} aria-label={t("trees.previous")} onClick={() => onChange(index - 1)}>
        ‹
      </Button>
      <InputNumber
        size="small"
        min={1}
        max={count}
        precision={0}
        value={index}
        aria-label={t("models.trees")}
        onChange={(value) => onChange(value ?? 1)}
      />
      <Button size="small" disabled={index >= count} aria-label={t("trees.next")} onClick={() => onChange(index + 1)}>
        ›
      </Button>
      <span className="muted">{t("models.treeOf", { count })}</span>
      {ofClass !== undefined && <span>{t("trees.ofClass", { name: ofClass })}</span>}
    </div>
  );
}

/** One tree at a time: drawn, and beside it all that is known of the node chosen. */
export function TreeView({ trees }: { trees: Trees }) {
  const { t } = useTranslation();
  const [index, setIndex] = useState(1);
  const [chosen, setChosen] = useState(1);
  const tree = trees.trees[index - 1] ?? [];
  const label = `${t("models.treeName")} ${index}`;
  return (
    <div className="stack">
      <Chooser
        index={index}
        trees={trees}
        onChange={(next) => {
          setIndex(next);
          setChosen(1);
        }}
      />
      {tree.length === 0 ? (
        <p className="soft">{t("trees.noneOwn")}</p>
      ) : (
        <div className="tree-view">
          <TreeDrawing key={index} tree={tree} label={label} chosen={chosen} onChoose={setChosen} />
          <TreeDetails tree={tree} chosen={chosen} />
        </div>
      )}
    </div>
  );
}
