import type { Model } from "@tombolo/sdk";
import { Input, Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { ColumnsField } from "../../components/fields.tsx";
import { ParameterFields } from "../../components/parameter-fields.tsx";
import { PartnerDataset } from "../../components/partner-datasets.tsx";
import { useRead } from "../../lib/queries.ts";
import { useMade } from "../lookup/made.ts";
import { ReferencePart } from "../lookup/reference.tsx";
import {
  answering,
  type Draft,
  fallsBack,
  givesScores,
  hostsOf,
  isCatalogue,
  isNameGood,
  mayHide,
  tableOf,
} from "./draft.ts";

interface StepProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

export function ModelStep({ draft, models, change }: StepProps & { readonly models: readonly Model[] }) {
  const { t } = useTranslation();
  const bad = draft.name !== "" && !isNameGood(draft.name);
  return (
    <div className="grid2">
      <Field label={t("services.model")}>
        <Select
          value={draft.model?.id ?? null}
          aria-label={t("services.model")}
          options={models.map((each) => ({ value: each.id, label: `${each.name} · ${each.id}` }))}
          onChange={(id: string | null) =>
            change({
              model: models.find((each) => each.id === id),
              hosts: {},
              parameters: {},
              plan: undefined,
              reference: undefined,
            })
          }
        />
      </Field>
      <Field label={t("services.until")} hint={t("services.untilHint")}>
        <Input type="date" value={draft.day} onChange={(event) => change({ day: event.target.value })} />
      </Field>
      {draft.beside === undefined && (
        <>
          <Field
            label={t("services.name")}
            hint={t("services.nameHint")}
            error={bad ? t("services.nameBad") : undefined}
          >
            <Input
              className="mono"
              aria-label={t("services.name")}
              maxLength={48}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          </Field>
          <Field label={t("services.titleField")} hint={t("services.titleHint")}>
            <Input
              aria-label={t("services.titleField")}
              maxLength={200}
              value={draft.title}
              onChange={(event) => change({ title: event.target.value })}
            />
          </Field>
        </>
      )}
    </div>
  );
}

export function TablesStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const jobId = draft.model?.jobId ?? "";
  const projectId = useRead("getJob", { params: { id: jobId } }, { enabled: jobId !== "" }).data?.projectId;
  const hosts = hostsOf(draft);
  if (hosts.length === 0) return <p className="soft">{t("services.noHosts")}</p>;
  return (
    <div className="stack">
      {mayHide(draft) && (
        <Field label={t("services.whoIsScored")} hint={t(`services.hiddenHint.${draft.hidden}`)} group>
          <Radio.Group
            value={draft.hidden}
            options={[false, true].map((value) => ({ value, label: t(`services.hiddenOf.${value}`) }))}
            // The forms have parameters of their own.
            onChange={(event) => change({ hidden: event.target.value as boolean, parameters: {} })}
          />
        </Field>
      )}
      <div className="grid2">
        {hosts.map((party) => {
          const chosen = draft.hosts[party];
          return (
            <div key={party} className="stack tight">
              <PartnerDataset
                party={party}
                projectId={projectId}
                purpose={t("services.deployTitle")}
                value={chosen?.dataset.id}
                onChange={(dataset) => change({ hosts: { ...draft.hosts, [party]: tableOf(dataset) } })}
              />
              {chosen !== undefined && (
                <ColumnsField
                  label={t("services.keys")}
                  hint={t("services.keysHint")}
                  dataset={chosen.dataset}
                  value={chosen.keys}
                  onChange={(keys) => change({ hosts: { ...draft.hosts, [party]: { ...chosen, keys } } })}
                />
              )}
              {chosen !== undefined && (
                <Field label={t("services.asOf")} optional hint={t("services.asOfHint")}>
                  <Select
                    allowClear
                    value={chosen.asOf}
                    aria-label={t("services.asOf")}
                    options={chosen.dataset.columns.map(({ name }) => ({ value: name, label: name }))}
                    onChange={(asOf: string | null | undefined) =>
                      change({ hosts: { ...draft.hosts, [party]: { ...chosen, asOf: asOf ?? null } } })
                    }
                  />
                </Field>
              )}
            </div>
          );
        })}
      </div>
    </div>
  );
}

/** One authorisation for all questions of a service; its scope starts as the purpose that the owner agreed to. */
function AuthorisationPart({ draft, change }: StepProps) {
  const made = useMade(draft.model);
  return (
    <ReferencePart
      party={draft.model?.parties.find(({ role }) => role === "host")?.party ?? ""}
      datasetId={made?.datasetId}
      value={draft.reference}
      onChange={(reference) => change({ reference })}
    />
  );
}

/** As the serving component describes itself. */
export function AnswersStep({ draft, models, change }: StepProps & { readonly models: readonly Model[] }) {
  const { t } = useTranslation();
  const components = useRead("listComponents", {});
  const alone = models.filter(({ kind, parties }) => kind !== "catalogue" && parties.length === 1);
  return (
    <Loaded of={components}>
      {({ items }) => (
        <div className="stack">
          {isCatalogue(draft) && !givesScores(draft) && <AuthorisationPart draft={draft} change={change} />}
          {answering(draft).map((component, i) => (
            <ParameterFields
              key={component}
              schema={items.find(({ name }) => name === component)?.parameters ?? {}}
              // What follows from the catalogue, or stands above already, is no choice.
              without={["until", "keyParts", "authorisation", ...(i === 0 ? [] : ["idsMax", "padTo", "days"])]}
              values={draft.parameters}
              onChange={(parameters) => change({ parameters })}
            />
          ))}
          {fallsBack(draft) && (
            <Field label={t("services.fallback")} hint={t("services.fallbackHint")}>
              <Select
                value={draft.fallback ?? null}
                aria-label={t("services.fallback")}
                options={alone.map((each) => ({ value: each.id, label: `${each.name} · ${each.id}` }))}
                onChange={(id: string | null) => change({ fallback: id ?? undefined })}
              />
            </Field>
          )}
        </div>
      )}
    </Loaded>
  );
}
