import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import { Bar, Card } from "../page.tsx";
import { useParties, usePartyColour } from "../party.tsx";

const matched = z.number().int().min(0);
const counts = z.record(z.string(), z.number().int().min(0));

/** Rows before and after the match; what was removed on the way, by reason. */
export const psi = z
  .looseObject({
    /** Null at a party that does not learn it. */
    matched: matched.nullable().optional(),
    kept: matched.nullable().optional(),
    intersection: matched.optional(),
    matchedRows: matched.optional(),
    ownRows: z.number().optional(),
    rows: z.union([z.number(), counts]).optional(),
    rowCounts: counts.optional(),
    partners: counts.optional(),
    removed: z.record(z.string(), z.unknown()).optional(),
    /** Of the catalogue that was asked, where one was. */
    version: z.number().int().optional(),
  })
  .transform((value) => {
    const byParty = typeof value.rows === "object" ? value.rows : (value.rowCounts ?? value.partners ?? {});
    const removed = Object.entries(value.removed ?? {}).flatMap(([why, count]) =>
      typeof count === "number" && count > 0 ? [[why, count] as const] : [],
    );
    return {
      matched: value.matched === null ? null : (value.matched ?? value.intersection ?? value.matchedRows),
      kept: value.kept ?? undefined,
      own: value.ownRows ?? (typeof value.rows === "number" ? value.rows : undefined),
      byParty,
      removed,
      version: value.version,
    };
  })
  .refine((value): value is typeof value & { matched: number | null } => value.matched !== undefined);
export type Psi = {
  matched?: number | null | undefined;
  kept?: number | undefined;
  own?: number | undefined;
  byParty: Record<string, number>;
  removed: (readonly [string, number])[];
  version?: number | undefined;
};

export function PsiReport({ title, task, report }: { title: string; task: string; report: Psi }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const colour = usePartyColour();
  const { own: me } = useParties();
  const removedText = (why: string): string =>
    why === "empty" || why === "duplicates" ? t(`reports.removedOf.${why}`) : t("reports.funnelRemoved", { why });
  const own = report.own ?? report.byParty[me];
  const partners = Object.entries(report.byParty).filter(([party]) => party !== me);
  const count = report.matched ?? 0;
  const largest = Math.max(1, own ?? 0, count, ...partners.map(([, rows]) => rows));
  const line = (key: string, label: string, rows: number, tint: string, note = "") => (
    <li key={key}>
      <span>{label}</span>
      <div style={{ height: 14, borderRadius: 3, overflow: "hidden" }}>
        <Bar share={rows / largest} colour={tint} />
      </div>
      <b className="num">{formatNumber(rows, language)}</b>
      <span className="num muted">{note}</span>
    </li>
  );
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <ul className="funnel">
        {own !== undefined && line("own", t("reports.funnelOwn"), own, colour(me))}
        {partners.map(([party, rows]) => line(party, t("reports.funnelPartner", { party }), rows, colour(party)))}
        {report.removed.map(([why, rows]) => line(why, removedText(why), rows, "var(--wait)"))}
        {report.matched !== null &&
          line(
            "matched",
            report.version === undefined ? t("reports.funnelMatched") : t("reports.funnelFound"),
            count,
            "var(--accent)",
            own === undefined ? "" : formatPercent(count / Math.max(1, own), language),
          )}
        {report.kept !== undefined &&
          report.kept !== report.matched &&
          line("kept", t("reports.funnelKept"), report.kept, "var(--accent)")}
      </ul>
      {report.version !== undefined && (
        <p className="small soft">{t("reports.lookupHint", { version: report.version })}</p>
      )}
      {report.matched === null && <p className="small soft">{t("reports.oneSided")}</p>}
    </Card>
  );
}
