import { useTranslation } from "react-i18next";
import { formatMetric } from "../lib/format.ts";
import { Bar } from "./page.tsx";

/** A population stability index. Coloured by custom: from 0.1 on it is worth a look, from the limit on it is a change. */
export function StabilityIndex({ index, limit }: { index: number | null; limit: number }) {
  const { t } = useTranslation();
  if (index === null) return <span className="muted">{t("services.tooFew")}</span>;
  const tone = index > limit ? "bad" : index > 0.1 ? "wait" : "ok";
  return (
    <div style={{ minWidth: 140 }}>
      {formatMetric(index)}
      <Bar share={index / Math.max(limit * 2, 0.01)} tone={tone} />
    </div>
  );
}
