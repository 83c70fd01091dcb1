import type { Askable, QuestionHistory } from "@tombolo/sdk";
import { Select } from "antd";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { CallerName } from "../../components/caller-name.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Skeleton } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import type { Line } from "../../components/reports/chart.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num, When } from "../../components/values.tsx";
import { DAY_MS } from "../../lib/days.ts";
import { lazily } from "../../lib/lazily.ts";
import { useRead } from "../../lib/queries.ts";
import { UsedOf } from "./left.tsx";

const Chart = lazily(() => import("../../components/reports/chart.tsx"), "Chart");
const DAYS = 30;

type Item = QuestionHistory["items"][number];

/** One point for each day, today on the right; a day without a question is zero. */
function linesOf(days: QuestionHistory["days"], names: { answered: string; refused: string }): Line[] {
  const today = Math.floor(Date.now() / DAY_MS);
  const byDay = new Map(days.map((each) => [Math.round(Date.parse(`${each.day}T00:00:00Z`) / DAY_MS) - today, each]));
  const points = (figure: (day: QuestionHistory["days"][number]) => number) =>
    Array.from({ length: DAYS }, (_, i): [number, number] => {
      const day = byDay.get(i - DAYS + 1);
      return [i - DAYS + 1, day === undefined ? 0 : figure(day)];
    });
  return [
    { name: names.answered, colour: "--accent", area: true, points: points(({ rows, refused }) => rows - refused) },
    { name: names.refused, colour: "--bad", points: points(({ refused }) => refused) },
  ];
}

export function HistoryTab({ services }: { services: readonly Askable[] }) {
  const { t } = useTranslation();
  const [service, setService] = useState<string | undefined>();
  const query = { days: DAYS, ...(service === undefined ? {} : { service }) };
  const history = useRead("questionHistory", { query }, { keep: true, everyMs: 30_000 });
  const all = useRead("questionHistory", { query: { days: DAYS } }).data?.items ?? [];
  const names = [...new Set([...services.map(({ name }) => name), ...all.map((item) => item.service)])];
  return (
    <div className="stack">
      {services.length > 0 && <WhatIsLeft services={services} />}
      <Loaded of={history}>
        {(data) =>
          data.items.length === 0 && service === undefined ? (
            <Card>
              <Empty title={t("ask.history.empty")} hint={t("ask.history.emptyHint")} />
            </Card>
          ) : (
            <>
              <Card>
                <Suspense fallback={<Skeleton />}>
                  <Chart
                    title={t("ask.history.chart")}
                    x={t("ask.history.daysAgo")}
                    y=""
                    xMin={1 - DAYS}
                    xMax={0}
                    height={200}
                    lines={linesOf(data.days, {
                      answered: t("ask.history.answered"),
                      refused: t("ask.history.refused"),
                    })}
                  />
                </Suspense>
              </Card>
              <Asked data={data} service={service} names={names} choose={setService} />
            </>
          )
        }
      </Loaded>
    </div>
  );
}

function WhatIsLeft({ services }: { services: readonly Askable[] }) {
  const { t } = useTranslation();
  const columns: Column<Askable>[] = [
    { key: "service", title: t("ask.history.service"), cell: ({ title }) => title },
    { key: "partner", title: "", cell: ({ partner }) => <Party id={partner} bare /> },
    {
      key: "today",
      title: t("ask.today"),
      width: 260,
      cell: ({ today }) => <UsedOf used={today.rows} max={today.rowsMax} />,
    },
    {
      key: "all",
      title: t("ask.history.inAll"),
      width: 260,
      cell: ({ inAll }) => <UsedOf used={inAll.rows} max={inAll.idsMax} />,
    },
    { key: "until", title: t("common.time.expires"), num: true, cell: ({ until }) => <When at={until} /> },
  ];
  return (
    <Card flush title={t("ask.history.left")} hint={t("ask.history.leftHint")}>
      <Table label={t("ask.history.left")} columns={columns} rows={services} keyOf={({ name }) => name} />
    </Card>
  );
}

interface AskedProps {
  readonly data: QuestionHistory;
  readonly service: string | undefined;
  readonly names: readonly string[];
  choose(service: string | undefined): void;
}

function Asked({ data, service, names, choose }: AskedProps) {
  const { t } = useTranslation();
  const callers = data.items.map(({ callerId: id, caller: name }) => ({ id, name }));
  const columns: Column<Item>[] = [
    { key: "at", title: t("ask.history.when"), cell: ({ at }) => <When at={at} /> },
    {
      key: "who",
      title: t("ask.history.who"),
      cell: ({ callerId, caller }) => <CallerName id={callerId} name={caller} among={callers} />,
    },
    { key: "service", title: t("ask.history.service"), cell: (item) => <code>{item.service}</code> },
    { key: "calls", title: t("ask.history.calls"), num: true, cell: ({ calls }) => <Num of={calls} /> },
    { key: "keys", title: t("ask.history.keys"), num: true, cell: ({ rows }) => <Num of={rows} /> },
    { key: "found", title: t("ask.history.found"), num: true, cell: ({ found }) => <Num of={found} /> },
    { key: "refused", title: t("ask.history.refusals"), cell: ({ refused }) => <Codes of={refused} /> },
  ];
  return (
    <Card
      flush
      title={t("ask.history.asked")}
      hint={t("ask.history.askedHint", { days: DAYS })}
      actions={
        <Select
          size="small"
          style={{ minWidth: 160 }}
          value={service ?? ""}
          aria-label={t("ask.history.service")}
          options={[
            { value: "", label: t("ask.history.everyService") },
            ...names.map((value) => ({ value, label: value })),
          ]}
          onChange={(value) => choose(value === "" ? undefined : value)}
        />
      }
    >
      <Table
        label={t("ask.history.asked")}
        columns={columns}
        rows={data.items}
        keyOf={({ at, service: of, callerId }) => `${at} ${of} ${callerId}`}
      />
      {data.more && (
        <p className="soft small" style={{ padding: "8px 16px" }}>
          {t("ask.history.more")}
        </p>
      )}
    </Card>
  );
}

function Codes({ of }: { of: Item["refused"] }) {
  const entries = Object.entries(of);
  if (entries.length === 0) return null;
  return (
    <span className="stack tight">
      {entries.map(([code, count]) => (
        <span key={code}>
          <Num of={count} /> <code className="soft">{code}</code>
        </span>
      ))}
    </span>
  );
}
