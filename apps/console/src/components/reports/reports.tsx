import type { Report } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useText } from "../../i18n/i18n.ts";
import { Card } from "../page.tsx";
import { BinaryReport } from "./binary-report.tsx";
import { GenericReport } from "./generic-report.tsx";
import { ImportanceBars } from "./importance.tsx";
import { PsiReport, psi } from "./psi-report.tsx";
import { RegressionReport } from "./regression-report.tsx";
import { binary, importance, regression } from "./shapes.ts";
import { TrainingReport, training } from "./training-report.tsx";
import "./reports.css";

function One({ report }: { report: Report }) {
  const say = useText();
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
  if (kind === "boosting-training") {
    const parsed = training.safeParse(data);
    if (parsed.success) return <TrainingReport title={title} task={task} report={parsed.data} />;
  }
  if (kind === "importance") {
    const parsed = importance.safeParse(data);
    if (parsed.success)
      return (
        <Card title={title} hint={t("models.importanceHint")}>
          <ImportanceBars rows={parsed.data} />
        </Card>
      );
  }
  if (kind === "psi") {
    const parsed = psi.safeParse(data);
    if (parsed.success) return <PsiReport title={title} task={task} report={parsed.data} />;
  }
  return <GenericReport title={title} task={task} data={data} />;
}

const ORDER = ["binary-evaluation", "regression-evaluation", "importance", "boosting-training", "psi"];
const rankOf = (kind: string): number => (ORDER.includes(kind) ? ORDER.indexOf(kind) : ORDER.length);

/** The reports of a job, what people look for first on top. */
export function Reports({ reports }: { reports: readonly Report[] }) {
  const sorted = [...reports].sort((a, b) => rankOf(a.kind) - rankOf(b.kind));
  return (
    <div className="stack">
      {sorted.map((report) => (
        <One key={`${report.task}.${report.port}.${report.kind}`} report={report} />
      ))}
    </div>
  );
}
