import { useTranslation } from "react-i18next";
import type { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card } from "../page.tsx";
import { ColumnTable } from "./column-table.tsx";
import type { exploration, preparation } from "./columns-shape.ts";
import { FigureList } from "./figure-list.tsx";

interface Props<Shape extends z.ZodType> {
  readonly title: string;
  readonly task: string;
  readonly report: z.infer<Shape>;
}

export function ExplorationReport({ title, task, report }: Props<typeof exploration>) {
  const { t } = useTranslation();
  const { rows, referenceRows, columns, label } = report;
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <FigureList
          items={[
            [t("reports.rows"), rows],
            [t("features.referenceRows"), referenceRows ?? undefined],
          ]}
        />
        <ColumnTable label={title} columns={columns} target={label} made={[]} />
        <p className="small soft">
          {t("features.outlierHint")} {referenceRows !== null && t("features.stabilityHint")}
        </p>
      </div>
    </Card>
  );
}

export function PreparationReport({ title, task, report }: Props<typeof preparation>) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { rows, steps, notes, gone, made, columns } = report;
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <FigureList
          items={[
            [t("reports.rows"), rows],
            [t("features.columns"), columns.length],
          ]}
        />
        {steps.length > 0 && (
          <p className="small">
            {t("features.steps")}: {steps.map((kind, i) => `${i + 1}. ${t(`features.stepOf.${kind}`)}`).join(" → ")}
          </p>
        )}
        {gone.length > 0 && <p className="small soft">{t("features.gone", { columns: gone.join(", ") })}</p>}
        {notes.length > 0 && (
          <div className="small">
            <b>{t("features.notes")}</b>
            <ul>
              {notes.map(({ step, column, what, rows: count }) => (
                <li key={`${step} ${column} ${what}`}>
                  {t(`features.note.${what}`, { column, rows: formatNumber(count, language) })}
                  <span className="soft"> · {t("features.atStep", { step })}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
        <ColumnTable label={title} columns={columns} target={null} made={made} />
      </div>
    </Card>
  );
}
