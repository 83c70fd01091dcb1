import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import { Bar, Card, Facts } from "../page.tsx";
import { usePartyColour } from "../party.tsx";
import { type Column, Table } from "../table.tsx";
import { FigureList } from "./figure-list.tsx";
import { type LabelShares, labelShares, type RowChoice, sidesOf } from "./rows-shape.ts";

function useFigures(report: RowChoice): readonly (readonly [string, number | undefined])[] {
  const { t } = useTranslation();
  const some = (rows: number): number | undefined => (rows === 0 ? undefined : rows);
  switch (report.kind) {
    case "split":
      return [
        [t("rowChoice.before"), report.rows],
        [t("rowChoice.training"), report.rows - report.test - report.unused],
        [t("rowChoice.testing"), report.test],
        [t("rowChoice.unused"), some(report.unused)],
      ];
    case "union":
      return [
        [t("rowChoice.first"), report.rows - report.more],
        [t("rowChoice.second"), report.more],
        [t("rowChoice.together"), report.rows],
      ];
    case "sample":
      return [
        [t("rowChoice.before"), report.rows],
        [t("rowChoice.after"), report.kept + report.repeated],
        [t("rowChoice.repeated"), some(report.repeated)],
        [t("rowChoice.leftOut"), some(report.rows - report.kept)],
      ];
    case "filter":
      return [
        [t("rowChoice.before"), report.rows],
        [t("rowChoice.after"), report.kept],
        [t("rowChoice.leftOut"), report.rows - report.kept],
        [t("rowChoice.undefinedRows"), some(report.undefinedRows)],
      ];
  }
}

/** Of each label its rows on both sides, drawn to one scale. */
function Labels({ report, rows }: { report: RowChoice; rows: readonly LabelShares[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const words = sidesOf(report);
  const most = Math.max(1, ...rows.flatMap(({ sides }) => sides.map((side) => side.rows)));
  const side = (at: 0 | 1): Column<LabelShares>[] => [
    {
      key: `rows-${at}`,
      title: t(`rowChoice.${words[at]}`),
      num: true,
      cell: ({ sides }) => formatNumber(sides[at].rows, language),
    },
    {
      key: `share-${at}`,
      title: t("rowChoice.share"),
      num: true,
      cell: ({ sides }) => formatPercent(sides[at].share, language),
    },
  ];
  return (
    <Table
      label={t("rowChoice.byLabel", { label: report.label })}
      rows={rows}
      keyOf={({ name }) => name ?? ""}
      columns={[
        {
          key: "label",
          title: t("rowChoice.byLabel", { label: report.label }),
          cell: ({ name }) => name ?? <span className="muted">{t("rowChoice.noLabel")}</span>,
        },
        {
          key: "bars",
          title: "",
          width: "34%",
          cell: ({ sides }) => (
            <div className="stack" style={{ gap: 3 }}>
              <Bar share={sides[0].rows / most} colour="var(--ink-3)" />
              <Bar share={sides[1].rows / most} colour="var(--accent)" />
            </div>
          ),
        },
        ...side(0),
        ...side(1),
      ]}
    />
  );
}

/** The own condition word for word, and how many rows meet whose. */
function Conditions({ report }: { report: Extract<RowChoice, { kind: "filter" }> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const colour = usePartyColour();
  const { condition, meeting, rows } = report;
  return (
    <>
      <Facts
        items={[
          [
            t("rowChoice.condition"),
            condition === null ? (
              <span key="none" className="muted">
                {t("rowChoice.noCondition")}
              </span>
            ) : (
              <code key="condition" className="break">
                {condition}
              </code>
            ),
          ],
        ]}
      />
      <ul className="funnel">
        {Object.entries(meeting).map(([party, met]) => (
          <li key={party}>
            <span>{t("rowChoice.meeting", { party })}</span>
            <Bar share={met / Math.max(1, rows)} colour={colour(party)} />
            <b className="num">{formatNumber(met, language)}</b>
            <span className="num muted">{formatPercent(met / Math.max(1, rows), language)}</span>
          </li>
        ))}
      </ul>
      <p className="small soft">{t("rowChoice.meetingHint")}</p>
    </>
  );
}

/** Of a step that chooses, repeats or joins rows. */
export function RowsReport({ title, task, report }: { title: string; task: string; report: RowChoice }) {
  const { t } = useTranslation();
  const figures = useFigures(report);
  const shares = labelShares(report);
  const from = t("reports.own", { task });
  const { label } = report;
  return (
    <Card
      title={title}
      hint={report.kind === "sample" ? `${from} · ${t(`rowChoice.methodOf.${report.method}`)}` : from}
    >
      <div className="stack">
        <FigureList items={figures} />
        {report.kind === "filter" && <Conditions report={report} />}
        {shares !== null && <Labels report={report} rows={shares} />}
        {shares === null && (
          <p className="small soft">
            {label === null ? t("rowChoice.labelOwner") : t("rowChoice.labelMany", { label })}
          </p>
        )}
      </div>
    </Card>
  );
}
