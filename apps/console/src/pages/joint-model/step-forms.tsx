import { Link } from "@tanstack/react-router";
import { Button, Checkbox, Input, InputNumber, Radio, Select, Switch } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { DictionaryTable } from "../../components/dataset-card.tsx";
import { Distribution } from "../../components/distribution.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { PartnerDataset } from "../../components/partner-datasets.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { State } from "../../components/state.tsx";
import { useRead } from "../../lib/queries.ts";
import { type Draft, hostOf, labelOf, objectiveOf, type Side, sideOf } from "./draft.ts";

export interface StepProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

const withHost = (draft: Draft, party: string, side: Partial<Side>): Partial<Draft> => ({
  hosts: { ...draft.hosts, [party]: { ...hostOf(draft, party), ...side } },
});

export function PartnerStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const list = useRead("listPartners", {});
  const partners = (list.data?.items ?? []).filter((each) => each.status === "APPROVED" && each.partyId !== null);
  if (list.data !== undefined && partners.length === 0)
    return (
      <Empty
        title={t("joint.noPartner")}
        hint={t("joint.noPartnerHint")}
        action={<Link to="/partners">{t("joint.toPartners")}</Link>}
      />
    );
  const toggle = (id: string, on: boolean) =>
    change({
      partners: on ? [...draft.partners, id] : draft.partners.filter((each) => each !== id),
      projectId: undefined,
    });
  return (
    <div className="stack">
      <Field label={t("joint.partners")} group>
        <div className="stack tight">
          {partners.map((each) => (
            <Checkbox
              key={each.contractId}
              checked={draft.partners.includes(each.partyId!)}
              onChange={(event) => toggle(each.partyId!, event.target.checked)}
            >
              <span className="row">
                <Party id={each.partyId!} /> <span className="soft">{each.name}</span>
                <State of={each.connection?.state ?? "down"} />
              </span>
            </Checkbox>
          ))}
        </div>
      </Field>
      <ProjectSelect
        value={draft.projectId}
        members={[own, ...draft.partners]}
        onChange={(projectId) => change({ projectId })}
      />
      <div>
        <Link to="/projects">{t("jobs.proposeProject")}</Link>
      </div>
    </div>
  );
}

export function DatasetsStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const list = useRead("listDatasets", {});
  const items = list.data?.items ?? [];
  if (list.data !== undefined && items.length === 0)
    return (
      <Empty
        title={t("joint.noneOwn")}
        hint={t("joint.noneOwnHint")}
        action={<Link to="/datasets">{t("joint.toDatasets")}</Link>}
      />
    );
  const choose = (id: string) => {
    const dataset = items.find((each) => each.id === id);
    change({ own: sideOf(dataset), label: labelOf(dataset), objective: undefined });
  };
  return (
    <div className="stack">
      <Field label={t("joint.ownDataset")}>
        <Select
          value={draft.own.dataset?.id ?? null}
          aria-label={t("joint.ownDataset")}
          options={items.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(id) => id !== null && choose(id)}
        />
      </Field>
      {draft.partners.map((party) => (
        <PartnerDataset
          key={party}
          party={party}
          projectId={draft.projectId}
          value={hostOf(draft, party).dataset?.id}
          onChange={(dataset) => change(withHost(draft, party, sideOf(dataset)))}
        />
      ))}
    </div>
  );
}

interface SideRow {
  readonly party: string;
  readonly side: Side;
  set(side: Partial<Side>): void;
}

function useSides({ draft, change }: StepProps): SideRow[] {
  const { own } = useParties();
  return [
    { party: own, side: draft.own, set: (side) => change({ own: { ...draft.own, ...side } }) },
    ...draft.partners.map((party) => ({
      party,
      side: hostOf(draft, party),
      set: (side: Partial<Side>) => change(withHost(draft, party, side)),
    })),
  ];
}

export function KeysStep(props: StepProps) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      {useSides(props).map(({ party, side, set }) => (
        <Field
          key={party}
          label={
            <span className="row">
              {t("joint.keysOf")} <Party id={party} />
            </span>
          }
        >
          <Select
            mode="multiple"
            value={[...side.keys]}
            aria-label={`${t("joint.keysOf")} ${party}`}
            options={(side.dataset?.columns ?? []).map((column) => ({ value: column.name, label: column.name }))}
            onChange={(keys: string[]) => set({ keys, columns: side.columns.filter((name) => !keys.includes(name)) })}
          />
        </Field>
      ))}
    </div>
  );
}

export function LabelStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const columns = (draft.own.dataset?.columns ?? []).filter((column) => !draft.own.keys.includes(column.name));
  const chosen = columns.find((column) => column.name === draft.label);
  return (
    <div className="stack">
      <Field label={t("joint.labelColumn")}>
        <Select
          value={draft.label ?? null}
          aria-label={t("joint.labelColumn")}
          options={columns.map((column) => ({
            value: column.name,
            label: column.meaning === "" ? column.name : `${column.name} · ${column.meaning}`,
          }))}
          onChange={(label) => change({ label: label ?? undefined, objective: undefined })}
        />
      </Field>
      <Field
        label={t("joint.objective")}
        group
        {...(chosen?.distinct == null ? {} : { hint: t("joint.objectiveBecause", { count: chosen.distinct }) })}
      >
        <Radio.Group
          value={objectiveOf(draft)}
          options={(["binary", "regression"] as const).map((value) => ({
            value,
            label: t(`joint.objectiveOf.${value}`),
          }))}
          onChange={(event) => change({ objective: event.target.value as "binary" | "regression" })}
        />
      </Field>
      {chosen !== undefined && <DictionaryTable columns={[chosen]} />}
    </div>
  );
}

export function ColumnsStep(props: StepProps) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      {useSides(props).map(({ party, side, set }) => {
        const offered = (side.dataset?.columns ?? []).filter(
          (column) =>
            !side.keys.includes(column.name) &&
            column.role !== "ignored" &&
            !(side === props.draft.own && column.name === props.draft.label),
        );
        const chosen = side.columns.filter((name) => offered.some((column) => column.name === name));
        return (
          <Card
            key={party}
            title={
              <span className="row">
                {t("joint.columnsOf")} <Party id={party} />
              </span>
            }
            hint={t("joint.chosen", { count: chosen.length, total: offered.length })}
            actions={
              <>
                <Button size="small" onClick={() => set({ columns: offered.map((column) => column.name) })}>
                  {t("joint.selectAll")}
                </Button>
                <Button size="small" onClick={() => set({ columns: [] })}>
                  {t("joint.selectNone")}
                </Button>
              </>
            }
          >
            <ul className="column-picker">
              {offered.map((column) => (
                <li key={column.name}>
                  <Checkbox
                    checked={side.columns.includes(column.name)}
                    onChange={(event) =>
                      set({
                        columns: event.target.checked
                          ? [...side.columns, column.name]
                          : side.columns.filter((name) => name !== column.name),
                      })
                    }
                  >
                    <code>{column.name}</code>
                  </Checkbox>
                  <span className="clip soft">{column.meaning}</span>
                  <Distribution column={column} />
                </li>
              ))}
            </ul>
          </Card>
        );
      })}
    </div>
  );
}

export function ParametersStep({ draft, change, name }: StepProps & { name: string }) {
  const { t } = useTranslation();
  const number = (
    key: "trees" | "depth" | "learningRate" | "bins" | "testShare" | "seed",
    min: number,
    max: number,
    step: number,
    hint?: ReactNode,
  ) => (
    <Field label={t(`joint.${key}`)} hint={hint}>
      <InputNumber
        style={{ width: "100%" }}
        min={min}
        max={max}
        step={step}
        value={draft[key]}
        onChange={(value) => value !== null && change({ [key]: value })}
      />
    </Field>
  );
  return (
    <div className="stack">
      <Field label={t("joint.name")}>
        <Input value={name} maxLength={200} onChange={(event) => change({ name: event.target.value })} />
      </Field>
      <div className="grid3">
        {number("trees", 1, 1000, 10)}
        {number("depth", 1, 10, 1)}
        {number("learningRate", 0.01, 1, 0.05)}
        {number("bins", 2, 255, 1)}
        {number("testShare", 0.05, 0.9, 0.05)}
        {number("seed", 0, 2 ** 32 - 1, 1, t("joint.seedHint"))}
      </div>
      {/* biome-ignore lint/a11y/noLabelWithoutControl: the switch is the control */}
      <label className="row" style={{ alignItems: "flex-start" }}>
        <Switch size="small" checked={draft.baseline} onChange={(baseline) => change({ baseline })} />
        <span>
          {t("joint.baseline")}
          <div className="small muted">{t("joint.baselineHint")}</div>
        </span>
      </label>
    </div>
  );
}
