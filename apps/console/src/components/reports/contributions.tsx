import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card, Empty } from "../page.tsx";
import { Party, usePartyColour } from "../party.tsx";
import "./reports.css";

export const contributions = z.object({
  rows: z.number(),
  base: z.number(),
  features: z.array(
    z.object({
      /** Null: all columns of a host together. */
      feature: z.string().nullable(),
      party: z.string(),
      mean: z.number(),
    }),
  ),
});

const SHOWN_MAX = 30;

/** How far each own column, and each host as a whole, moves a score on average. */
export function ContributionsReport({
  title,
  task,
  report,
}: {
  readonly title: string;
  readonly task: string;
  readonly report: z.infer<typeof contributions>;
}) {
  const { t } = useTranslation();
  const language = useLanguage();
  const colour = usePartyColour();
  const shown = report.features.slice(0, SHOWN_MAX);
  const largest = Math.max(Number.MIN_VALUE, ...shown.map(({ mean }) => mean));
  const hint = t("reports.contributionsHint", { base: formatNumber(report.base, language) });
  return (
    <Card title={title} hint={`${t("reports.own", { task })} · ${hint}`}>
      {shown.length === 0 ? (
        <Empty title={t("reports.noImportance")} hint={t("reports.noImportanceHint")} />
      ) : (
        <ul className="importance">
          {shown.map(({ feature, party, mean }) => (
            <li key={`${party} ${feature}`}>
              {feature === null ? (
                <span className="clip">{t("reports.allColumns", { party })}</span>
              ) : (
                <code className="clip" title={feature}>
                  {feature}
                </code>
              )}
              <span className="bar" style={{ height: 12 }}>
                <i style={{ width: `${(mean / largest) * 100}%`, background: colour(party) }} />
              </span>
              <span className="num">{formatNumber(mean, language)}</span>
              <span className="muted">
                <Party id={party} bare />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
