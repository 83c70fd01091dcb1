import { Link, useSearch } from "@tanstack/react-router";
import type { Dataset, Model } from "@tombolo/sdk";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { FlowReview } from "../../components/flow-review.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { PartnerDataset } from "../../components/partner-datasets.tsx";
import { useParties } from "../../components/party.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { useAct, useRead } from "../../lib/queries.ts";

const idsOf = (dataset: Dataset | undefined): string[] =>
  (dataset?.columns ?? [])
    .filter((column) => column.role === "id")
    .slice(0, 1)
    .map((column) => column.name);

interface Chosen {
  readonly dataset: Dataset | undefined;
  readonly keys: readonly string[];
}
const nothing: Chosen = { dataset: undefined, keys: [] };

function Keys({ side, onChange }: { side: Chosen; onChange(keys: string[]): void }) {
  const { t } = useTranslation();
  if (side.dataset === undefined) return null;
  return (
    <Field label={t("models.keys")}>
      <Select
        mode="multiple"
        value={[...side.keys]}
        aria-label={t("models.keys")}
        options={side.dataset.columns.map((column) => ({ value: column.name, label: column.name }))}
        onChange={onChange}
      />
    </Field>
  );
}

const hostsOf = (model: Model | undefined, me: string | undefined): string[] =>
  (model?.parties ?? []).filter(({ party, role }) => party !== me && role === "host").map(({ party }) => party);

interface ModelSelectProps {
  readonly models: readonly Model[];
  readonly value: string | undefined;
  onChange(id: string | undefined): void;
}

function ModelSelect({ models, value, onChange }: ModelSelectProps) {
  const { t } = useTranslation();
  return (
    <Field label={t("models.chooseModel")}>
      <Select
        value={value ?? null}
        aria-label={t("models.chooseModel")}
        options={models.map((each) => ({
          value: each.id,
          label: [
            each.name,
            ...(each.version === null ? [] : [t("models.versionOf", { number: each.version })]),
            each.id,
          ].join(" · "),
        }))}
        onChange={(id: string | null) => onChange(id ?? undefined)}
      />
    </Field>
  );
}

/** Own rows that are scored. */
function OwnTable({ side, onChange }: { side: Chosen; onChange(side: Chosen): void }) {
  const { t } = useTranslation();
  const datasets = useRead("listDatasets", {}).data?.items ?? [];
  return (
    <div className="stack tight">
      <Field label={t("models.ownDataset")} hint={t("models.ownDatasetHint")}>
        <Select
          value={side.dataset?.id ?? null}
          aria-label={t("models.ownDataset")}
          options={datasets.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(id) => {
            const dataset = datasets.find((each) => each.id === id);
            onChange({ dataset, keys: idsOf(dataset) });
          }}
        />
      </Field>
      <Link to="/datasets">{t("models.uploadFirst")}</Link>
      <Keys side={side} onChange={(keys) => onChange({ ...side, keys })} />
    </div>
  );
}

interface HostTableProps {
  readonly party: string;
  readonly projectId: string | undefined;
  readonly side: Chosen;
  onChange(side: Chosen): void;
}

function HostTable({ party, projectId, side, onChange }: HostTableProps) {
  const { t } = useTranslation();
  return (
    <div className="stack tight">
      <PartnerDataset
        party={party}
        projectId={projectId}
        purpose={t("models.scoreTitle")}
        value={side.dataset?.id}
        onChange={(dataset) => onChange({ dataset, keys: idsOf(dataset) })}
      />
      <Keys side={side} onChange={(keys) => onChange({ ...side, keys })} />
    </div>
  );
}

/** What is scored with what, and the flow that comes of it. */
function useScore(models: readonly Model[], first: string | undefined) {
  const { t } = useTranslation();
  const { own: me } = useParties();
  const [modelId, setModelId] = useState(first ?? models[0]?.id);
  const [projectId, setProjectId] = useState<string | undefined>();
  const [own, setOwn] = useState<Chosen>(nothing);
  const [hosts, setHosts] = useState<Readonly<Record<string, Chosen>>>({});
  const check = useAct("scoreFlow", { inline: true });
  const model = models.find((each) => each.id === modelId);
  const partners = hostsOf(model, me);
  const of = (party: string): Chosen => hosts[party] ?? nothing;
  const sides = [own, ...partners.map(of)];
  const ready = projectId !== undefined && sides.every((side) => side.dataset !== undefined && side.keys.length > 0);
  const run = () => {
    if (model === undefined || own.dataset === undefined) return;
    check.mutate({
      body: {
        name: t("models.defaultName", { model: model.name }).slice(0, 200),
        modelId: model.id,
        datasetId: own.dataset.id,
        keys: [...own.keys],
        hosts: partners.flatMap((partyId) => {
          const { dataset, keys } = of(partyId);
          return dataset === undefined ? [] : [{ partyId, datasetId: dataset.id, keys: [...keys] }];
        }),
      },
    });
  };
  return {
    me,
    modelId,
    setModelId,
    projectId,
    setProjectId,
    own,
    setOwn,
    hosts,
    setHosts,
    partners,
    of,
    check,
    ready,
    run,
  };
}

function ScoreForm({ models, first }: { models: readonly Model[]; first: string | undefined }) {
  const { t } = useTranslation();
  const form = useScore(models, first);
  const { me, modelId, setModelId, projectId, setProjectId, own, setOwn, hosts, setHosts, partners, of } = form;
  const { check, ready, run } = form;
  const reset = () => check.reset();
  return (
    <>
      <Card>
        <div className="stack">
          <div className="grid2">
            <ModelSelect
              models={models}
              value={modelId}
              onChange={(id) => {
                setModelId(id);
                reset();
              }}
            />
            <ProjectSelect value={projectId} members={[me, ...partners]} onChange={setProjectId} />
            <OwnTable
              side={own}
              onChange={(next) => {
                setOwn(next);
                reset();
              }}
            />
            {partners.map((party) => (
              <HostTable
                key={party}
                party={party}
                projectId={projectId}
                side={of(party)}
                onChange={(next) => {
                  setHosts({ ...hosts, [party]: next });
                  reset();
                }}
              />
            ))}
          </div>
          <div>
            <Act
              type="primary"
              needs="jobs:submit"
              because={ready ? undefined : t("joint.missing")}
              loading={check.isPending}
              onClick={run}
            >
              {t("models.check")}
            </Act>
          </div>
          {check.error !== null && <CallFailure error={check.error} />}
        </div>
      </Card>
      {check.data !== undefined && projectId !== undefined && <FlowReview check={check.data} projectId={projectId} />}
    </>
  );
}

export function ScorePage() {
  const { t } = useTranslation();
  const { model } = useSearch({ from: "/shell/score" });
  const models = useRead("listModels", {});
  return (
    <Page
      title={t("models.scoreTitle")}
      sub={t("models.scoreSub")}
      crumb={<Link to="/models">{t("models.title")}</Link>}
    >
      <Loaded of={models}>
        {({ items: all }) => {
          // A catalogue and a step of a pipeline are kept like models, and predict nothing.
          const items = all.filter(({ kind, step, status }) => !step && kind !== "catalogue" && status === "ACTIVE");
          return items.length === 0 ? (
            <Card>
              <Empty
                title={t("models.noModel")}
                hint={t("models.noModelHint")}
                action={<Link to="/joint-model">{t("jobs.buildJoint")}</Link>}
              />
            </Card>
          ) : (
            <ScoreForm models={items} first={model} />
          );
        }}
      </Loaded>
    </Page>
  );
}
