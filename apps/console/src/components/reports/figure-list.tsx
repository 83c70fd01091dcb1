import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Metric } from "../page.tsx";

/** Counts beside each other; those that are not known here are left out. */
export function FigureList({ items }: { items: readonly (readonly [string, number | undefined])[] }) {
  const language = useLanguage();
  return (
    <div className="metrics">
      {items.map(
        ([label, value]) =>
          value !== undefined && <Metric key={label} label={label} value={formatNumber(value, language)} />,
      )}
    </div>
  );
}
