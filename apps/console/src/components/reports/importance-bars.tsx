import { Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatGain, formatNumber } from "../../lib/format.ts";
import { Empty } from "../page.tsx";
import { Party, useParties, usePartyColour } from "../party.tsx";
import { type ImportanceRow, knownMeasures, type Measure, maskedNumber, measureOf } from "./importance.ts";
import "./reports.css";

const SHOWN_MAX = 30;

function Bars({ rows, measure }: { rows: readonly ImportanceRow[]; measure: Measure }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const colour = usePartyColour();
  const size = (row: ImportanceRow): number => measureOf(row, measure) ?? 0;
  const sorted = [...rows].sort((a, b) => size(b) - size(a)).slice(0, SHOWN_MAX);
  const largest = Math.max(Number.MIN_VALUE, ...sorted.map(size));
  return (
    <ul className="importance">
      {sorted.map((row) => (
        <li key={`${row.party} ${row.feature}`}>
          <ColumnName of={row} />
          <span className="bar" style={{ height: 12 }}>
            <i style={{ width: `${(size(row) / largest) * 100}%`, background: colour(row.party) }} />
          </span>
          <span className="num">
            {measure === "splits" ? formatNumber(row.count, language) : formatGain(size(row), language)}
          </span>
          <span className="num muted">{measure === "splits" ? "" : t("reports.splits", { count: row.count })}</span>
        </li>
      ))}
    </ul>
  );
}

/** A column by its name, or a partner's by the number that stands for it. */
export function ColumnName({ of }: { of: Pick<ImportanceRow, "feature" | "party"> }) {
  const { t } = useTranslation();
  const { own } = useParties();
  const number = maskedNumber(of);
  // Of level shared a partner's columns count together.
  if (of.feature === of.party && of.party !== own)
    return <span className="clip">{t("reports.allColumns", { party: of.party })}</span>;
  if (number !== undefined)
    return <span className="clip">{t("reports.maskedColumn", { party: of.party, number })}</span>;
  return (
    <code className="clip" title={of.feature}>
      {of.feature}
    </code>
  );
}

/** What each column counts, in each party's colour, by the measure chosen; partners' columns have numbers for names, unless those were agreed. */
export function ImportanceBars({ rows }: { rows: readonly ImportanceRow[] }) {
  const { t } = useTranslation();
  const measures = knownMeasures(rows);
  const [chosen, choose] = useState<Measure | undefined>();
  if (rows.length === 0) return <Empty title={t("reports.noImportance")} hint={t("reports.noImportanceHint")} />;
  const measure = measures.find((each) => each === chosen) ?? measures[0] ?? "splits";
  const parties = [...new Set(rows.map((row) => row.party))].sort();
  return (
    <div className="stack">
      <div className="row wrap between">
        <span className="row wrap" style={{ gap: 16 }}>
          {parties.map((party) => (
            <Party key={party} id={party} />
          ))}
        </span>
        {measures.length > 1 && (
          <Segmented
            size="small"
            aria-label={t("training.measure")}
            value={measure}
            onChange={choose}
            options={measures.map((value) => ({ value, label: t(`training.measureOf.${value}`) }))}
          />
        )}
      </div>
      <p className="small soft">{t(`training.measureHint.${measure}`)}</p>
      <Bars rows={rows} measure={measure} />
    </div>
  );
}
