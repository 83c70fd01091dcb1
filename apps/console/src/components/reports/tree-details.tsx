import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Facts } from "../page.tsx";
import { Party, useParties } from "../party.tsx";
import { pathTo, type TreeNode } from "./tree-shape.ts";
import { useCondition, useNodeText } from "./tree-words.ts";

/** What of the way to a node this party can say: own conditions in clear, others' by their owner. */
function Way({ tree, to }: { tree: readonly TreeNode[]; to: number }) {
  const { t } = useTranslation();
  const condition = useCondition();
  const text = useNodeText();
  const path = pathTo(to);
  const above = path.slice(0, -1).flatMap((at, i) => {
    const node = tree.find((each) => each.node === at);
    return node === undefined ? [] : [{ node, left: path[i + 1] === 2 * at }];
  });
  if (above.length === 0) return null;
  return (
    <ol className="way-list small">
      {above.map(({ node, left }) => (
        <li key={node.node}>
          {node.kind === "own" ? (
            <>
              <code>{node.rule.feature}</code> {condition(node.rule, true)}:{" "}
              <b>{left ? t("trees.yes") : t("trees.no")}</b>
            </>
          ) : (
            t("trees.hiddenWay", { whose: text(node).title, side: left ? t("trees.left") : t("trees.right") })
          )}
        </li>
      ))}
    </ol>
  );
}

/** All that this party knows of one node. */
export function TreeDetails({ tree, chosen }: { tree: readonly TreeNode[]; chosen: number }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { own } = useParties();
  const condition = useCondition();
  const node = tree.find((each) => each.node === chosen);
  if (node === undefined) return null;
  const number = (value: number | undefined) => (value === undefined ? undefined : formatNumber(value, language));
  const column = node.kind === "own" ? node.rule.feature : node.kind === "other" ? node.name : undefined;
  const party = node.kind === "own" ? own : node.kind === "other" ? node.party : undefined;
  return (
    <div className="tree-details stack" aria-live="polite">
      <b>{t(`trees.kind.${node.kind}`)}</b>
      <Facts
        items={[
          [t("trees.party"), party === undefined ? undefined : <Party key="party" id={party} />],
          [t("models.column"), column === undefined ? undefined : <code key="column">{column}</code>],
          [
            t("trees.condition"),
            node.kind === "own"
              ? condition(node.rule, true)
              : node.kind === "other"
                ? t("trees.ownerKnows")
                : undefined,
          ],
          [
            t("trees.missingGoes"),
            node.kind === "own" ? (node.rule.missingLeft ? t("trees.left") : t("trees.right")) : undefined,
          ],
          [t("trees.feature"), node.kind === "other" ? number(node.feature) : undefined],
          [t("models.gain"), node.kind === "own" || node.kind === "other" ? number(node.gain) : undefined],
          [t("trees.weight"), node.kind === "leaf" ? number(node.weight) : undefined],
          [t("reports.rows"), number(node.rows)],
          [t("trees.cover"), number(node.cover)],
        ]}
      />
      {node.kind === "shared" && <p className="small soft">{t("trees.sharedHint")}</p>}
      {node.kind === "unknown" && <p className="small soft">{t("trees.unknownHint")}</p>}
      <Way tree={tree} to={chosen} />
    </div>
  );
}
