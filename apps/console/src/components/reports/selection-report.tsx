import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { Card } from "../page.tsx";
import { Party, usePartyColour } from "../party.tsx";
import { type Column, Table } from "../table.tsx";
import { FigureList } from "./figure-list.tsx";
import { fallenBy, figuresOf, type SelectedColumn, type Selection, type SelectionFigure } from "./selection-shape.ts";

const SHARES: readonly SelectionFigure[] = ["missing", "unique", "commonest", "importance"];

function useFigure(): (figure: SelectionFigure, value: number | null | undefined) => string {
  const language = useLanguage();
  return (figure, value) => {
    if (typeof value !== "number") return "";
    if (SHARES.includes(figure)) return formatPercent(value, language);
    return figure === "variance" ? formatNumber(value, language) : formatMetric(value);
  };
}

/** In a sentence: by which rule, with which figure, beyond which limit. */
function Why({ column: { fell, spared } }: { column: SelectedColumn }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (fell === null)
    return (
      <>
        <span>{t("selection.stays")}</span>
        {spared.length > 0 && (
          <span className="small soft">
            {" "}
            · {t("selection.spared", { rules: spared.map((rule) => t(`selection.rule.${rule}`)).join(", ") })}
          </span>
        )}
      </>
    );
  const { rule, value, limit, with: other } = fell;
  return (
    <>
      <b>{t(`selection.rule.${rule}`)}</b>
      <span className="small soft">
        {value !== null && ` · ${formatNumber(value, language)}`}
        {limit !== null && ` · ${t("selection.limit", { limit: formatNumber(limit, language) })}`}
        {other !== null && ` · ${t("selection.alike", { column: other })}`}
      </span>
    </>
  );
}

function Falls({ report }: { report: Selection }) {
  const { t } = useTranslation();
  const falls = fallenBy(report);
  if (falls.length === 0) return null;
  const most = Math.max(...falls.map(({ count }) => count));
  return (
    <ul className="importance">
      {falls.map(({ rule, count }) => (
        <li key={rule}>
          <span className="clip">{t(`selection.rule.${rule}`)}</span>
          <span className="bar" style={{ height: 12 }}>
            <i style={{ width: `${(count / most) * 100}%`, background: "var(--accent)" }} />
          </span>
          <span className="num">{count}</span>
          <span />
        </li>
      ))}
    </ul>
  );
}

function Columns({ title, report }: { title: string; report: Selection }) {
  const { t } = useTranslation();
  const figure = useFigure();
  const sorted = report.columns.toSorted((a, b) => Number(a.fell !== null) - Number(b.fell !== null));
  return (
    <Table
      label={title}
      rows={sorted}
      keyOf={({ name }) => name}
      columns={[
        {
          key: "name",
          title: t("features.column"),
          cell: ({ name, fell }) => <code className={fell === null ? undefined : "muted"}>{name}</code>,
        },
        { key: "why", title: t("selection.why"), cell: (column) => <Why column={column} /> },
        ...figuresOf(report).map(
          (name): Column<SelectedColumn> => ({
            key: name,
            title: t(`selection.figure.${name}`),
            num: true,
            cell: ({ figures }) => figure(name, figures[name]),
          }),
        ),
      ]}
    />
  );
}

/** Columns of others, by number: what the guest decided of them. */
function Partners({ report: { partners, alike } }: { report: Selection }) {
  const { t } = useTranslation();
  const colour = usePartyColour();
  const figure = useFigure();
  const most = Math.max(Number.MIN_VALUE, ...partners.map(({ value }) => value));
  if (partners.length === 0 && alike.length === 0) return null;
  return (
    <Card title={t("selection.partners")} hint={t("selection.partnersHint")}>
      <div className="stack">
        {partners.length > 0 && (
          <Table
            label={t("selection.partners")}
            rows={partners}
            keyOf={({ party, number, figure: of }) => `${party} ${of} ${number}`}
            columns={[
              { key: "party", title: t("statistics.party"), cell: ({ party }) => <Party id={party} /> },
              {
                key: "name",
                title: t("features.column"),
                cell: ({ name, number, figure: of }) =>
                  // Numbers of binned columns are counted from 1 where people see them, those of trees' features from 0.
                  name ?? (of === "information" ? t("binning.numbered", { id: number + 1 }) : `#${number}`),
              },
              { key: "figure", title: t("selection.figureName"), cell: (row) => t(`selection.figure.${row.figure}`) },
              {
                key: "bar",
                title: "",
                width: "30%",
                cell: ({ value, party }) => (
                  <span className="bar" style={{ height: 12, display: "block" }}>
                    <i style={{ width: `${(value / most) * 100}%`, background: colour(party) }} />
                  </span>
                ),
              },
              { key: "value", title: "", num: true, cell: (row) => figure(row.figure, row.value) },
              {
                key: "why",
                title: t("selection.why"),
                cell: ({ rule }) => (rule === null ? t("selection.stays") : t(`selection.rule.${rule}`)),
              },
            ]}
          />
        )}
        {alike.length > 0 && (
          <ul className="small">
            {alike.map(({ party, number, rule, value, with: other }) => (
              <li key={`${party} ${number}`}>
                <code>{`${party} #${number}`}</code> · {t(`selection.rule.${rule}`)}
                {value !== null && ` · ${formatMetric(value)}`}
                {other !== null && ` · ${t("selection.alike", { column: other })}`}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

function Steps({ of: { rows, steps } }: { of: NonNullable<Selection["steps"]> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Card title={t("selection.steps")} hint={t("selection.stepsHint", { rows: formatNumber(rows, language) })}>
      <Table
        label={t("selection.steps")}
        rows={steps}
        keyOf={(_, i) => String(i)}
        columns={[
          { key: "action", title: t("selection.action"), cell: ({ action }) => t(`selection.actionOf.${action}`) },
          {
            key: "column",
            title: t("features.column"),
            cell: ({ column }) => column !== null && <code>{column}</code>,
          },
          {
            key: "criterion",
            title: t("selection.criterion"),
            num: true,
            cell: ({ criterion }) => (criterion === null ? "" : formatNumber(criterion, language)),
          },
        ]}
      />
    </Card>
  );
}

export function SelectionReport({ title, task, report }: { title: string; task: string; report: Selection }) {
  const { t } = useTranslation();
  return (
    <>
      <Card title={title} hint={t("reports.own", { task })}>
        <div className="stack">
          <FigureList
            items={[
              [t("reports.rows"), report.rows],
              [t("selection.kept"), report.kept],
              [t("selection.fell"), report.columns.length - report.kept],
            ]}
          />
          <Falls report={report} />
          <Columns title={title} report={report} />
        </div>
      </Card>
      <Partners report={report} />
      {report.steps !== null && <Steps of={report.steps} />}
    </>
  );
}
