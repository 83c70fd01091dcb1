import { useTranslation } from "react-i18next";
import type { z } from "zod";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { keyed } from "../../lib/keyed.ts";
import { Card } from "../page.tsx";
import { type Column, Table } from "../table.tsx";
import { useBinListWords } from "./bin-names.ts";
import { Chart } from "./chart.tsx";
import { ColumnTable } from "./column-table.tsx";
import {
  type exploration,
  type Note,
  type preparation,
  type ReplayNote,
  type ReplayStage,
  type replay,
  STAGES,
} from "./columns-shape.ts";
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
  const title = t("features.overTime", { column: of.column });
  const means: Column<Period>[] =
    target === null
      ? []
      : [
          {
            key: "label",
            title: t("features.meanOf", { label: target }),
            num: true,
            cell: ({ label }) => formatNumber(label, language),
          },
        ];
  const most = (stability: Readonly<Record<string, number>>): string =>
    Object.entries(stability)
      .filter(([name, index]) => name !== of.column && index > 0)
      .sort(([, a], [, b]) => b - a)
      .slice(0, MOVED_SHOWN)
      .map(([name, index]) => `${name} ${index.toFixed(2)}`)
      .join(", ");
  return (
    <>
      <PeriodCharts of={of} target={target} />
      <Table
        label={title}
        rows={of.periods}
        keyOf={({ from, to }) => `${from} ${to}`}
        columns={[
          {
            key: "from",
            title,
            cell: periodName,
          },
          { key: "rows", title: t("reports.rows"), num: true, cell: ({ rows }) => formatNumber(rows, language) },
          ...means,
          { key: "moved", title: t("features.movedMost"), cell: ({ stability }) => most(stability) },
        ]}
      />
    </>
  );
}

const periodName = ({ from, to }: Period): string => `${from} – ${to}`;
const LINES = ["--accent", "--wait", "--ink-3"] as const;

/** How far the columns moved that moved furthest in any part, and how the label ran. */
function PeriodCharts({ of: { column, periods }, target }: { of: Periods; target: string | null }) {
  const { t } = useTranslation();
  const furthest = new Map<string, number>();
  for (const { stability } of periods)
    for (const [name, index] of Object.entries(stability))
      if (name !== column) furthest.set(name, Math.max(index, furthest.get(name) ?? 0));
  const shown = [...furthest].sort(([, a], [, b]) => b - a).slice(0, LINES.length);
  const names = periods.map(({ from }) => String(from));
  const x = t("features.partsFrom", { column });
  const means = periods.flatMap(({ label }, i) => (label === null ? [] : [[i + 1, label] as const]));
  if (periods.length < 2) return null;
  return (
    <div className="grid2">
      {shown.length > 0 && (
        <Chart
          title={t("features.movedOver", { column })}
          x={x}
          y={t("features.stability")}
          names={names}
          lines={shown.map(([name], place) => ({
            name,
            points: periods.flatMap(({ stability }, i) => {
              const index = stability[name];
              return index === undefined ? [] : [[i + 1, index] as const];
            }),
            colour: LINES[place]!,
          }))}
        />
      )}
      {target !== null && means.length > 1 && (
        <Chart
          title={t("features.meanOver", { label: target, column })}
          x={x}
          y={t("features.meanOf", { label: target })}
          names={names}
          lines={[{ name: target, points: means, colour: "--accent" }]}
        />
      )}
    </div>
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
    <Card title={title} hint={`${t("reports.own", { task })} · ${t("features.stages")}`}>
      <div className="stack">
        <FigureList items={[[t("reports.rows"), rows]]} />
        <Stages stages={steps} notes={notes} />
        {notes.length === 0 && <p className="small soft">{t("features.noNotes")}</p>}
      </div>
    </Card>
  );
}

interface StagesProps {
  readonly stages: readonly ReplayStage[];
  readonly notes: readonly ReplayNote[];
}

/** What is done to raw rows, in order; beside each what rows held that it had not seen. */
export function Stages({ stages, notes }: StagesProps) {
  const { t } = useTranslation();
  return (
    <ol className="stack">
      {keyed(stages, ({ kind }) => kind).map(({ key, item: { kind, steps } }, i) => (
        <li key={key}>
          <b>{`${i + 1}. ${t(`features.stageOf.${kind}`)}`}</b>
          <StepList kind={kind} steps={steps} />
          <Notes notes={notes.filter(({ transform }) => transform === i + 1)} />
        </li>
      ))}
    </ol>
  );
}

/** `kind`: of the stage. Bins' signs for missing values and other categories stand in words. */
export function StepList({ kind, steps }: { kind: string; steps: readonly string[] }) {
  const inWords = useBinListWords();
  return (
    <div className="small">
      {steps.map((step) => (
        <div key={step}>
          <code>{kind === "bin" ? inWords(step) : step}</code>
        </div>
      ))}
    </div>
  );
}

/** Notes of a service: of each the stage before the step's number. */
export function ServedNotes({ notes }: { notes: readonly (Note & { readonly kind: string })[] }) {
  const { t } = useTranslation();
  const stageOf = (kind: string): string => {
    const known = STAGES.find((each) => each === kind);
    return known === undefined ? kind : t(`features.stageOf.${known}`);
  };
  return <Notes notes={notes} before={(note) => `${stageOf(note.kind)}, `} />;
}

interface NotesProps<N> {
  readonly notes: readonly N[];
  /** Before the number of the step. */
  before?(note: N): string;
}

function Notes<N extends Note>({ notes, before }: NotesProps<N>) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (notes.length === 0) return null;
  return (
    <div className="small">
      <b>{t("features.notes")}</b>
      <ul>
        {notes.map((note) => {
          const place = `${before?.(note) ?? ""}${t("features.atStep", { step: note.step })}`;
          return (
            <li key={`${place} ${note.column} ${note.what}`}>
              {t(`features.note.${note.what}`, { column: note.column, rows: formatNumber(note.rows, language) })}
              <span className="soft"> · {place}</span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
