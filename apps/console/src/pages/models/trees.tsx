import type { ModelDetail } from "@tombolo/sdk";
import { Suspense, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Card, Empty, Skeleton } from "../../components/page.tsx";
import { parseTrees } from "../../components/reports/tree-shape.ts";
import { lazily } from "../../lib/lazily.ts";

const TreeView = lazily(() => import("../../components/reports/tree-view.tsx"), "TreeView");

export function Trees({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const parsed = useMemo(() => parseTrees(model.trees), [model.trees]);
  const standard = parsed?.whole === false ? t("models.ownTreesHint") : t("models.treesHint");
  const hint = parsed?.level === "shared" ? t("models.sharedTreesHint") : standard;
  return (
    <Card title={t("models.trees")} hint={hint}>
      {parsed === undefined ? (
        <Empty title={t("models.noTrees")} hint={t("models.noTreesHint")} />
      ) : (
        <Suspense fallback={<Skeleton />}>
          <TreeView trees={parsed} />
        </Suspense>
      )}
    </Card>
  );
}
