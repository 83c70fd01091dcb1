import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { Party } from "../party.tsx";
import { Table } from "../table.tsx";
import { BinChart } from "./bin-chart.tsx";
import { BinEditor } from "./bin-editor.tsx";
import { BinEdits } from "./bin-edits.tsx";
import { useBinNames } from "./bin-names.ts";
import { type BinnedColumn, type Binning, informationOf, type MergedBin, mergedBins, poorBins } from "./binning.ts";

interface Props {
  readonly title: string;
  readonly task: string;
  readonly report: Binning;
}

const keyOf = ({ party, id }: BinnedColumn): string => `${party} ${id}`;

/** Columns by information, and of one of them its bins, which the initiator may merge otherwise. */
export function BinningReport({ title, task, report }: Props) {
  const { t } = useTranslation();
  const [chosen, choose] = useState<string | undefined>();
  const [edits, edit] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const { columns, mode, smoothing, minimumEvents, positive } = report;
  const column = columns.find((each) => keyOf(each) === chosen) ?? columns[0];
  const groupsOf = (each: BinnedColumn): readonly number[] => edits.get(keyOf(each)) ?? each.groups;
  const change = (each: BinnedColumn, groups: readonly number[] | undefined): void => {
    const next = new Map(edits);
    next.delete(keyOf(each));
    if (groups !== undefined && groups.join() !== each.groups.join()) next.set(keyOf(each), groups);
    edit(next);
  };
  const edited = columns.filter((each) => edits.has(keyOf(each)));
  const blocked = edited.some(
    (each) => poorBins(mergedBins(each, groupsOf(each), smoothing), minimumEvents).length > 0,
  );
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <div className="metrics">
          <Metric label={t("binning.count")} value={String(columns.length)} />
          <Metric label={t("binning.mode")} value={t(`binning.modeOf.${mode}`)} />
        </div>
        {positive !== null && <p className="small soft">{t("binning.positive", { value: positive })}</p>}
        {column !== undefined && (
          <div className="binning">
            <Ranking
              columns={columns}
              chosen={keyOf(column)}
              groupsOf={groupsOf}
              smoothing={smoothing}
              onChoose={choose}
            />
            <ColumnBins
              key={keyOf(column)}
              column={column}
              groups={groupsOf(column)}
              report={report}
              onChange={(groups) => change(column, groups)}
            />
          </div>
        )}
        <BinEdits
          task={task}
          blocked={blocked}
          edits={edited.map((each) => ({ party: each.party, column: each.id, groups: groupsOf(each) }))}
        />
      </div>
    </Card>
  );
}

interface RankingProps {
  readonly columns: readonly BinnedColumn[];
  readonly chosen: string;
  readonly smoothing: number;
  groupsOf(column: BinnedColumn): readonly number[];
  onChoose(key: string): void;
}

function Ranking({ columns, chosen, smoothing, groupsOf, onChoose }: RankingProps) {
  const { t } = useTranslation();
  const { columnName } = useBinNames();
  const hasFigures = columns.some(({ figures }) => figures !== null);
  const now = (column: BinnedColumn): number => informationOf(mergedBins(column, groupsOf(column), smoothing));
  const ivOf = (column: BinnedColumn) => {
    const [before, after] = [(column.figures?.iv ?? 0).toFixed(4), now(column).toFixed(4)];
    return before === after ? after : t("binning.was", { now: after, before });
  };
  const label = t(hasFigures ? "binning.ranking" : "binning.own");
  return (
    <figure className="binning-ranking">
      <figcaption>{label}</figcaption>
      <Table
        label={label}
        rows={columns}
        keyOf={keyOf}
        onOpen={(column) => onChoose(keyOf(column))}
        columns={[
          {
            key: "column",
            title: t("binning.column"),
            cell: (column) => (
              <Button
                type={keyOf(column) === chosen ? "primary" : "link"}
                size="small"
                aria-pressed={keyOf(column) === chosen}
                onClick={() => onChoose(keyOf(column))}
              >
                {columnName(column)}
              </Button>
            ),
          },
          { key: "party", title: t("binning.owner"), cell: ({ party }) => <Party id={party} bare /> },
          ...(hasFigures
            ? [
                { key: "iv", title: t("binning.iv"), num: true, cell: ivOf },
                {
                  key: "ks",
                  title: t("binning.ks"),
                  num: true,
                  cell: ({ figures }: BinnedColumn) => figures?.ks.toFixed(3),
                },
              ]
            : []),
          {
            key: "bins",
            title: t("binning.bins"),
            num: true,
            cell: (column) => String(Math.max(...groupsOf(column)) + 1),
          },
        ]}
      />
    </figure>
  );
}

interface ColumnProps {
  readonly column: BinnedColumn;
  readonly groups: readonly number[];
  readonly report: Binning;
  onChange(groups: readonly number[] | undefined): void;
}

function ColumnBins({ column, groups, report, onChange }: ColumnProps) {
  const { t } = useTranslation();
  const [isOpen, open] = useState(false);
  const { smoothing, minimumEvents } = report;
  const bins = mergedBins(column, groups, smoothing);
  const isEdited = groups.join() !== column.groups.join();
  return (
    <div className="stack tight">
      <BinChart column={column} bins={bins} />
      <BinTable column={column} bins={bins} />
      <p className="small soft">{t("binning.hint", { smoothing })}</p>
      {column.ones !== null && (
        <div className="row wrap">
          <Button size="small" aria-expanded={isOpen} onClick={() => open(!isOpen)}>
            {t(isOpen ? "binning.close" : "binning.edit")}
          </Button>
          {isEdited && (
            <Button size="small" onClick={() => onChange(undefined)}>
              {t("binning.reset")}
            </Button>
          )}
        </div>
      )}
      {isOpen && (
        <BinEditor column={column} groups={groups} smoothing={smoothing} least={minimumEvents} onChange={onChange} />
      )}
    </div>
  );
}

function BinTable({ column, bins }: { readonly column: BinnedColumn; readonly bins: readonly MergedBin[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { binName, columnName } = useBinNames();
  const all = bins.reduce((sum, { rows }) => sum + rows, 0);
  return (
    <Table
      label={t("binning.chart", { column: columnName(column) })}
      rows={bins}
      keyOf={({ bins: members }) => String(members[0])}
      columns={[
        { key: "bin", title: t("binning.bin"), cell: ({ bins: members }) => <code>{binName(column, members)}</code> },
        { key: "rows", title: t("binning.rows"), num: true, cell: ({ rows }) => formatNumber(rows, language) },
        { key: "share", title: t("binning.share"), num: true, cell: ({ rows }) => formatPercent(rows / all, language) },
        ...(column.ones === null
          ? []
          : [
              {
                key: "rate",
                title: t("binning.rate"),
                num: true,
                cell: ({ ones, rows }: MergedBin) => formatPercent((ones ?? 0) / rows, language),
              },
            ]),
        {
          key: "woe",
          title: t("binning.woe"),
          num: true,
          cell: ({ woe }) =>
            woe === null ? <span className="small muted">{t("binning.notTold")}</span> : woe.toFixed(3),
        },
        ...(column.ones === null
          ? []
          : [{ key: "iv", title: t("binning.iv"), num: true, cell: ({ iv }: MergedBin) => (iv ?? 0).toFixed(4) }]),
      ]}
    />
  );
}
