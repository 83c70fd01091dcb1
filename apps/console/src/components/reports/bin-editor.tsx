import { Button, Select } from "antd";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatPercent } from "../../lib/format.ts";
import { Notice } from "../page.tsx";
import { Table } from "../table.tsx";
import { useBinNames } from "./bin-names.ts";
import { type BinnedColumn, isCut, mergedBins, moved, poorBins, withCut } from "./binning.ts";

interface Props {
  readonly column: BinnedColumn;
  readonly groups: readonly number[];
  readonly smoothing: number;
  readonly least: number;
  onChange(groups: readonly number[]): void;
}

/** Fine bins of a column one below the other: cut and joined where they have an order, moved where they have none. */
export function BinEditor({ column, groups, smoothing, least, onChange }: Props) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { fineName, binName } = useBinNames();
  const merged = mergedBins(column, groups, smoothing);
  const poor = poorBins(merged, least);
  const isMovable = (bin: number): boolean => !column.ordered || bin >= column.ordinary;
  const choices = [
    ...merged.map(({ bins }, i) => ({ value: i, label: `${i + 1}: ${binName(column, bins)}` })),
    { value: -1, label: t("binning.alone") },
  ];
  return (
    <div className="stack tight">
      <p className="small soft">{t("binning.editHint")}</p>
      {poor.map(({ bins }) => (
        <Notice key={bins[0]} tone="wait">
          {t("binning.poor", { bin: binName(column, bins), least })}
        </Notice>
      ))}
      <Table
        label={t("binning.edit")}
        rows={column.rows.map((rows, bin) => ({ rows, bin }))}
        keyOf={({ bin }) => String(bin)}
        columns={[
          { key: "bin", title: t("binning.bin"), cell: ({ bin }) => <code>{fineName(column, bin)}</code> },
          { key: "rows", title: t("binning.rows"), num: true, cell: ({ rows }) => formatNumber(rows, language) },
          {
            key: "rate",
            title: t("binning.rate"),
            num: true,
            cell: ({ rows, bin }) => formatPercent((column.ones?.[bin] ?? 0) / rows, language),
          },
          {
            key: "group",
            title: t("binning.inBin"),
            cell: ({ bin }) =>
              isMovable(bin) ? (
                <Select
                  size="small"
                  style={{ minWidth: 180 }}
                  aria-label={t("binning.moveLabel", { bin: fineName(column, bin) })}
                  value={groups[bin]!}
                  options={choices}
                  onChange={(to) => onChange(moved(groups, bin, to < 0 ? null : to))}
                />
              ) : (
                <span className="row nowrap">
                  <span className="num" style={{ width: 24 }}>
                    {groups[bin]! + 1}
                  </span>
                  {bin > 0 && (
                    <Button
                      size="small"
                      aria-label={t(isCut(groups, bin) ? "binning.joinLabel" : "binning.cutLabel", {
                        bin: fineName(column, bin),
                      })}
                      onClick={() => onChange(withCut(groups, bin, column.ordinary))}
                    >
                      {t(isCut(groups, bin) ? "binning.joinHere" : "binning.cutHere")}
                    </Button>
                  )}
                </span>
              ),
          },
        ]}
      />
    </div>
  );
}
