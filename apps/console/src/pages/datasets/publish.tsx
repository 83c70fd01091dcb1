import type { Dataset, Visibility } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Toggle } from "../../components/act.tsx";
import { DatasetCard } from "../../components/dataset-card.tsx";
import { Card } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { useAct } from "../../lib/queries.ts";

const KEYS = ["rowCount", "fillRate", "distinct", "statistics", "top"] as const;

/** The dataset as partners get it under this choice; the node applies the same rule when it answers them. */
export function asSeen(dataset: Dataset, visible: Visibility): Dataset {
  return {
    ...dataset,
    rowCount: visible.rowCount ? dataset.rowCount : null,
    columns: dataset.columns
      .filter((column) => column.role !== "ignored")
      .map((column) => ({
        ...column,
        fillRate: visible.fillRate ? column.fillRate : null,
        distinct: visible.distinct ? column.distinct : null,
        statistics: visible.statistics && column.role === "feature" ? column.statistics : null,
        top: visible.top && column.role === "feature" ? column.top : null,
      })),
  };
}

export function Publish({ dataset }: { dataset: Dataset }) {
  const { t } = useTranslation();
  const [visible, setVisible] = useState(dataset.visibility);
  const publish = useAct("publishDataset", {
    refresh: ["getDataset", "listDatasets"],
    said: t("datasets.published"),
  });
  const withdraw = useAct("publishDataset", {
    refresh: ["getDataset", "listDatasets"],
    said: t("datasets.withdrawn"),
  });
  const send = (act: typeof publish, published: boolean) =>
    act.mutate({ params: { id: dataset.id }, body: { published, visibility: visible } });
  return (
    <div className="stack">
      <Card
        title={
          <span className="row">
            {t("datasets.status")} <State of={dataset.published ? "published" : "private"} />
          </span>
        }
        hint={t("datasets.publishIntro")}
        actions={
          <>
            {dataset.published && (
              <Act needs="datasets:manage" loading={withdraw.isPending} onClick={() => send(withdraw, false)}>
                {t("datasets.withdraw")}
              </Act>
            )}
            <Act type="primary" needs="datasets:manage" loading={publish.isPending} onClick={() => send(publish, true)}>
              {dataset.published ? t("datasets.update") : t("datasets.publish")}
            </Act>
          </>
        }
      >
        <div className="stack tight">
          {KEYS.map((key) => (
            <Toggle
              key={key}
              label={t(`datasets.visible.${key}`)}
              hint={t(`datasets.visibleHint.${key}`)}
              checked={visible[key]}
              onChange={(checked) => setVisible({ ...visible, [key]: checked })}
            />
          ))}
        </div>
      </Card>
      <h2 style={{ fontSize: 14 }}>{t("datasets.partnersSee")}</h2>
      <DatasetCard dataset={asSeen(dataset, visible)} />
    </div>
  );
}
