import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Chart, type Line } from "./chart.tsx";

/** What regression-train tells each party: own coefficients, and how the fit went. */
export const coefficients = z.object({
  family: z.enum(["logistic", "linear", "poisson", "gamma", "tweedie"]),
  solver: z.enum(["quasi-newton", "sgd"]),
  converged: z.boolean(),
  positive: z.string().nullable(),
  /** The guest's alone. */
  intercept: z.number().nullable(),
  coefficients: z.array(
    z.object({
      column: z.string(),
      category: z.string().nullable(),
      scale: z.number(),
      coefficient: z.number(),
    }),
  ),
  course: z.array(z.object({ step: z.number(), gradient: z.number(), lossChange: z.number() })),
});
export type Coefficients = z.infer<typeof coefficients>;

export function CoefficientsReport({ title, task, report }: { title: string; task: string; report: Coefficients }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { course, intercept, converged, solver } = report;
  const steps = solver === "sgd" ? t("reports.epochs") : t("reports.steps");
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <Metric label={t("reports.family")} value={t(`reports.families.${report.family}`)} />
          <Metric
            label={steps}
            value={formatNumber(course.length, language)}
            sub={solver === "sgd" ? undefined : t(converged ? "reports.converged" : "reports.notConverged")}
          />
          {intercept !== null && (
            <Metric label={t("reports.intercept")} value={formatMetric(intercept)} sub={t("reports.atMeans")} />
          )}
          {report.positive !== null && <Metric label={t("reports.positive")} value={report.positive} />}
        </div>
        <Bars rows={report.coefficients} />
        {course.length > 1 && (
          <div className="charts">
            <Chart
              title={t("reports.lossFall")}
              x={steps}
              y=""
              free
              lines={lineOf(
                t("reports.lossFall"),
                course.map(({ step, lossChange }) => [step, lossChange]),
              )}
            />
            <Chart
              title={t("reports.gradientLength")}
              x={steps}
              y=""
              lines={lineOf(
                t("reports.gradientLength"),
                course.map(({ step, gradient }) => [step, gradient]),
              )}
            />
          </div>
        )}
      </div>
    </Card>
  );
}

const lineOf = (name: string, points: readonly (readonly [number, number])[]): Line[] => [
  { name, colour: "--accent", points },
];

/** By effect: what one standard deviation of the column adds, to the right where it raises the prediction. */
function Bars({ rows }: { rows: Coefficients["coefficients"] }) {
  const { t } = useTranslation();
  const effects = rows
    .map((row) => ({ ...row, effect: row.coefficient * row.scale }))
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect));
  const largest = Math.max(Number.MIN_VALUE, ...effects.map(({ effect }) => Math.abs(effect)));
  return (
    <div>
      <ul className="coefficients">
        <li className="muted">
          <span>{t("reports.column")}</span>
          <span>{t("reports.effect")}</span>
          <span className="num">{t("reports.coefficient")}</span>
        </li>
        {effects.map(({ column, category, effect, coefficient }) => {
          const name = category === null ? column : `${column} = ${category}`;
          const width = (50 * Math.abs(effect)) / largest;
          return (
            <li key={name}>
              <code className="clip" title={name}>
                {name}
              </code>
              <span className="bar" title={formatMetric(effect)}>
                <i style={{ width: `${width}%`, left: `${effect < 0 ? 50 - width : 50}%` }} />
              </span>
              <span className="num">{Number(coefficient.toPrecision(4))}</span>
            </li>
          );
        })}
      </ul>
      <p className="muted">{t("reports.effectHint")}</p>
    </div>
  );
}
