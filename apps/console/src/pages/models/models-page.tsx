import { Link, useNavigate } from "@tanstack/react-router";
import type { Model } from "@tombolo/sdk";
import { Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { FileButton } from "../../components/drop-zone.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page, Tabs } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { formatMetric } from "../../lib/format.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import "./models.css";
import { useMetricName, useObjective } from "./names.ts";
import { ModelState, Permitted, Version } from "./state.tsx";

const METRICS_SHOWN = 3;

function Metrics({ of: model }: { of: Model }) {
  const metric = useMetricName();
  return (
    <span className="row wrap" style={{ gap: 14 }}>
      {Object.entries(model.metrics)
        .slice(0, METRICS_SHOWN)
        .map(([name, value]) => (
          <span key={name} className="nowrap">
            <span className="muted">{metric(name)}</span> {Number.isInteger(value) ? value : formatMetric(value)}
          </span>
        ))}
    </span>
  );
}

interface Marks {
  readonly marked: readonly string[];
  toggle(id: string): void;
}

function useColumns({ marked, toggle }: Marks): Column<Model>[] {
  const { t } = useTranslation();
  const objective = useObjective();
  return [
    {
      key: "mark",
      title: t("models.compare"),
      width: 32,
      cell: (row) => (
        <Checkbox
          aria-label={t("models.compareMark", { name: row.name, number: row.version ?? 1 })}
          checked={marked.includes(row.id)}
          disabled={!marked.includes(row.id) && marked.length === 2}
          onChange={() => toggle(row.id)}
        />
      ),
    },
    {
      key: "name",
      title: t("models.name"),
      cell: (row) => (
        <div>
          <span className="row" style={{ gap: 8 }}>
            <Link to="/models/$id" params={{ id: row.id }}>
              <b style={{ fontWeight: 600 }}>{row.name}</b>
            </Link>
            <Version number={row.version} />
          </span>
          <div className="small muted">
            <code>{row.id}</code>
          </div>
          {row.derivedFromRevoked && <State of="REVOKED" label={t("models.revoked")} />}
        </div>
      ),
    },
    { key: "state", title: t("models.state"), cell: (row) => <ModelState of={row} /> },
    { key: "permitted", title: t("models.permitted"), cell: (row) => <Permitted of={row} /> },
    { key: "objective", title: t("models.objective"), cell: (row) => objective(row.objective) },
    {
      key: "parties",
      title: t("models.parties"),
      cell: (row) => (
        <span className="row wrap">
          {row.parties.map((each) => (
            <Party key={each.party} id={each.party} bare />
          ))}
        </span>
      ),
    },
    { key: "metrics", title: t("models.metrics"), cell: (row) => <Metrics of={row} /> },
    { key: "created", title: t("models.created"), num: true, cell: (row) => <When at={row.createdAt} /> },
  ];
}

/** Versions of one name together, the newest name and version first. */
function grouped(items: readonly Model[]): Model[] {
  const newest = new Map<string, string>();
  for (const { name, createdAt } of items) if (createdAt > (newest.get(name) ?? "")) newest.set(name, createdAt);
  const age = ({ name }: Model): string => newest.get(name) ?? "";
  return [...items].sort(
    (a, b) => age(b).localeCompare(age(a)) || a.name.localeCompare(b.name) || (b.version ?? 0) - (a.version ?? 0),
  );
}

function ImportButton() {
  const { t } = useTranslation();
  const bring = useAct("importModel", { refresh: ["listModels", "getModel"], said: t("models.imported") });
  return (
    <FileButton
      label={t("models.import")}
      accept=".tombolo-model,.json"
      needs="models:export"
      loading={bring.isPending}
      onFile={(body) => bring.mutate({ body })}
    />
  );
}

export function ModelsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [tab, setTab] = useState<"current" | "steps" | "archived">("current");
  const [marked, setMarked] = useState<readonly string[]>([]);
  const list = useRead("listModels", {});
  const columns = useColumns({
    marked,
    toggle: (id) => setMarked(marked.includes(id) ? marked.filter((each) => each !== id) : [...marked, id]),
  });
  const [a, b] = marked;
  const items = list.data?.items ?? [];
  const isHere = ({ status, step }: Model): boolean =>
    status === "ARCHIVED" ? tab === "archived" : tab === (step ? "steps" : "current");
  const shown = grouped(items.filter(isHere));
  return (
    <Page
      title={t("models.title")}
      sub={t("models.sub")}
      actions={
        <>
          <ImportButton />
          <Act
            because={b === undefined ? t("models.comparePick") : undefined}
            onClick={() =>
              a !== undefined && b !== undefined && void navigate({ to: "/models/compare", search: { a, b } })
            }
          >
            {t("models.compare")}
          </Act>
        </>
      }
    >
      <Tabs
        label={t("models.title")}
        active={tab}
        onChange={setTab}
        tabs={[
          { key: "current", title: t("models.tabs.current") },
          { key: "steps", title: t("models.tabs.steps") },
          { key: "archived", title: t("models.tabs.archived") },
        ]}
      />
      <Card flush>
        <Loaded of={list}>
          {() =>
            shown.length === 0 ? (
              tab === "archived" ? (
                <Empty title={t("models.archivedEmpty")} hint={t("models.archivedEmptyHint")} />
              ) : tab === "steps" ? (
                <Empty title={t("models.stepsEmpty")} hint={t("models.stepsEmptyHint")} />
              ) : (
                <Empty
                  title={t("models.empty")}
                  hint={t("models.emptyHint")}
                  action={<Link to="/joint-model">{t("jobs.buildJoint")}</Link>}
                />
              )
            ) : (
              <Table
                label={t("models.title")}
                columns={columns}
                rows={shown}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/models/$id", params: { id: row.id } })}
              />
            )
          }
        </Loaded>
      </Card>
    </Page>
  );
}
