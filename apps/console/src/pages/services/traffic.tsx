import type { Service, ServiceTraffic } from "@tombolo/sdk";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { Chart, type Line } from "../../components/reports/chart.tsx";
import { Table } from "../../components/table.tsx";
import { Num, useNow } from "../../components/values.tsx";
import { useRead } from "../../lib/queries.ts";
import { useRuleText } from "./rule-text.ts";

const MINUTE_MS = 60_000;
const MINUTES = 60;
const COLOURS = ["--accent", "--party-1", "--party-3", "--party-2", "--party-5", "--party-4", "--party-6", "--party-7"];

type Minute = ServiceTraffic["minutes"][number];

/** By deployment, what it was called here: its model and what it is. */
function useNames(service: Service): (deployment: string) => string {
  const { t } = useTranslation();
  return (id) => {
    const found = service.deployments.find((each) => each.id === id);
    return found === undefined ? id : `${found.modelName} · ${t(`services.roleOf.${found.role}`)}`;
  };
}

/** One point for each minute of the last hour; a minute without calls is zero, or nothing where `gaps`. */
function pointsOf(
  minutes: readonly Minute[],
  now: number,
  figure: (minute: Minute) => number | null,
  gaps = false,
): [number, number][] {
  const last = Math.floor(now / MINUTE_MS);
  const byMinute = new Map(minutes.map((each) => [Math.floor(Date.parse(each.at) / MINUTE_MS), figure(each)]));
  return Array.from({ length: MINUTES }, (_, i) => i - MINUTES + 1).flatMap((ago): [number, number][] => {
    const value = byMinute.get(last + ago) ?? null;
    if (value === null) return gaps ? [] : [[ago, 0]];
    return [[ago, value]];
  });
}

function Charts({ service, traffic }: { service: Service; traffic: ServiceTraffic }) {
  const { t } = useTranslation();
  const rules = useRuleText();
  const name = useNames(service);
  const now = useNow(10_000);
  const known = [...Map.groupBy(traffic.minutes, ({ deployment }) => deployment)];
  const calls = known.map(
    ([deployment, minutes], i): Line => ({
      name: name(deployment),
      colour: COLOURS[i % COLOURS.length]!,
      area: true,
      points: pointsOf(minutes, now, (minute) => minute.calls),
    }),
  );
  const own = traffic.minutes.filter(({ deployment }) => deployment === service.champion);
  const latency: Line[] = [
    { name: t("services.p50"), colour: "--accent", points: pointsOf(own, now, ({ p50Ms }) => p50Ms, true) },
    { name: t("services.p99"), colour: "--wait", points: pointsOf(own, now, ({ p99Ms }) => p99Ms, true) },
  ];
  const codes = [...new Set(traffic.minutes.flatMap(({ errors }) => Object.keys(errors)))];
  const errors = codes.map((code, i): Line => {
    const summed = [...Map.groupBy(traffic.minutes, ({ at }) => at)].map(([, minutes]) => ({
      ...minutes[0]!,
      calls: minutes.reduce((sum, minute) => sum + (minute.errors[code] ?? 0), 0),
    }));
    return {
      name: rules.of(code),
      colour: ["--bad", "--wait", "--party-2", "--party-3"][i % 4]!,
      points: pointsOf(summed, now, (minute) => minute.calls),
    };
  });
  const x = t("services.minutesAgo");
  return (
    <div className="grid2">
      <Card>
        <Chart title={t("services.calls")} lines={calls} x={x} y="" xMin={1 - MINUTES} xMax={0} />
      </Card>
      <Card>
        <Chart title={t("services.latency")} lines={latency} x={x} y="" xMin={1 - MINUTES} xMax={0} />
      </Card>
      <Card>
        {errors.length === 0 ? (
          <Empty title={t("services.errors")} hint={t("services.errorsNone")} />
        ) : (
          <Chart title={t("services.errors")} lines={errors} x={x} y="" xMin={1 - MINUTES} xMax={0} />
        )}
      </Card>
      {service.kind === "score" && <Scores service={service} traffic={traffic} />}
    </div>
  );
}

function Scores({ service, traffic }: { service: Service; traffic: ServiceTraffic }) {
  const { t } = useTranslation();
  const found = traffic.scores.find(({ deployment }) => deployment === service.champion);
  const lines = useMemo((): Line[] => {
    if (found === undefined) return [];
    const [first = 0.05, second = 0.1] = found.edges;
    const width = second - first;
    const middle = (bin: number): number => (found.edges[bin] ?? found.edges.at(-1)! + width) - width / 2;
    const total = found.seen.reduce((sum, count) => sum + count, 0);
    const points = (shares: readonly number[]) => shares.map((share, bin): [number, number] => [middle(bin), share]);
    return [
      {
        name: t("services.seen"),
        colour: "--accent",
        type: "bar",
        points: points(found.seen.map((count) => (total === 0 ? 0 : count / total))),
      },
      ...(found.reference === null
        ? []
        : [{ name: t("services.reference"), colour: "--wait", dashed: true, points: points(found.reference) }]),
    ];
  }, [found, t]);
  return (
    <Card>
      {found === undefined ? (
        <Empty title={t("services.scores")} hint={t("services.referenceOf.none")} />
      ) : (
        <Chart title={t("services.scores")} lines={lines} x={t("services.score")} y="" />
      )}
    </Card>
  );
}

/** What the model did not score, by rule. */
function Rules({ traffic }: { traffic: ServiceTraffic }) {
  const { t } = useTranslation();
  const text = useRuleText();
  const totals = new Map<string, number>();
  for (const { policies } of traffic.minutes)
    for (const [rule, count] of Object.entries(policies)) totals.set(rule, (totals.get(rule) ?? 0) + count);
  if (totals.size === 0) return null;
  return (
    <Card title={t("services.rules")} hint={t("services.rulesHint")} flush>
      <Table
        label={t("services.rules")}
        rows={[...totals].sort(([, a], [, b]) => b - a)}
        keyOf={([rule]) => rule}
        columns={[
          { key: "rule", title: t("services.rule"), cell: ([rule]) => text.of(rule) },
          { key: "count", title: t("services.count"), num: true, cell: ([, count]) => <Num of={count} /> },
        ]}
      />
    </Card>
  );
}

export function Traffic({ service }: { service: Service }) {
  const { t } = useTranslation();
  const input = { params: { name: service.name }, query: { minutes: MINUTES } };
  const traffic = useRead("serviceTraffic", input, { keep: true, everyMs: 30_000 });
  return (
    <Loaded of={traffic}>
      {(data) =>
        data.minutes.length === 0 ? (
          <Card>
            <Empty title={t("services.noCalls")} hint={t("services.noCallsHint")} />
          </Card>
        ) : (
          <>
            <Charts service={service} traffic={data} />
            <Rules traffic={data} />
          </>
        )
      }
    </Loaded>
  );
}
