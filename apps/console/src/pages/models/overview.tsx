import { Link } from "@tanstack/react-router";
import type { ModelDetail } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Empty, Facts, Metric } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { CoefficientList } from "../../components/reports/coefficient-list.tsx";
import { fit } from "../../components/reports/coefficients.ts";
import { FitFigures } from "../../components/reports/coefficients-report.tsx";
import { StepList } from "../../components/reports/columns-report.tsx";
import { ImportanceBars } from "../../components/reports/importance-bars.tsx";
import { CardTable, card } from "../../components/reports/scorecard-report.tsx";
import { Table } from "../../components/table.tsx";
import { Hash, Time } from "../../components/values.tsx";
import { useText } from "../../i18n/i18n.ts";
import { formatMetric } from "../../lib/format.ts";
import { useMetricName, useModelKind, useObjective } from "./names.ts";
import { Parameters } from "./parameters.tsx";
import { ModelState, Permitted } from "./state.tsx";

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

function Catalogue() {
  const { t } = useTranslation();
  return (
    <Card title={t("lookup.title")} hint={t("lookup.hint.ask")}>
      <Link to="/lookup">{t("lookup.tab.ask")}</Link>
    </Card>
  );
}

function Main({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  if (model.kind === "catalogue") return <Catalogue />;
  const points = card.safeParse(model.scorecard);
  if (points.success)
    return (
      <Card title={t("scorecard.title")} hint={t("scorecard.hint")}>
        <div className="stack">
          <CardTable of={points.data} />
        </div>
      </Card>
    );
  if (model.kind === "regression") return <Fitted model={model} />;
  if (model.step) return <PipelineSteps model={model} />;
  return (
    <Card title={t("models.importance")} hint={t("models.importanceHint")}>
      <ImportanceBars rows={model.importance} />
    </Card>
  );
}

/** What own rows went through before training, and go through again when they are scored. */
function PipelineSteps({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const say = useText();
  if (model.pipeline.length === 0) return null;
  return (
    <Card title={t("models.pipeline")} hint={model.step ? undefined : t("models.pipelineHint")}>
      <ol className="stack">
        {model.pipeline.map(({ kind, title, digest, steps }) => (
          <li key={digest}>
            <span className="row wrap">
              <b style={{ fontWeight: 600 }}>{say(title)}</b> <Hash value={digest} />
            </span>
            <StepList kind={kind} steps={steps} />
          </li>
        ))}
      </ol>
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

/** Figures, what the columns count, and how it was made. */
export function Overview({ model }: { model: ModelDetail }) {
  const metric = useMetricName();
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
          <Main model={model} />
          {!model.step && <PipelineSteps model={model} />}
          <Schema model={model} />
        </div>
        <div className="stack">
          <About model={model} />
          <Parameters model={model} />
        </div>
      </div>
    </>
  );
}
