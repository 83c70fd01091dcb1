import { useTranslation } from "react-i18next";
import type { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card } from "../page.tsx";
import { type Column, Table } from "../table.tsx";
import { ColumnTable } from "./column-table.tsx";
import type { exploration, Note, preparation, replay } from "./columns-shape.ts";
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
        {report.periods != null && <OverTime of={report.periods} target={label} />}
        <p className="small soft">
          {t("features.outlierHint")} {referenceRows !== null && t("features.stabilityHint")}
        </p>
      </div>
    </Card>
  );
}

const MOVED_SHOWN = 3;

type Periods = NonNullable<z.infer<typeof exploration>["periods"]>;
type Period = Periods["periods"][number];

/** Parts of as many rows, the earliest first; of each the columns that moved most since the first. */
function OverTime({ of, target }: { of: Periods; target: string | null }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const means: Column<Period>[] =
    target === null ? [] : [{ key: "label", title: target, num: true, cell: ({ label }) => label?.toFixed(4) ?? "" }];
  const most = (stability: Readonly<Record<string, number>>): string =>
    Object.entries(stability)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOVED_SHOWN)
      .map(([name, index]) => `${name} ${index.toFixed(2)}`)
      .join(", ");
  return (
    <Table
      label={t("features.overTime", { column: of.column })}
      rows={of.periods}
      keyOf={({ from, to }) => `${from} ${to}`}
      columns={[
        {
          key: "from",
          title: t("features.overTime", { column: of.column }),
          cell: ({ from, to }) => `${from} – ${to}`,
        },
        { key: "rows", title: t("reports.rows"), num: true, cell: ({ rows }) => formatNumber(rows, language) },
        ...means,
        { key: "moved", title: t("features.movedMost"), cell: ({ stability }) => most(stability) },
      ]}
    />
  );
}

export function PreparationReport({ title, task, report }: Props<typeof preparation>) {
  const { t } = useTranslation();
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
        <Notes notes={notes} />
        <ColumnTable label={title} columns={columns} target={null} made={made} />
      </div>
    </Card>
  );
}

/** What a model did to raw rows before it scored them. */
export function ReplayReport({ title, task, report }: Props<typeof replay>) {
  const { t } = useTranslation();
  const { rows, steps, notes } = report;
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <FigureList items={[[t("reports.rows"), rows]]} />
        {steps.map((each) => (
          <StepList key={each.kind} steps={each.steps} />
        ))}
        {notes.length === 0 ? <p className="small soft">{t("features.noNotes")}</p> : <Notes notes={notes} />}
      </div>
    </Card>
  );
}

export const StepList = ({ steps }: { steps: readonly string[] }) => (
  <div className="small">
    {steps.map((step) => (
      <div key={step}>
        <code>{step}</code>
      </div>
    ))}
  </div>
);

function Notes({ notes }: { notes: readonly Note[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (notes.length === 0) return null;
  return (
    <div className="small">
      <b>{t("features.notes")}</b>
      <ul>
        {notes.map(({ step, column, what, rows }) => (
          <li key={`${step} ${column} ${what}`}>
            {t(`features.note.${what}`, { column, rows: formatNumber(rows, language) })}
            <span className="soft"> · {t("features.atStep", { step })}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
