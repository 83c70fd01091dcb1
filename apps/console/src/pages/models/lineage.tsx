import { Link } from "@tanstack/react-router";
import type { ModelDetail } from "@tombolo/sdk";
import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Card, Facts } from "../../components/page.tsx";
import { Party, usePartyColour } from "../../components/party.tsx";
import { JobState, type StateName } from "../../components/state.tsx";
import { Hash, When } from "../../components/values.tsx";
import { useText } from "../../i18n/i18n.ts";
import { shortHash } from "../../lib/format.ts";
import { Version } from "./state.tsx";

function Stage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Data({ lineage }: { lineage: ModelDetail["lineage"] }) {
  const { t } = useTranslation();
  const colour = usePartyColour();
  return (
    <ul>
      {lineage.datasets.map((each) => (
        <li key={`${each.party} ${each.datasetId}`} style={{ "--party": colour(each.party) } as CSSProperties}>
          <Party id={each.party} bare />
          <div>{each.name ?? <code>{each.datasetId}</code>}</div>
          <div className="small muted">
            {t("models.columnsCount", { count: each.columns })} · {t("models.snapshot")}{" "}
            <code>{shortHash(each.snapshot)}</code>
          </div>
          {each.grantId !== null && (
            <div className="small muted">
              <code>{each.grantId}</code>
            </div>
          )}
        </li>
      ))}
      {lineage.models.map((id) => (
        <li key={id}>
          <div className="small muted">{t("models.earlier")}</div>
          <code>{id}</code>
        </li>
      ))}
    </ul>
  );
}

function Steps({ lineage }: { lineage: ModelDetail["lineage"] }) {
  const say = useText();
  return (
    <ol>
      {lineage.pipeline.map(({ task, component, version, title, parties }) => (
        <li key={task}>
          <b style={{ fontWeight: 600 }}>{say(title)}</b>
          <div className="small muted">
            <code>{task}</code> · {component} {version}
          </div>
          <span className="row wrap small">
            {parties.map((party) => (
              <Party key={party} id={party} bare />
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Uses({ lineage }: { lineage: ModelDetail["lineage"] }) {
  const { t } = useTranslation();
  if (lineage.usedBy.length === 0) return <p className="muted">{t("models.notUsed")}</p>;
  return (
    <ul>
      {lineage.usedBy.map(({ id, name, status, createdAt }) => (
        <li key={id}>
          <Link to="/jobs/$id" params={{ id }}>
            {name}
          </Link>
          <div className="row wrap small">
            <JobState of={status as StateName} /> <When at={createdAt} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** From data through the steps to this version, and on to what used it. */
export function Lineage({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const { lineage } = model;
  return (
    <div className="stack">
      <Card title={t("models.lineageTitle")} hint={t("models.lineageHint")}>
        <div className="chain">
          <Stage title={t("models.data")}>
            <Data lineage={lineage} />
          </Stage>
          <Stage title={t("models.steps")}>
            <Steps lineage={lineage} />
          </Stage>
          <Stage title={t("models.thisModel")}>
            <ul>
              <li className="self">
                <b style={{ fontWeight: 600 }}>{model.name}</b> <Version number={model.version} />
                <div className="small muted">
                  <code>{model.id}</code>
                </div>
                <span className="row wrap small">
                  {model.parties.map(({ party }) => (
                    <Party key={party} id={party} bare />
                  ))}
                </span>
              </li>
            </ul>
          </Stage>
          <Stage title={t("models.usedBy")}>
            <Uses lineage={lineage} />
          </Stage>
        </div>
      </Card>
      <Card>
        <Facts
          items={[
            [
              t("models.job"),
              <Link key="job" to="/jobs/$id" params={{ id: model.jobId }}>
                <code>{model.jobId}</code>
              </Link>,
            ],
            [t("models.consent"), <Hash key="consent" value={lineage.consentHash} />],
          ]}
        />
      </Card>
    </div>
  );
}
