import { Link, useParams } from "@tanstack/react-router";
import type { ModelDetail } from "@tombolo/sdk";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Facts, Metric, Notice, Page, Skeleton, Tabs } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { CoefficientList } from "../../components/reports/coefficient-list.tsx";
import { fit } from "../../components/reports/coefficients.ts";
import { FitFigures } from "../../components/reports/coefficients-report.tsx";
import { ImportanceBars } from "../../components/reports/importance.tsx";
import { parseTrees } from "../../components/reports/tree-shape.ts";
import { Table } from "../../components/table.tsx";
import { Time } from "../../components/values.tsx";
import { DASH, formatMetric } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";
import { Actions } from "./actions.tsx";
import { Lineage } from "./lineage.tsx";
import "../../components/reports/reports.css";
import "./models.css";
import { useMetricName, useModelKind, useObjective } from "./names.ts";
import { Parts, Verdict } from "./parts.tsx";
import { Permits } from "./permits.tsx";
import { ModelState, Permitted, Version } from "./state.tsx";

const TreeView = lazy(async () => ({ default: (await import("../../components/reports/tree-view.tsx")).TreeView }));

function Trees({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const parsed = parseTrees(model.trees);
  const hosts = model.parties.filter((each) => each.role !== "guest").map((each) => each.party);
  return (
    <Card title={t("models.trees")} hint={t("models.treesHint")}>
      {parsed === undefined ? (
        <Empty title={t("models.noTrees")} hint={t("models.noTreesHint")} />
      ) : (
        <Suspense fallback={<Skeleton />}>
          <TreeView trees={parsed.trees} hosts={parsed.hosts.length > 0 ? parsed.hosts : hosts} />
        </Suspense>
      )}
    </Card>
  );
}

const plain = (value: unknown): string =>
  value === null ? DASH : typeof value === "object" ? JSON.stringify(value) : String(value);

function Trained({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  return (
    <>
      <Card title={t("models.importance")} hint={t("models.importanceHint")}>
        <ImportanceBars rows={model.importance} />
      </Card>
      <Trees model={model} />
    </>
  );
}

/** Own coefficients; the partner's stay with it. */
function Fitted({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const parsed = fit.safeParse(model.regression);
  return (
    <Card title={t("models.coefficients")} hint={t("models.coefficientsHint")}>
      {parsed.success ? (
        <div className="stack">
          <div className="metrics">
            <FitFigures fit={parsed.data} />
          </div>
          <CoefficientList fit={parsed.data} />
        </div>
      ) : (
        <Empty title={t("models.noCoefficients")} hint={t("models.noTreesHint")} />
      )}
    </Card>
  );
}

function Left({ model }: { model: ModelDetail }) {
  if (model.kind === "catalogue") return <Catalogue />;
  return model.kind === "regression" ? <Fitted model={model} /> : <Trained model={model} />;
}

function Catalogue() {
  const { t } = useTranslation();
  return (
    <Card title={t("lookup.title")} hint={t("lookup.hint.ask")}>
      <Link to="/lookup">{t("lookup.tab.ask")}</Link>
    </Card>
  );
}

/** The columns of own data that the part was trained on. */
function Schema({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  if (model.schema.length === 0) return null;
  return (
    <Card title={t("models.schema")} hint={t("models.schemaHint")} flush>
      <Table
        label={t("models.schema")}
        rows={model.schema}
        keyOf={(row) => `${row.dataset} ${row.name}`}
        columns={[
          { key: "name", title: t("models.column"), cell: (row) => <code>{row.name}</code> },
          { key: "type", title: t("models.type"), cell: (row) => row.type },
          { key: "use", title: t("models.columnUse"), cell: (row) => t(`models.columnUses.${row.use}`) },
        ]}
      />
    </Card>
  );
}

function About({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const objective = useObjective();
  const kind = useModelKind();
  return (
    <Card>
      <Facts
        items={[
          [t("models.state"), <ModelState key="state" of={model} />],
          [t("models.permitted"), <Permitted key="permitted" of={model} />],
          [t("models.kind"), kind(model.kind)],
          [t("models.objective"), objective(model.objective)],
          [
            t("models.parties"),
            <span key="parties" className="row wrap">
              {model.parties.map((each) => (
                <Party key={each.party} id={each.party} role={each.role} />
              ))}
            </span>,
          ],
          [t("models.created"), <Time key="created" at={model.createdAt} />],
          [
            t("models.job"),
            <Link key="job" to="/jobs/$id" params={{ id: model.jobId }}>
              <code>{model.jobId}</code>
            </Link>,
          ],
          [
            t("models.notes"),
            model.notes === "" ? undefined : (
              <span key="notes" className="lines">
                {model.notes}
              </span>
            ),
          ],
        ]}
      />
    </Card>
  );
}

function Own({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const metric = useMetricName();
  const parameters = typeof model.parameters === "object" && model.parameters !== null ? model.parameters : {};
  return (
    <>
      <Card>
        <div className="metrics">
          {Object.entries(model.metrics).map(([name, value]) => (
            <Metric key={name} label={metric(name)} value={Number.isInteger(value) ? value : formatMetric(value)} />
          ))}
        </div>
      </Card>
      <div className="aside">
        <div className="stack">
          <Left model={model} />
        </div>
        <div className="stack">
          <About model={model} />
          {Object.keys(parameters).length > 0 && (
            <Card title={t("models.parameters")}>
              <Facts
                items={Object.entries(parameters).map(([name, value]) => [
                  name,
                  <code key={name}>{plain(value)}</code>,
                ])}
              />
            </Card>
          )}
          <Schema model={model} />
        </div>
      </div>
    </>
  );
}

const TABS = ["own", "parts", "lineage", "permits"] as const;

function View({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<(typeof TABS)[number]>("own");
  return (
    <>
      {model.status === "WITHDRAWN" && (
        <Notice tone="bad" title={t("models.withdrawn")}>
          {model.reason}
        </Notice>
      )}
      {model.derivedFromRevoked && (
        <Notice tone="wait" title={t("models.revoked")}>
          {t("models.revokedHint")}
        </Notice>
      )}
      {!model.verification.ok && tab !== "parts" && <Verdict model={model} />}
      <Tabs
        label={model.name}
        active={tab}
        onChange={setTab}
        tabs={TABS.map((key) => ({ key, title: t(`models.tab.${key}`) }))}
      />
      {tab === "own" && <Own model={model} />}
      {tab === "parts" && <Parts model={model} />}
      {tab === "lineage" && <Lineage model={model} />}
      {tab === "permits" && <Permits model={model} />}
    </>
  );
}

export function ModelPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/models/$id" });
  const model = useRead("getModel", { params: { id } });
  return (
    <Page
      title={model.data?.name ?? t("models.name")}
      sub={<Version number={model.data?.version ?? null} />}
      crumb={
        <>
          <Link to="/models">{t("models.title")}</Link> / <code>{id}</code>
        </>
      }
      actions={model.data !== undefined && <Actions model={model.data} />}
    >
      <Loaded of={model} rows={8}>
        {(data) => <View model={data} />}
      </Loaded>
    </Page>
  );
}
