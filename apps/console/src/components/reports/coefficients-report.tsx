import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatNumber } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Chart, type Line } from "./chart.tsx";
import { CoefficientList } from "./coefficient-list.tsx";
import type { Coefficients, Fit } from "./coefficients.ts";
import { Residuals } from "./residuals.tsx";

/** What training left, in figures; to stand among metrics. */
export function FitFigures({ fit: { family, intercept, positive, classes, inference } }: { fit: Fit }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const error = inference?.intercept?.error;
  return (
    <>
      {family !== null && <Metric label={t("reports.family")} value={t(`reports.families.${family}`)} />}
      {intercept !== null && (
        <Metric
          label={t("reports.intercept")}
          value={error === undefined ? formatMetric(intercept) : `${formatMetric(intercept)} ± ${formatMetric(error)}`}
          sub={t("reports.atMeans")}
        />
      )}
      {classes !== null && (
        <Metric label={t("reports.classes")} value={String(classes.count)} sub={classes.names?.join(" · ")} />
      )}
      {positive !== null && <Metric label={t("reports.positive")} value={positive} />}
      {inference?.residual != null && (
        <Metric
          label={t("reports.residualError")}
          value={formatNumber(inference.residual, language)}
          sub={t("reports.degrees", { count: inference.degrees ?? 0 })}
        />
      )}
      {inference?.dispersion != null && (
        <Metric
          label={t("reports.dispersion")}
          value={formatNumber(inference.dispersion, language)}
          sub={t("reports.degrees", { count: inference.degrees ?? 0 })}
        />
      )}
    </>
  );
}

export function CoefficientsReport({ title, task, report }: { title: string; task: string; report: Coefficients }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { course, solver } = report;
  const steps = solver === "sgd" ? t("reports.epochs") : t("reports.steps");
  const losses = course.flatMap(({ step, lossChange }) => (lossChange === null ? [] : [[step, lossChange] as const]));
  const held = course.flatMap(({ step, validation }) => (validation == null ? [] : [[step, validation] as const]));
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <FitFigures fit={report} />
          <Metric
            label={steps}
            value={formatNumber(report.steps ?? course.length, language)}
            sub={t(endOf(report), { epoch: report.chosen ?? 0 })}
          />
        </div>
        <CoefficientList fit={report} />
        {report.residuals != null && <Residuals histogram={report.residuals} names={report.classes?.names ?? null} />}
        {course.length > 1 && (
          <div className="charts">
            {losses.length > 0 && (
              <Chart
                title={t("reports.lossFall")}
                x={steps}
                y=""
                free
                lines={[
                  ...lineOf(t(held.length === 0 ? "reports.lossFall" : "reports.lossTraining"), losses),
                  ...(held.length === 0
                    ? []
                    : [{ name: t("reports.lossValidation"), colour: "--ink-3", points: held } as const]),
                ]}
              />
            )}
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

function endOf({ solver, converged, chosen, course }: Coefficients) {
  if (chosen != null) return chosen < course.length ? "reports.stoppedEarly" : "reports.validationStillFalls";
  // With an arbiter nobody knows the loss.
  if (solver === "sgd" && course.some(({ lossChange }) => lossChange !== null))
    return converged ? "reports.settled" : "reports.lossStillFalls";
  return converged ? "reports.converged" : "reports.notConverged";
}

const lineOf = (name: string, points: readonly (readonly [number, number])[]): Line[] => [
  { name, colour: "--accent", points },
];
