import { Link, useNavigate } from "@tanstack/react-router";
import type { Model } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { formatMetric } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";

export function useObjective(): (objective: string) => string {
  const { t } = useTranslation();
  return (objective) =>
    objective === "binary" || objective === "regression" || objective === "lookup"
      ? t(`models.objectiveOf.${objective}`)
      : objective;
}

const METRICS = [
  "trees",
  "auc",
  "ks",
  "trainingLoss",
  "trainingAuc",
  "validationLoss",
  "validationAuc",
  "rows",
  "version",
] as const;

/** A metric's name in the reader's language; one this console does not know keeps its own. */
export function useMetricName(): (name: string) => string {
  const { t } = useTranslation();
  return (name) => {
    const known = METRICS.find((each) => each === name);
    return known === undefined ? name : t(`models.metric.${known}`);
  };
}

export function ModelsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const objective = useObjective();
  const metric = useMetricName();
  const list = useRead("listModels", {});
  const columns: Column<Model>[] = [
    {
      key: "name",
      title: t("models.name"),
      cell: (row) => (
        <div>
          <Link to="/models/$id" params={{ id: row.id }}>
            <b style={{ fontWeight: 600 }}>{row.name}</b>
          </Link>
          <div className="small muted">
            <code>{row.id}</code>
          </div>
          {row.derivedFromRevoked && <State of="REVOKED" label={t("models.revoked")} />}
        </div>
      ),
    },
    { key: "objective", title: t("models.objective"), cell: (row) => objective(row.objective) },
    {
      key: "parties",
      title: t("models.parties"),
      cell: (row) => (
        <span className="row wrap">
          {row.parties.map((each) => (
            <Party key={each.party} id={each.party} role={each.role} />
          ))}
        </span>
      ),
    },
    {
      key: "metrics",
      title: t("models.metrics"),
      cell: (row) => (
        <span className="row wrap" style={{ gap: 14 }}>
          {Object.entries(row.metrics)
            .slice(0, 4)
            .map(([name, value]) => (
              <span key={name} className="nowrap">
                <span className="muted">{metric(name)}</span> {Number.isInteger(value) ? value : formatMetric(value)}
              </span>
            ))}
        </span>
      ),
    },
    { key: "created", title: t("models.created"), num: true, cell: (row) => <When at={row.createdAt} /> },
  ];
  return (
    <Page title={t("models.title")} sub={t("models.sub")}>
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty
                title={t("models.empty")}
                hint={t("models.emptyHint")}
                action={<Link to="/joint-model">{t("jobs.buildJoint")}</Link>}
              />
            ) : (
              <Table
                label={t("models.title")}
                columns={columns}
                rows={items}
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
