import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ModelDetail } from "@tombolo/sdk";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Facts, Metric, Notice, Page, Skeleton } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { ImportanceBars } from "../../components/reports/importance.tsx";
import { parseTrees } from "../../components/reports/tree-shape.ts";
import { Time } from "../../components/values.tsx";
import { DASH, formatMetric } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";
import { useMetricName, useObjective } from "./models-page.tsx";

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

function Catalogue() {
  const { t } = useTranslation();
  return (
    <Card title={t("lookup.title")} hint={t("lookup.hint.ask")}>
      <Link to="/lookup">{t("lookup.tab.ask")}</Link>
    </Card>
  );
}

function View({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const objective = useObjective();
  const metric = useMetricName();
  const parameters = typeof model.parameters === "object" && model.parameters !== null ? model.parameters : {};
  return (
    <>
      {model.derivedFromRevoked && (
        <Notice tone="wait" title={t("models.revoked")}>
          {t("models.revokedHint")}
        </Notice>
      )}
      <Card>
        <div className="metrics">
          {Object.entries(model.metrics).map(([name, value]) => (
            <Metric key={name} label={metric(name)} value={Number.isInteger(value) ? value : formatMetric(value)} />
          ))}
        </div>
      </Card>
      <div className="aside">
        <div className="stack">{model.kind === "catalogue" ? <Catalogue /> : <Trained model={model} />}</div>
        <div className="stack">
          <Card>
            <Facts
              items={[
                [t("models.kind"), model.kind],
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
              ]}
            />
          </Card>
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
        </div>
      </div>
    </>
  );
}

export function ModelPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { id } = useParams({ from: "/shell/models/$id" });
  const model = useRead("getModel", { params: { id } });
  return (
    <Page
      title={model.data?.name ?? t("models.name")}
      crumb={
        <>
          <Link to="/models">{t("models.title")}</Link> / <code>{id}</code>
        </>
      }
      actions={
        model.data?.kind !== "catalogue" && (
          <Act
            type="primary"
            needs="jobs:submit"
            onClick={() => void navigate({ to: "/score", search: { model: id } })}
          >
            {t("models.score")}
          </Act>
        )
      }
    >
      <Loaded of={model} rows={8}>
        {(data) => <View model={data} />}
      </Loaded>
    </Page>
  );
}
