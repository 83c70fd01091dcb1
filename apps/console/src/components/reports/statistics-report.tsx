import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { type Column, Table } from "../table.tsx";

const figure = z.number().nullable();
const cell = z.object({
  group: z.string().nullable(),
  shown: z.boolean(),
  count: figure,
  sum: figure,
  mean: figure,
  variance: figure,
  quantiles: z.array(figure),
});
type Cell = z.infer<typeof cell>;

/** What joint-statistics leaves; at a party that does not receive, quantiles alone. */
export const statistics = z.object({
  parties: z.number().int(),
  ownRows: z.number().int(),
  clipped: z.number().int(),
  minimumRows: z.number().int(),
  groupBy: z.string().nullable(),
  quantiles: z.array(z.number()),
  columns: z.array(z.object({ column: z.string(), groups: z.array(cell) })),
});

interface Props {
  readonly title: string;
  readonly task: string;
  readonly report: z.infer<typeof statistics>;
}

export function StatisticsReport({ title, task, report }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { parties, ownRows, clipped, minimumRows, columns } = report;
  const cells = columns.flatMap(({ groups }) => groups);
  const number = (value: number): string => formatNumber(value, language);
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <Metric label={t("statistics.parties")} value={number(parties)} />
          <Metric label={t("reports.funnelOwn")} value={number(ownRows)} />
          {clipped > 0 && <Metric label={t("statistics.clipped")} value={number(clipped)} />}
        </div>
        {columns.map(({ column, groups }) => (
          <figure key={column}>
            <figcaption>
              <code>{column}</code>
            </figcaption>
            <Groups column={column} groups={groups} report={report} />
          </figure>
        ))}
        {cells.some(({ shown }) => !shown) && (
          <p className="small soft">{t("statistics.hiddenHint", { count: minimumRows })}</p>
        )}
        {cells.some(({ shown, quantiles }) => shown && quantiles.includes(null)) && (
          <p className="small soft">{t("statistics.quantilesHint", { count: minimumRows })}</p>
        )}
        {cells.some(({ shown, count }) => shown && count === null) && (
          <p className="small soft">{t("statistics.othersFigures")}</p>
        )}
      </div>
    </Card>
  );
}

function Groups({ column, groups, report }: { column: string; groups: readonly Cell[]; report: Props["report"] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const has = (of: (cell: Cell) => number | null): boolean => groups.some((one) => of(one) !== null);
  const num = (key: string, title: string, of: (cell: Cell) => number | null): Column<Cell> => ({
    key,
    title,
    num: true,
    cell: (one) => formatNumber(of(one), language),
  });
  const figures = [
    num("count", t("reports.rows"), ({ count }) => count),
    num("sum", t("reports.sum"), ({ sum }) => sum),
    num("mean", t("reports.average"), ({ mean }) => mean),
    num("deviation", t("statistics.deviation"), ({ variance }) => (variance === null ? null : Math.sqrt(variance))),
    num("variance", t("statistics.variance"), ({ variance }) => variance),
  ].filter(({ key }) =>
    key.endsWith("ance") || key === "deviation" ? has(({ variance }) => variance) : has(({ count }) => count),
  );
  const quantiles = report.quantiles.map((share, i) =>
    num(`q${share}`, share === 0.5 ? t("statistics.median") : `${100 * share} %`, (one) => one.quantiles[i] ?? null),
  );
  return (
    <Table
      label={column}
      rows={groups}
      keyOf={({ group }) => group ?? ""}
      columns={[
        {
          key: "group",
          title: report.groupBy === null ? t("statistics.group") : <code>{report.groupBy}</code>,
          cell: ({ group, shown }) => (
            <>
              {group ?? t("statistics.all")}
              {!shown && <span className="small soft"> · {t("statistics.hidden")}</span>}
            </>
          ),
        },
        ...figures,
        ...quantiles,
      ]}
    />
  );
}
