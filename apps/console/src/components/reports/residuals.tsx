import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { type Coefficients, rangesOf } from "./coefficients.ts";

type Histogram = NonNullable<Coefficients["residuals"]>;

/** How residuals lie: a bar for each range, of several classes for one at a time. */
export function Residuals({ histogram, names }: { histogram: Histogram; names: readonly string[] | null }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [place, setPlace] = useState(0);
  const counts = histogram.counts[place] ?? [];
  const most = Math.max(1, ...counts);
  return (
    <figure>
      <figcaption>{t("reports.residuals")}</figcaption>
      {histogram.counts.length > 1 && (
        <Select
          value={place}
          aria-label={t("reports.class")}
          style={{ minWidth: 180, margin: "6px 0" }}
          onChange={setPlace}
          options={histogram.counts.map((_, value) => ({
            value,
            label: names?.[value] ?? t("reports.classNumber", { number: value + 1 }),
          }))}
        />
      )}
      <ul className="residuals">
        {rangesOf(histogram.bounds).map((range, i) => (
          <li key={range}>
            <span className="num soft">{range}</span>
            <span className="bar">
              <i style={{ width: `${(100 * (counts[i] ?? 0)) / most}%` }} />
            </span>
            <span className="num">{formatNumber(counts[i] ?? 0, language)}</span>
          </li>
        ))}
      </ul>
      <p className="small soft">
        {t(histogram.step === 1 ? "reports.residualsExact" : "reports.residualsHint", {
          step: formatNumber(histogram.step, language),
          rows: formatNumber(histogram.rows, language),
        })}
      </p>
    </figure>
  );
}
