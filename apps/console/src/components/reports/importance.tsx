import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatGain } from "../../lib/format.ts";
import { Empty } from "../page.tsx";
import { Party, usePartyColour } from "../party.tsx";
import "./reports.css";

export interface ImportanceRow {
  readonly feature: string;
  readonly party: string;
  readonly gain: number;
  readonly count: number;
}

const SHOWN_MAX = 30;

/** Gain by column, in each party's colour; partners' columns carry masked names. */
export function ImportanceBars({ rows }: { rows: readonly ImportanceRow[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const colour = usePartyColour();
  if (rows.length === 0) return <Empty title={t("reports.noImportance")} hint={t("reports.noImportanceHint")} />;
  // A host sees how often its columns were used, never the gain.
  const known = rows.some((row) => row.gain > 0);
  const size = (row: ImportanceRow): number => (known ? row.gain : row.count);
  const sorted = [...rows].sort((a, b) => size(b) - size(a)).slice(0, SHOWN_MAX);
  const largest = Math.max(Number.MIN_VALUE, ...sorted.map(size));
  const parties = [...new Set(rows.map((row) => row.party))].sort();
  return (
    <div className="stack">
      <div className="row wrap" style={{ gap: 16 }}>
        {parties.map((party) => (
          <Party key={party} id={party} />
        ))}
      </div>
      <ul className="importance">
        {sorted.map((row) => (
          <li key={`${row.party} ${row.feature}`}>
            <code className="clip" title={row.feature}>
              {row.feature}
            </code>
            <span className="bar" style={{ height: 12 }}>
              <i style={{ width: `${(size(row) / largest) * 100}%`, background: colour(row.party) }} />
            </span>
            <span className="num">{known ? formatGain(row.gain, language) : ""}</span>
            <span className="num muted">{t("reports.splits", { count: row.count })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
