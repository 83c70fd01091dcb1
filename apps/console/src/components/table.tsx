import type { ReactNode } from "react";

export interface Column<T> {
  readonly key: string;
  readonly title: ReactNode;
  /** Right-aligned figures. */
  readonly num?: boolean;
  readonly width?: number | string;
  cell(row: T, index: number): ReactNode;
}

interface TableProps<T> {
  readonly label: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  keyOf(row: T, index: number): string;
  /** Opens the row; the first cell should hold the link that keyboards use. */
  onOpen?(row: T): void;
}

const inControl = (target: EventTarget): boolean =>
  target instanceof Element && target.closest("a,button,input,label,textarea,[role=switch],[role=dialog]") !== null;

export function Table<T>({ label, columns, rows, keyOf, onOpen }: TableProps<T>) {
  return (
    <div className="t-wrap">
      <table className="t" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={column.num === true ? "num" : undefined}
                style={column.width === undefined ? undefined : { width: column.width }}
              >
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr
              key={keyOf(row, index)}
              className={onOpen === undefined ? undefined : "open"}
              onClick={onOpen === undefined ? undefined : (event) => !inControl(event.target) && onOpen(row)}
            >
              {columns.map((column) => (
                <td key={column.key} className={column.num === true ? "num" : undefined}>
                  {column.cell(row, index)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
