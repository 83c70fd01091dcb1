import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Bar, Card, Metric } from "../page.tsx";
import { Time } from "../values.tsx";
import { FigureList } from "./figure-list.tsx";

const count = z.number().int().min(0);
const removed = z.object({ empty: count, duplicates: count }).optional();

/** What match-catalogue leaves: at its maker how many ids went in, at its keeper what came. */
export const catalogue = z.object({
  version: count,
  rows: count,
  ids: count.optional(),
  added: count.optional(),
  removed: z.union([count, removed]),
});
export type Catalogue = z.infer<typeof catalogue>;

/** What match-lookup leaves at the side that was asked. */
export const answered = z.object({ asked: count, inEpoch: count, idsMax: count, expiresAt: z.string() });
export type Answered = z.infer<typeof answered>;

interface ReportProps<T> {
  readonly title: string;
  readonly task: string;
  readonly report: T;
}

export function CatalogueReport({ title, task, report }: ReportProps<Catalogue>) {
  const { t } = useTranslation();
  const left = typeof report.removed === "object" ? report.removed : { empty: 0, duplicates: 0 };
  const figures: (readonly [string, number | undefined])[] = [
    [t("reports.catalogueVersion"), report.version],
    [t("reports.catalogueIds"), report.ids],
    [t("reports.catalogueRows"), report.rows],
    [t("reports.catalogueAdded"), report.added],
    [t("reports.catalogueRemoved"), typeof report.removed === "number" ? report.removed : undefined],
    [t("reports.removedOf.empty"), left.empty === 0 ? undefined : left.empty],
    [t("reports.removedOf.duplicates"), left.duplicates === 0 ? undefined : left.duplicates],
  ];
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <FigureList items={figures} />
        <p className="small soft">
          {report.ids === undefined ? t("reports.catalogueKept") : t("reports.cataloguePadded")}
        </p>
      </div>
    </Card>
  );
}

/** From here on the bar warns. */
const NEAR = 0.8;

export function AnsweredReport({ title, task, report }: ReportProps<Answered>) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { asked, inEpoch, idsMax, expiresAt } = report;
  const share = idsMax === 0 ? 1 : inEpoch / idsMax;
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <Metric label={t("reports.askedNow")} value={formatNumber(asked, language)} />
          <Metric
            label={t("reports.askedEpoch")}
            value={formatNumber(inEpoch, language)}
            sub={t("reports.askedOf", { max: formatNumber(idsMax, language) })}
          />
          <Metric label={t("reports.epochEnds")} value={<Time at={expiresAt} />} />
        </div>
        <Bar share={share} tone={share >= 1 ? "bad" : share >= NEAR ? "wait" : "ok"} />
        <p className="small soft">{t("reports.answeredHint")}</p>
      </div>
    </Card>
  );
}
