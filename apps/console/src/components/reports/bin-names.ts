import { useTranslation } from "react-i18next";
import { type BinnedColumn, rangeName } from "./binning.ts";

/** A bin's own name with words for what stands in it for missing values and other categories. */
export function useBinWords(): (name: string) => string {
  const { t } = useTranslation();
  return (name) =>
    name
      .split(" | ")
      .map((part) => (part === "∅" ? t("binning.missing") : part === "*" ? t("binning.other") : part))
      .join(" | ");
}

/** The same of a column's bins in one line: "home: owner, rent | *". */
export function useBinListWords(): (line: string) => string {
  const { t } = useTranslation();
  const signs: Readonly<Record<string, string>> = { "∅": t("binning.missing"), "*": t("binning.other") };
  return (line) => withSigns(line, signs);
}

export const withSigns = (line: string, signs: Readonly<Record<string, string>>): string =>
  line.replace(BIN_SIGN, (sign) => signs[sign] ?? sign);

/** Alone between what parts a column's bins, and what joins those that were merged. */
const BIN_SIGN = /(?<=: |, | \| )[∅*](?=, | \| |$)/g;

/** What bins are called: own ones by their values, a partner's by number. */
export function useBinNames() {
  const { t } = useTranslation();
  const inWords = useBinWords();
  const columnName = ({ name, id }: BinnedColumn): string => name ?? t("binning.numbered", { id: id + 1 });
  const isMissing = ({ missing, rows }: BinnedColumn, bin: number): boolean => missing && bin === rows.length - 1;
  const fineName = (column: BinnedColumn, bin: number): string => {
    if (isMissing(column, bin)) return t("binning.missing");
    const own = column.fineNames?.[bin];
    if (own !== undefined) return inWords(own);
    if (bin < column.ordinary) return t("binning.one", { at: bin + 1 });
    return t("binning.special", { at: bin - column.ordinary + 1 });
  };
  const rangeOf = (column: BinnedColumn, bins: readonly number[]): string => {
    const [first, last] = [bins[0]!, bins.at(-1)!];
    if (first === last) return fineName(column, first);
    if (column.fineNames === null) return t("binning.range", { from: first + 1, to: last + 1 });
    return rangeName(column.fineNames[first]!, column.fineNames[last]!);
  };
  const binName = (column: BinnedColumn, bins: readonly number[]): string => {
    const inner = bins.filter((bin) => bin < column.ordinary);
    const parts =
      column.ordered && inner.length > 0 ? [rangeOf(column, inner)] : inner.map((bin) => fineName(column, bin));
    const rest = bins.filter((bin) => bin >= column.ordinary).map((bin) => fineName(column, bin));
    return [...parts, ...rest].join(" | ");
  };
  return { columnName, fineName, binName };
}
