import type { Report } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card, Facts } from "../page.tsx";
import { BinaryReport } from "./binary-report.tsx";
import { binning } from "./binning.ts";
import { BinningReport } from "./binning-report.tsx";
import { AnsweredReport, answered, CatalogueReport, catalogue } from "./catalogue-report.tsx";
import { ClassesReport } from "./classes-report.tsx";
import { coefficients } from "./coefficients.ts";
import { CoefficientsReport } from "./coefficients-report.tsx";
import { ExplorationReport, PreparationReport, ReplayReport } from "./columns-report.tsx";
import { exploration, preparation, replay } from "./columns-shape.ts";
import { Comparison } from "./comparison.tsx";
import { ContributionsReport, contributions } from "./contributions.tsx";
import { correlation } from "./correlation.ts";
import { CorrelationReport } from "./correlation-report.tsx";
import { ReasonCodesReport } from "./costs-report.tsx";
import { crossValidation } from "./cross-validation.ts";
import { CrossValidationReport } from "./cross-validation-report.tsx";
import { reasonCodes } from "./evaluation-shape.ts";
import { FigureList } from "./figure-list.tsx";
import { FiguresReport, figures } from "./figures-report.tsx";
import { GenericReport } from "./generic-report.tsx";
import { importance } from "./importance.ts";
import { ImportanceBars } from "./importance-bars.tsx";
import { LabelReport, labelled } from "./label-report.tsx";
import { PsiReport, psi } from "./psi-report.tsx";
import { QueryReport, queried } from "./query-report.tsx";
import { RegressionReport } from "./regression-report.tsx";
import { rejectInference } from "./reject-inference.ts";
import { RejectInferenceReport } from "./reject-inference-report.tsx";
import { RowsReport } from "./rows-report.tsx";
import { rowChoice } from "./rows-shape.ts";
import { ScorecardReport, scorecard } from "./scorecard-report.tsx";
import { SelectionReport } from "./selection-report.tsx";
import { selection } from "./selection-shape.ts";
import { binary, classes, exported, hostTraining, regression } from "./shapes.ts";
import { StatisticsReport, statistics } from "./statistics-report.tsx";
import { training } from "./training-curves.ts";
import { TrainingReport } from "./training-report.tsx";
import "./reports.css";

/** One report, drawn by its kind. */
export function ReportView({ report }: { report: Report }) {
  const say = useText();
  const language = useLanguage();
  const { t } = useTranslation();
  const title = say(report.title);
  const { task, data, kind } = report;
  if (kind === "binary-evaluation") {
    const parsed = binary.safeParse(data);
    if (parsed.success) return <BinaryReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "regression-evaluation") {
    const parsed = regression.safeParse(data);
    if (parsed.success) return <RegressionReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "multi-class-evaluation") {
    const parsed = classes.safeParse(data);
    if (parsed.success) return <ClassesReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "cross-validation") {
    const parsed = crossValidation.safeParse(data);
    if (parsed.success) return <CrossValidationReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "boosting-training") {
    const parsed = training.safeParse(data);
    if (parsed.success) return <TrainingReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "regression-training") {
    const parsed = coefficients.safeParse(data);
    if (parsed.success) return <CoefficientsReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "importance") {
    const parsed = importance.safeParse(data);
    if (parsed.success)
      return (
        <Card title={title} hint={`${t("reports.own", { task })} · ${t("models.importanceHint")}`}>
          <ImportanceBars rows={parsed.data} />
        </Card>
      );
  }
  if (kind === "contributions") {
    const parsed = contributions.safeParse(data);
    if (parsed.success) return <ContributionsReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "reason-codes") {
    const parsed = reasonCodes.safeParse(data);
    if (parsed.success) return <ReasonCodesReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "psi") {
    const parsed = psi.safeParse(data);
    if (parsed.success) return <PsiReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "match-catalogue") {
    const parsed = catalogue.safeParse(data);
    if (parsed.success) return <CatalogueReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "match-label") {
    const parsed = labelled.safeParse(data);
    if (parsed.success) return <LabelReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "match-lookup" || kind === "query-keyword" || kind === "query-verify") {
    const theirs = answered.safeParse(data);
    if (theirs.success) return <AnsweredReport title={title} task={task} report={theirs.data} />;
    const parsed = psi.safeParse(data);
    if (parsed.success) return <PsiReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "query-hidden" || kind === "query-two-server" || kind === "query-transfer") {
    const parsed = queried.safeParse(data);
    if (parsed.success) return <QueryReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "match-count" || kind === "match-sum") {
    const parsed = figures.safeParse(data);
    if (parsed.success) return <FiguresReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "correlation") {
    const parsed = correlation.safeParse(data);
    if (parsed.success) return <CorrelationReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "exploration") {
    const parsed = exploration.safeParse(data);
    if (parsed.success) return <ExplorationReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "preparation") {
    const parsed = preparation.safeParse(data);
    if (parsed.success) return <PreparationReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "replay") {
    const parsed = replay.safeParse(data);
    if (parsed.success) return <ReplayReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "scorecard") {
    const parsed = scorecard.safeParse(data);
    if (parsed.success) return <ScorecardReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "reject-inference") {
    const parsed = rejectInference.safeParse(data);
    if (parsed.success) return <RejectInferenceReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "selection") {
    const parsed = selection.safeParse(data);
    if (parsed.success) return <SelectionReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "binning") {
    const parsed = binning.safeParse(data);
    if (parsed.success) return <BinningReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "joint-statistics") {
    const parsed = statistics.safeParse(data);
    if (parsed.success) return <StatisticsReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "boosting-host") {
    const parsed = hostTraining.safeParse(data);
    if (parsed.success)
      return (
        <Card title={title} hint={t("reports.own", { task })}>
          <FigureList
            items={[
              [t("models.metric.trees"), parsed.data.trees],
              [t("reports.ownSplits"), parsed.data.ownSplits],
            ]}
          />
        </Card>
      );
  }
  if (kind === "split" || kind === "sample" || kind === "filter" || kind === "union") {
    const parsed = rowChoice.safeParse(typeof data === "object" && data !== null ? { ...data, kind } : data);
    if (parsed.success) return <RowsReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "export") {
    const parsed = exported.safeParse(data);
    if (parsed.success)
      return (
        <Card title={title} hint={t("reports.own", { task })}>
          <Facts
            items={[
              [t("reports.exported.rows"), formatNumber(parsed.data.rows, language)],
              [t("reports.exported.columns"), <code key="columns">{parsed.data.columns.join(", ")}</code>],
              [t("reports.exported.format"), parsed.data.format === "csv" ? "CSV" : "Parquet"],
            ]}
          />
        </Card>
      );
  }
  return <GenericReport title={title} task={task} data={data} />;
}

const ORDER = [
  ...["cross-validation", "binary-evaluation", "multi-class-evaluation", "regression-evaluation"],
  ...["regression-training", "importance", "boosting-training", "contributions", "psi"],
];
const rankOf = (kind: string): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);
/** Tasks of the comparison model that joint-model flows train on own columns. */
const isBaseline = (report: Report): boolean => report.task.startsWith("baseline");
const keyOf = (report: Report): string => `${report.task}.${report.port}.${report.kind}`;

/** The reports of a job: the comparison first, then what people look for first; the baseline's folded away. */
export function Reports({ reports }: { reports: readonly Report[] }) {
  const { t } = useTranslation();
  const sorted = [...reports].sort(
    (a, b) => Number(isBaseline(a)) - Number(isBaseline(b)) || rankOf(a.kind) - rankOf(b.kind),
  );
  const evaluations = sorted.flatMap(({ kind, task, data }) => {
    const parsed = kind === "binary-evaluation" ? binary.safeParse(data) : undefined;
    return parsed?.success === true ? [{ task, report: parsed.data }] : [];
  });
  const shown = sorted.some((report) => !isBaseline(report)) ? sorted.filter((report) => !isBaseline(report)) : sorted;
  const folded = sorted.filter((report) => !shown.includes(report));
  return (
    <div className="stack">
      {evaluations.length > 1 && <Comparison evaluations={evaluations} withAlone={sorted.some(isBaseline)} />}
      {shown.map((report) => (
        <ReportView key={keyOf(report)} report={report} />
      ))}
      {folded.length > 0 && (
        <details className="folded">
          <summary>{t("reports.baseline", { count: folded.length })}</summary>
          <div className="stack">
            {folded.map((report) => (
              <ReportView key={keyOf(report)} report={report} />
            ))}
          </div>
        </details>
      )}
    </div>
  );
}
