import type { CallOutput } from "@tombolo/sdk";
import { DASH } from "../lib/format.ts";
import { Table } from "./table.tsx";

type Preview = CallOutput<"previewDataset">;

/** First rows of an own table. */
export function PreviewTable({ label, preview }: { label: string; preview: Preview }) {
  const { columns, rows } = preview;
  return (
    <Table
      label={label}
      rows={rows}
      keyOf={(_, index) => String(index)}
      columns={columns.map((name, at) => ({
        key: name,
        title: <code>{name}</code>,
        num: typeof rows[0]?.[at] === "number",
        cell: (row: Preview["rows"][number]) => {
          const value = row[at];
          return value === null || value === undefined ? <span className="muted">{DASH}</span> : String(value);
        },
      }))}
    />
  );
}
