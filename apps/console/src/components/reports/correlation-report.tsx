import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Party, usePartyColour } from "../party.tsx";
import { Table } from "../table.tsx";
import { type Correlation, SHOWN_MAX, shownColumns, strongestPairs } from "./correlation.ts";

const PAIRS = 12;

interface Props {
  readonly title: string;
  readonly task: string;
  readonly report: Correlation;
}

export function CorrelationReport({ title, task, report }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { matrix, inflation, rows, dropped, constant } = report;
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <Metric label={t("reports.rows")} value={formatNumber(rows, language)} />
          <Metric label={t("statistics.method")} value={t(`statistics.methodOf.${report.method}`)} />
          {dropped > 0 && <Metric label={t("statistics.dropped")} value={formatNumber(dropped, language)} />}
        </div>
        {constant.length > 0 && (
          <p className="small soft">{t("statistics.constant", { columns: constant.join(", ") })}</p>
        )}
        {matrix === null || inflation === null ? (
          <p className="small soft">{t("statistics.notHere")}</p>
        ) : (
          <>
            <HeatMap report={report} matrix={matrix} />
            <div className="charts">
              <Strongest report={report} />
              <Inflation report={report} inflation={inflation} />
            </div>
          </>
        )}
      </div>
    </Card>
  );
}

/** Without a sign where nothing is left of the value. */
const twoDecimals = (value: number): string => (Math.round(100 * value) / 100 + 0).toFixed(2);

const tint = (value: number): string =>
  `color-mix(in srgb, var(${value < 0 ? "--wait" : "--accent"}) ${Math.round(70 * Math.abs(value))}%, var(--surface))`;

function HeatMap({ report, matrix }: { report: Correlation; matrix: readonly (readonly number[])[] }) {
  const { t } = useTranslation();
  const colour = usePartyColour();
  const shown = shownColumns(report);
  const nameOf = (i: number): string => report.columns[i]!.name;
  const isEdge = (at: number): boolean =>
    at > 0 && report.columns[shown[at]!]!.party !== report.columns[shown[at - 1]!]!.party;
  const head = (i: number) => ({ color: colour(report.columns[i]!.party) });
  return (
    <figure>
      <figcaption>
        {t("statistics.matrix")}
        {shown.length < report.columns.length && ` · ${t("statistics.matrixPart", { count: SHOWN_MAX })}`}
      </figcaption>
      <div className="t-wrap">
        <table className="heat" aria-label={t("statistics.matrix")}>
          <thead>
            <tr>
              <td />
              {shown.map((i, at) => (
                <th key={i} scope="col" className={isEdge(at) ? "edge" : undefined} style={head(i)} title={nameOf(i)}>
                  <span>{nameOf(i)}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((i, at) => (
              <tr key={i} className={isEdge(at) ? "edge" : undefined}>
                <th scope="row" style={head(i)} title={nameOf(i)}>
                  {nameOf(i)}
                </th>
                {shown.map((j, place) => (
                  <td
                    key={j}
                    className={isEdge(place) ? "edge" : undefined}
                    style={{ background: i === j ? "var(--sunken)" : tint(matrix[i]![j]!) }}
                    title={`${nameOf(i)} · ${nameOf(j)}: ${matrix[i]![j]!.toFixed(report.decimals)}`}
                  >
                    {i === j ? "" : twoDecimals(matrix[i]![j]!)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="row wrap small soft heat-legend">
        {[-1, -0.5, 0, 0.5, 1].map((value) => (
          <span key={value}>
            <i style={{ background: tint(value) }} />
            {value}
          </span>
        ))}
        {[...new Set(report.columns.map(({ party }) => party))].map((party) => (
          <Party key={party} id={party} bare />
        ))}
      </div>
    </figure>
  );
}

function Strongest({ report }: { report: Correlation }) {
  const { t } = useTranslation();
  const named = (i: number) => <code>{report.columns[i]!.name}</code>;
  const [first, second] = [report.columns[0]?.party ?? "", report.columns.at(-1)?.party ?? ""];
  return (
    <figure>
      <figcaption>{t("statistics.strongest")}</figcaption>
      <Table
        label={t("statistics.strongest")}
        rows={strongestPairs(report, PAIRS)}
        keyOf={({ left, right }) => `${left} ${right}`}
        columns={[
          { key: "left", title: <Party id={first} bare />, cell: ({ left }) => named(left) },
          { key: "right", title: <Party id={second} bare />, cell: ({ right }) => named(right) },
          {
            key: "value",
            title: t("statistics.correlation"),
            num: true,
            cell: ({ value }) => value.toFixed(report.decimals),
          },
        ]}
      />
    </figure>
  );
}

function Inflation({ report, inflation }: { report: Correlation; inflation: readonly (number | null)[] }) {
  const { t } = useTranslation();
  const rows = report.columns
    .map((column, i) => ({ ...column, value: inflation[i] ?? null }))
    .sort((a, b) => (b.value ?? Number.POSITIVE_INFINITY) - (a.value ?? Number.POSITIVE_INFINITY));
  return (
    <figure>
      <figcaption>{t("statistics.inflation")}</figcaption>
      <Table
        label={t("statistics.inflation")}
        rows={rows}
        keyOf={({ party, name }) => `${party} ${name}`}
        columns={[
          { key: "party", title: t("statistics.party"), cell: ({ party }) => <Party id={party} bare /> },
          { key: "name", title: t("datasets.column"), cell: ({ name }) => <code>{name}</code> },
          {
            key: "value",
            title: t("statistics.vif"),
            num: true,
            cell: ({ value }) => (value === null ? t("statistics.dependent") : value.toFixed(2)),
          },
        ]}
      />
      <p className="small soft">{t("statistics.inflationHint")}</p>
    </figure>
  );
}
