import { Link } from "@tanstack/react-router";
import type { Dataset, DatasetColumn } from "@tombolo/sdk";
import { Button, Checkbox, Select } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../lib/queries.ts";
import { hostOf, type Side, type Sides, sideOf } from "../lib/sides.ts";
import { Field } from "./act.tsx";
import { Distribution } from "./distribution.tsx";
import { Card, Empty } from "./page.tsx";
import { PartnerDataset } from "./partner-datasets.tsx";
import { Party, useParties } from "./party.tsx";
import { ProjectSelect } from "./project-select.tsx";
import { State } from "./state.tsx";

/** What the guided forms share: partners and project, tables, keys, columns. */
export interface SidesProps {
  readonly sides: Sides;
  change(next: Partial<Sides>): void;
}

const withHost = (sides: Sides, party: string, side: Partial<Side>): Partial<Sides> => ({
  hosts: { ...sides.hosts, [party]: { ...hostOf(sides, party), ...side } },
});

export function PartnerFields({ sides, change, label }: SidesProps & { readonly label: string }) {
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
      partners: on ? [...sides.partners, id] : sides.partners.filter((each) => each !== id),
      projectId: undefined,
    });
  return (
    <div className="stack">
      <Field label={label} group>
        <div className="stack tight">
          {partners.map((each) => (
            <Checkbox
              key={each.contractId}
              checked={sides.partners.includes(each.partyId!)}
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
        value={sides.projectId}
        members={[own, ...sides.partners]}
        onChange={(projectId) => change({ projectId })}
      />
      <div>
        <Link to="/projects">{t("jobs.proposeProject")}</Link>
      </div>
    </div>
  );
}

interface TableFieldsProps extends SidesProps {
  /** Where there is no own dataset yet. */
  readonly emptyHint: string;
  /** Told of a grant's owner when one is asked for. */
  readonly purpose: string;
  onOwn?(dataset: Dataset | undefined): void;
}

export function TableFields({ sides, change, emptyHint, purpose, onOwn }: TableFieldsProps) {
  const { t } = useTranslation();
  const list = useRead("listDatasets", {});
  const items = list.data?.items ?? [];
  if (list.data !== undefined && items.length === 0)
    return (
      <Empty title={t("joint.noneOwn")} hint={emptyHint} action={<Link to="/datasets">{t("joint.toDatasets")}</Link>} />
    );
  const choose = (id: string) => {
    const dataset = items.find((each) => each.id === id);
    change({ own: sideOf(dataset) });
    onOwn?.(dataset);
  };
  return (
    <div className="stack">
      <Field label={t("joint.ownDataset")}>
        <Select
          value={sides.own.dataset?.id ?? null}
          aria-label={t("joint.ownDataset")}
          options={items.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(id) => id !== null && choose(id)}
        />
      </Field>
      {sides.partners.map((party) => (
        <PartnerDataset
          key={party}
          party={party}
          projectId={sides.projectId}
          purpose={purpose}
          value={hostOf(sides, party).dataset?.id}
          onChange={(dataset) => change(withHost(sides, party, sideOf(dataset)))}
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

function useSides({ sides, change }: SidesProps): SideRow[] {
  const { own } = useParties();
  return [
    { party: own, side: sides.own, set: (side) => change({ own: { ...sides.own, ...side } }) },
    ...sides.partners.map((party) => ({
      party,
      side: hostOf(sides, party),
      set: (side: Partial<Side>) => change(withHost(sides, party, side)),
    })),
  ];
}

export function KeyFields(props: SidesProps) {
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

interface ColumnCardProps {
  readonly title: ReactNode;
  readonly offered: readonly DatasetColumn[];
  readonly chosen: readonly string[];
  onChange(columns: string[]): void;
}

/** Columns of one table to tick, each with its meaning and distribution. */
export function ColumnCard({ title, offered, chosen, onChange }: ColumnCardProps) {
  const { t } = useTranslation();
  const all = offered.map((column) => column.name);
  const ticked = chosen.filter((name) => all.includes(name));
  return (
    <Card
      title={title}
      hint={t("joint.chosen", { count: ticked.length, total: all.length })}
      actions={
        <>
          <Button size="small" onClick={() => onChange(all)}>
            {t("joint.selectAll")}
          </Button>
          <Button size="small" onClick={() => onChange([])}>
            {t("joint.selectNone")}
          </Button>
        </>
      }
    >
      <ul className="column-picker">
        {offered.map((column) => (
          <li key={column.name}>
            <Checkbox
              checked={ticked.includes(column.name)}
              onChange={(event) =>
                onChange(
                  event.target.checked ? [...ticked, column.name] : ticked.filter((name) => name !== column.name),
                )
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
}

/** Columns a side may bring: not its keys, nor what its dictionary leaves out. */
export const offeredOf = (side: Side): DatasetColumn[] =>
  (side.dataset?.columns ?? []).filter((column) => !side.keys.includes(column.name) && column.role !== "ignored");

/** `except`: not offered to this party, since it has another part. */
export function ColumnFields({ except, ...props }: SidesProps & { readonly except?: string | undefined }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      {useSides(props).map(({ party, side, set }) => (
        <ColumnCard
          key={party}
          title={
            <span className="row">
              {t("joint.columnsOf")} <Party id={party} />
            </span>
          }
          offered={offeredOf(side).filter((column) => side !== props.sides.own || column.name !== except)}
          chosen={side.columns}
          onChange={(next) => set({ columns: next })}
        />
      ))}
    </div>
  );
}
