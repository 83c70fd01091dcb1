import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import { type Column, Table } from "../table.tsx";
import type { Described, LabelRow } from "./columns-shape.ts";

const WIDTH = 132;
const HEIGHT = 30;

interface BarsProps {
  readonly label: string;
  readonly bars: readonly {
    readonly key: string;
    readonly height: number;
    readonly title: string;
    readonly faint?: boolean;
  }[];
  readonly colour: string;
}

/** Small bars side by side; each tells its figures when pointed at. */
function Bars({ label, bars, colour }: BarsProps) {
  const most = Math.max(...bars.map(({ height }) => height), Number.MIN_VALUE);
  const step = WIDTH / bars.length;
  return (
    <svg width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      {bars.map(({ key, height, title, faint }, i) => {
        const tall = height === 0 ? 0 : Math.max(1, (height / most) * HEIGHT);
        return (
          <rect
            key={key}
            x={i * step}
            y={HEIGHT - tall}
            width={Math.max(1, step - 1)}
            height={tall}
            fill={`var(${colour})`}
            opacity={faint === true ? 0.4 : 0.75}
          >
            <title>{title}</title>
          </rect>
        );
      })}
    </svg>
  );
}

function Distribution({ column }: { readonly column: Described }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const number = (value: number): string => formatNumber(value, language);
  const { numbers, top, name } = column;
  if (numbers !== null)
    return (
      <Bars
        label={`${name}: ${number(numbers.min)} – ${number(numbers.max)}`}
        colour="--ink-3"
        bars={numbers.histogram.map(({ from, to, rows }) => ({
          key: String(from),
          height: rows,
          title: t("features.bar", { from: number(from), to: number(to), rows: number(rows) }),
        }))}
      />
    );
  if (top === null || top.length === 0) return <span className="small muted">{t("features.none")}</span>;
  return (
    <ul className="small">
      {top.slice(0, 4).map(({ category, rows }) => (
        <li key={category} className="row" style={{ gap: 6, lineHeight: "16px" }}>
          <span className="clip" style={{ width: 84 }} title={category}>
            {category}
          </span>
          <span className="muted num">{number(rows)}</span>
        </li>
      ))}
    </ul>
  );
}

function Along({ column, rows }: { readonly column: string; readonly rows: readonly LabelRow[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const number = (value: number): string => formatNumber(value, language);
  const partOf = ({ category, from, to, missing }: LabelRow): string => {
    if (missing) return t("features.missing");
    if (category !== null) return category;
    if (from !== null && to !== null) return `${number(from)} – ${number(to)}`;
    return to === null ? t("features.above", { from: number(from ?? 0) }) : t("features.upTo", { to: number(to) });
  };
  const bars = rows.map((row) => ({
    key: partOf(row),
    height: row.mean,
    title: t("features.part", { part: partOf(row), mean: number(row.mean), rows: number(row.rows) }),
    faint: row.missing,
  }));
  return <Bars label={column} colour="--accent" bars={bars} />;
}

interface Props {
  readonly label: string;
  readonly columns: readonly Described[];
  /** The own label's name; null: there is none here. */
  readonly target: string | null;
  /** Columns that are marked as new. */
  readonly made: readonly string[];
}

/** One row a column: its shape first, then its figures. */
export function ColumnTable({ label, columns, target, made }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const number = (value: number): string => formatNumber(value, language);
  const num = (key: string, title: string, cell: (column: Described) => string): Column<Described> => ({
    key,
    title,
    num: true,
    cell,
  });
  const figure = (of: (numbers: NonNullable<Described["numbers"]>) => string) => {
    return ({ numbers }: Described): string => (numbers === null ? "" : of(numbers));
  };
  const along: Column<Described> = {
    key: "label",
    title: t("features.label", { label: target }),
    cell: ({ name, label: rows }) => rows !== null && <Along column={name} rows={rows} />,
  };
  const isCompared = columns.some(({ stability }) => typeof stability === "number");
  return (
    <Table
      label={label}
      rows={columns}
      keyOf={({ name }) => name}
      columns={[
        {
          key: "name",
          title: t("features.column"),
          cell: ({ name }) => (
            <>
              <code>{name}</code>
              {made.includes(name) && <span className="small soft"> · {t("features.made")}</span>}
            </>
          ),
        },
        { key: "shape", title: t("features.distribution"), cell: (column) => <Distribution column={column} /> },
        ...(target === null ? [] : [along]),
        num("missing", t("features.missing"), ({ missing, rows }) => formatPercent(missing / rows, language)),
        num("distinct", t("features.distinct"), ({ distinct }) =>
          distinct === null ? t("features.many") : number(distinct),
        ),
        num(
          "mean",
          t("features.mean"),
          figure(({ mean }) => number(mean)),
        ),
        num(
          "deviation",
          t("features.deviation"),
          figure(({ deviation }) => number(deviation)),
        ),
        num(
          "range",
          t("features.range"),
          figure(({ quantiles }) => [quantiles[0]!, quantiles[2]!, quantiles[4]!].map(number).join(" · ")),
        ),
        num(
          "outliers",
          t("features.outliers"),
          figure(({ outliers }) => number(outliers)),
        ),
        ...(isCompared
          ? [
              num("stability", t("features.stability"), ({ stability }) =>
                typeof stability === "number" ? stability.toFixed(3) : "",
              ),
            ]
          : []),
      ]}
    />
  );
}
