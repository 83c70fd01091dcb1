import type { Askable } from "@tombolo/sdk";
import { Segmented } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Card, Empty } from "../../components/page.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num } from "../../components/values.tsx";
import { saidOf } from "../services/call-line.ts";
import type { Answer } from "./ask-service.ts";
import type { Chosen } from "./batch-tab.tsx";
import { type Kind, kindOf } from "./results.ts";

const SHOWN_MAX = 50;
const shows = ["all", "found", "none", "refused"] as const;

interface Row {
  readonly line: number;
  readonly key: readonly string[];
  readonly answer: Answer;
}

interface ResultTableProps {
  readonly service: Askable;
  readonly chosen: Chosen;
  readonly answers: readonly (Answer | undefined)[];
  /** How many have one: always the first ones. */
  readonly done: number;
}

function rowsOf({ chosen, answers, done }: Omit<ResultTableProps, "service">, show: "all" | Kind): Row[] {
  const { keys, file } = chosen;
  const rows: Row[] = [];
  for (let i = 0; i < file.rows.length && rows.length < SHOWN_MAX; i++) {
    const place = keys.keyOf[i]!;
    const answer = place < done ? answers[place] : undefined;
    const kind = kindOf(answer);
    if (answer === undefined || (show !== "all" && show !== kind)) continue;
    rows.push({ line: i + (file.header === null ? 1 : 2), key: keys.keys[place]!, answer });
  }
  return rows;
}

/** The first answers; the file has them all. */
export function ResultTable({ service, chosen, answers, done }: ResultTableProps) {
  const { t, i18n } = useTranslation();
  const [show, setShow] = useState<(typeof shows)[number]>("all");
  const rows = useMemo(() => rowsOf({ chosen, answers, done }, show), [chosen, answers, done, show]);
  const verifies = service.kind === "verify";
  const word = ({ yes, refusal }: Answer): string => {
    if (refusal !== null || yes === null) return saidOf(refusal, i18n.language) ?? t("ask.many.show.refused");
    if (verifies) return t(yes ? "ask.belongs" : "ask.belongsNot");
    return t(yes ? "ask.found" : "ask.notFound");
  };
  const columns: Column<Row>[] = [
    { key: "line", title: t("ask.many.line"), num: true, width: 60, cell: ({ line }) => <Num of={line} /> },
    ...service.keys.map(
      (name, i): Column<Row> => ({ key: `key ${i}`, title: name, cell: ({ key }) => <code>{key[i]}</code> }),
    ),
    { key: "answer", title: t("ask.many.answer"), cell: ({ answer }) => word(answer) },
    ...service.columns.map(
      (name): Column<Row> => ({
        key: name,
        title: name,
        cell: ({ answer }) => String(answer.values[name] ?? ""),
      }),
    ),
  ];
  return (
    <Card
      flush
      title={t("ask.many.results")}
      hint={t("ask.many.resultsHint", { count: SHOWN_MAX })}
      actions={
        <Segmented
          size="small"
          value={show}
          options={shows.map((value) => ({ value, label: t(`ask.many.show.${value}`) }))}
          onChange={setShow}
        />
      }
    >
      {rows.length === 0 ? (
        <Empty title={t("ask.many.empty")} hint={t("ask.many.resultsHint", { count: SHOWN_MAX })} />
      ) : (
        <Table label={t("ask.many.results")} columns={columns} rows={rows} keyOf={({ line }) => String(line)} />
      )}
    </Card>
  );
}
