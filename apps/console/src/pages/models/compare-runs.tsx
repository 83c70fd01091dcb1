import type { ModelComparison, ModelReport } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Notice } from "../../components/page.tsx";
import { Chart, type Line } from "../../components/reports/chart.tsx";
import { type Binary, binary, type Regression, regression } from "../../components/reports/shapes.ts";
import { useMetricTitle } from "../../components/reports/training-charts.tsx";
import { curvesOf, stepsOf, type Training, training } from "../../components/reports/training-curves.ts";
import { Table } from "../../components/table.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatNumber } from "../../lib/format.ts";
import "../../components/reports/reports.css";
import { Name, SIDE_COLOURS, SIDES, type Side, useSideName } from "./side.tsx";

/** The first report of a version that reads as one of the kind: its own job's before later ones'. */
function firstOf<T>(
  reports: readonly ModelReport[],
  kind: string,
  schema: { safeParse(value: unknown): { success: boolean; data?: T | undefined } },
): T | undefined {
  const found = reports.find((report) => report.kind === kind);
  const parsed = found === undefined ? undefined : schema.safeParse(found.data);
  return parsed?.success === true ? parsed.data : undefined;
}

type Pair<T> = Readonly<Record<Side, T>>;

interface Compared {
  readonly of: ModelComparison;
  readonly reports: Pair<readonly ModelReport[]>;
}

/** Both trainings in one chart for each metric: kept-out rows in full, training rows dashed. */
function Curves({ of, reports: { a, b } }: { of: ModelComparison; reports: Pair<Training> }) {
  const { t } = useTranslation();
  const titleOf = useMetricTitle();
  const nameOf = useSideName();
  const curves = { a: curvesOf(stepsOf(a)), b: curvesOf(stepsOf(b)) };
  const metrics = curves.a.map(({ metric }) => metric).filter((each) => curves.b.some(({ metric }) => metric === each));
  const linesOf = (metric: string): Line[] =>
    SIDES.flatMap((side) => {
      const { training: own, validation } = curves[side].find((each) => each.metric === metric)!.parts;
      const name = (part: "training" | "validation"): string => `${nameOf(of[side])}, ${t(`training.${part}`)}`;
      const colour = SIDE_COLOURS[side];
      return [
        ...(own === undefined
          ? []
          : [{ name: name("training"), points: own, colour, dashed: validation !== undefined }]),
        ...(validation === undefined ? [] : [{ name: name("validation"), points: validation, colour }]),
      ];
    });
  return (
    <Card title={t("models.compareCurves")} hint={t("models.compareCurvesHint")}>
      <div className="charts">
        {metrics.map((metric) => (
          <Chart
            key={metric}
            title={titleOf(metric, a.loss === b.loss ? a.loss : undefined)}
            x={t("training.round")}
            y=""
            free
            lines={linesOf(metric)}
          />
        ))}
      </div>
    </Card>
  );
}

interface Figure {
  readonly name: string;
  readonly a: string;
  readonly b: string;
}

function Figures({ of, rows }: { of: ModelComparison; rows: readonly Figure[] }) {
  const { t } = useTranslation();
  return (
    <Table
      label={t("models.compareEvaluations")}
      rows={rows}
      keyOf={({ name }) => name}
      columns={[
        { key: "name", title: t("models.metrics"), cell: ({ name }) => name },
        ...SIDES.map((side) => ({
          key: side,
          title: <Name of={of[side]} side={side} />,
          num: true,
          cell: (row: Figure) => row[side],
        })),
      ]}
    />
  );
}

function OtherRows({ reports: { a, b } }: { reports: Pair<{ readonly rows: number }> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (a.rows === b.rows) return null;
  const [first, second] = [a.rows, b.rows].map((rows) => formatNumber(rows, language));
  return <Notice tone="wait">{t("models.otherRows", { a: first, b: second })}</Notice>;
}

function BinaryPair({ of, reports }: { of: ModelComparison; reports: Pair<Binary> }) {
  const { t } = useTranslation();
  const nameOf = useSideName();
  const language = useLanguage();
  const row = (name: string, value: (report: Binary) => number | null | undefined): Figure => ({
    name,
    a: formatMetric(value(reports.a)),
    b: formatMetric(value(reports.b)),
  });
  const lines = (points: (report: Binary) => Line["points"], type?: "scatter"): Line[] =>
    SIDES.map((side) => ({
      name: nameOf(of[side]),
      points: points(reports[side]),
      colour: SIDE_COLOURS[side],
      ...(type === undefined ? {} : { type }),
    }));
  const [best, unit] = [t("reports.ksX"), { xMax: 1, yMax: 1 }];
  const rows = { a: formatNumber(reports.a.rows, language), b: formatNumber(reports.b.rows, language) };
  return (
    <Card title={t("models.compareEvaluations")} hint={t("models.compareEvaluationsHint")}>
      <div className="stack">
        <OtherRows reports={reports} />
        <Figures
          of={of}
          rows={[
            row(t("reports.auc"), ({ auc }) => auc),
            row(t("reports.ks"), ({ ks }) => ks?.value),
            row(t("reports.ap"), ({ averagePrecision }) => averagePrecision),
            row(t("reports.f1"), ({ bestF1 }) => bestF1?.f1),
            row(t("reports.logLoss"), ({ logLoss }) => logLoss),
            row(t("reports.brier"), ({ brier }) => brier),
            { name: t("reports.rows"), ...rows },
          ]}
        />
        <div className="charts">
          <Chart
            title={t("reports.roc")}
            x={t("reports.rocX")}
            y={t("reports.rocY")}
            {...unit}
            lines={lines(({ curves }) => curves.roc)}
          />
          <Chart
            title={t("reports.gain")}
            x={best}
            y={t("reports.gainY")}
            {...unit}
            lines={lines(({ curves }) => curves.gain)}
          />
          <Chart
            title={t("reports.lift")}
            x={best}
            y={t("reports.liftY")}
            xMax={1}
            lines={lines(({ curves }) => curves.lift)}
          />
          <Chart
            title={t("reports.calibration")}
            x={t("reports.calibrationX")}
            y={t("reports.calibrationY")}
            {...unit}
            lines={lines(
              ({ calibration }) => (calibration?.bins ?? []).map((bin) => [bin.meanScore, bin.observed] as const),
              "scatter",
            )}
          />
        </div>
      </div>
    </Card>
  );
}

function RegressionPair({ of, reports }: { of: ModelComparison; reports: Pair<Regression> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const row = (name: string, value: (report: Regression) => number | null): Figure => ({
    name,
    a: formatNumber(value(reports.a), language),
    b: formatNumber(value(reports.b), language),
  });
  return (
    <Card title={t("models.compareEvaluations")} hint={t("models.compareEvaluationsHint")}>
      <div className="stack">
        <OtherRows reports={reports} />
        <Figures
          of={of}
          rows={[
            row(t("reports.rmse"), ({ rmse }) => rmse),
            row(t("reports.mae"), ({ mae }) => mae),
            row(t("reports.r2"), ({ r2 }) => r2),
            row(t("reports.bias"), ({ bias }) => bias),
            row(t("reports.rows"), ({ rows }) => rows),
          ]}
        />
      </div>
    </Card>
  );
}

/** Where both versions have them here: evaluations side by side, and curves of training over each other. */
export function Runs({ of, reports }: Compared) {
  const both = <T,>(
    kind: string,
    schema: { safeParse(value: unknown): { success: boolean; data?: T | undefined } },
  ): Pair<T> | undefined => {
    const [a, b] = [firstOf(reports.a, kind, schema), firstOf(reports.b, kind, schema)];
    return a === undefined || b === undefined ? undefined : { a, b };
  };
  const [yesNo, numbers, curves] = [
    both("binary-evaluation", binary),
    both("regression-evaluation", regression),
    both("boosting-training", training),
  ];
  return (
    <>
      {yesNo !== undefined && <BinaryPair of={of} reports={yesNo} />}
      {numbers !== undefined && <RegressionPair of={of} reports={numbers} />}
      {curves !== undefined && <Curves of={of} reports={curves} />}
    </>
  );
}
