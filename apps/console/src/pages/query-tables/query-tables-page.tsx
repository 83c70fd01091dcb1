import type { QueryTable } from "@tombolo/sdk";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page, Skeleton, Tabs } from "../../components/page.tsx";
import type { Line } from "../../components/reports/chart.tsx";
import { DAY_MS } from "../../lib/days.ts";
import { lazily } from "../../lib/lazily.ts";
import { useRead } from "../../lib/queries.ts";
import { type Draft, draftOf } from "./draft.ts";
import { PublishForm } from "./publish-form.tsx";
import { TableCard } from "./table-card.tsx";

const Chart = lazily(() => import("../../components/reports/chart.tsx"), "Chart");
const tabs = ["tables", "publish"] as const;
const DAYS = 30;
const COLOURS = ["--party-1", "--party-2", "--party-3", "--party-4", "--party-5", "--party-6", "--party-7"];

/** Ids by the day, today on the right; one line for each partner, another for what was refused. */
function linesOf(tables: readonly QueryTable[], refused: string): Line[] {
  const today = Math.floor(Date.now() / DAY_MS);
  const sums = (figure: (day: QueryTable["days"][number]) => number, of: readonly QueryTable[]): [number, number][] =>
    Array.from({ length: DAYS }, (_, i) => {
      const day = new Date((today - DAYS + 1 + i) * DAY_MS).toISOString().slice(0, 10);
      const all = of.flatMap(({ days }) => days.filter((each) => each.day === day));
      return [i - DAYS + 1, all.reduce((sum, each) => sum + figure(each), 0)];
    });
  const byPartner = Map.groupBy(tables, ({ grant }) => grant.terms.partners.join(", "));
  return [
    ...[...byPartner].map(
      ([name, of], i): Line => ({
        ...{ name, colour: COLOURS[i % COLOURS.length]!, area: true },
        points: sums(({ ids }) => ids, of),
      }),
    ),
    { name: refused, colour: "--bad", points: sums((day) => day.refused, tables) },
  ];
}

function Use({ tables }: { tables: readonly QueryTable[] }) {
  const { t } = useTranslation();
  return (
    <Card title={t("queryTables.use")} hint={t("queryTables.useHint")}>
      {tables.every(({ days }) => days.length === 0) ? (
        <p className="soft">{t("queryTables.noUse")}</p>
      ) : (
        <Suspense fallback={<Skeleton />}>
          <Chart
            title=""
            x={t("queryTables.days")}
            y=""
            xMin={1 - DAYS}
            xMax={0}
            height={200}
            lines={linesOf(tables, t("queryTables.refused"))}
          />
        </Suspense>
      )}
    </Card>
  );
}

/** Own tables that partners may ask about: publish one, see where it stands and what is asked of it. */
export function QueryTablesPage() {
  const { t } = useTranslation();
  const tables = useRead("listQueryTables", {}, { everyMs: 30_000 });
  const datasets = useRead("listDatasets", {}).data?.items ?? [];
  const [tab, setTab] = useState<(typeof tabs)[number]>("tables");
  const [first, setFirst] = useState<Draft | undefined>();
  const publish = (draft?: Draft) => {
    setFirst(draft);
    setTab("publish");
  };
  return (
    <Page title={t("queryTables.title")} sub={t("queryTables.sub")}>
      <Tabs
        label={t("queryTables.title")}
        active={tab}
        onChange={(next) => (next === "publish" ? publish() : setTab(next))}
        tabs={tabs.map((key) => ({ key, title: t(`queryTables.tab.${key}`) }))}
      />
      {tab === "publish" ? (
        <PublishForm first={first} onDone={() => setTab("tables")} />
      ) : (
        <Loaded of={tables}>
          {({ items }) =>
            items.length === 0 ? (
              <Card>
                <Empty
                  title={t("queryTables.none")}
                  hint={t("queryTables.noneHint")}
                  action={
                    <Act type="primary" needs="grants:request" onClick={() => publish()}>
                      {t("queryTables.publish")}
                    </Act>
                  }
                />
              </Card>
            ) : (
              <>
                <Use tables={items} />
                {items.map((table) => (
                  <TableCard key={table.grant.id} table={table} onAgain={() => publish(draftOf(table, datasets))} />
                ))}
              </>
            )
          }
        </Loaded>
      )}
    </Page>
  );
}
