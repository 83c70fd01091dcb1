import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { Card, Facts } from "../page.tsx";

const DEPTH_MAX = 3;
const ITEMS_MAX = 40;

function Value({ value, depth }: { value: unknown; depth: number }) {
  const language = useLanguage();
  const { t } = useTranslation();
  if (typeof value === "number") return <>{formatNumber(value, language)}</>;
  if (value === null || typeof value !== "object") return <span className="break">{String(value)}</span>;
  if (Array.isArray(value) && value.every((each) => each === null || typeof each !== "object"))
    return <span className="break">{value.slice(0, ITEMS_MAX).map(String).join(", ")}</span>;
  if (depth >= DEPTH_MAX) return <code className="break">{JSON.stringify(value).slice(0, 500)}</code>;
  const entries = Object.entries(value);
  return (
    <>
      <Facts
        items={entries
          .slice(0, ITEMS_MAX)
          .map(([name, inner]) => [name, <Value key={name} value={inner} depth={depth + 1} />] as const)}
      />
      {entries.length > ITEMS_MAX && (
        <span className="muted">{t("reports.more", { count: entries.length - ITEMS_MAX })}</span>
      )}
    </>
  );
}

/** A report of a kind this console does not draw: everything in it, as names and values. */
export function GenericReport({ title, task, data }: { title: string; task: string; data: unknown }) {
  const { t } = useTranslation();
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <Value value={data} depth={0} />
    </Card>
  );
}
