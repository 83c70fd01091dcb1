import { Link, useSearch } from "@tanstack/react-router";
import type { Model, ModelComparison } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { placeOf } from "../../components/reports/coefficients.ts";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Time } from "../../components/values.tsx";
import { DASH, formatMetric } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";
import "./models.css";
import { useMetricName } from "./names.ts";
import { ModelState, Version } from "./state.tsx";

type Side = "a" | "b";
const SIDES = ["a", "b"] as const;
const FEATURES_SHOWN = 30;

const figure = (value: number | null): string =>
  value === null ? DASH : Number.isInteger(value) ? String(value) : formatMetric(value);

const setting = (value: unknown): string =>
  value === null ? DASH : typeof value === "object" ? JSON.stringify(value) : String(value);

const percent = (share: number | null): string => (share === null ? DASH : `${(100 * share).toFixed(1)} %`);

function Name({ of: model, side }: { of: Model; side: Side }) {
  return (
    <span className={`compared ${side}`}>
      <i />
      {model.name} <Version number={model.version} />
    </span>
  );
}

function Heads({ of }: { of: ModelComparison }) {
  return (
    <div className="grid2">
      {SIDES.map((side) => (
        <Card key={side}>
          <div className="stack" style={{ gap: 6 }}>
            <Link to="/models/$id" params={{ id: of[side].id }}>
              <Name of={of[side]} side={side} />
            </Link>
            <span className="row wrap">
              <ModelState of={of[side]} />
              {of[side].parties.map(({ party }) => (
                <Party key={party} id={party} bare />
              ))}
              <span className="muted">
                <Time at={of[side].createdAt} />
              </span>
            </span>
            {of[side].notes !== "" && <span className="lines muted">{of[side].notes}</span>}
          </div>
        </Card>
      ))}
    </div>
  );
}

function Metrics({ of }: { of: ModelComparison }) {
  const { t } = useTranslation();
  const metric = useMetricName();
  const most = (row: ModelComparison["metrics"][number]): number =>
    Math.max(Number.MIN_VALUE, Math.abs(row.a ?? 0), Math.abs(row.b ?? 0));
  return (
    <Card title={t("models.metricsTitle")}>
      <ul className="paired">
        {of.metrics.map((row) => (
          <li key={row.name}>
            <span>{metric(row.name)}</span>
            <div className="bars">
              {SIDES.map((side) => [
                <div key={`${side} bar`} className={`bar ${side}`} aria-hidden="true">
                  <i style={{ width: `${(100 * Math.abs(row[side] ?? 0)) / most(row)}%` }} />
                </div>,
                <span key={side} className="num">
                  {figure(row[side])}
                </span>,
              ])}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Importance({ of }: { of: ModelComparison }) {
  const { t } = useTranslation();
  const size = (row: ModelComparison["importance"][number]): number => Math.max(row.a ?? 0, row.b ?? 0);
  const rows = [...of.importance].sort((a, b) => size(b) - size(a)).slice(0, FEATURES_SHOWN);
  const largest = Math.max(Number.MIN_VALUE, ...rows.map(size));
  return (
    <Card title={t("models.importanceShare")} hint={t("models.importanceShareHint")}>
      {rows.length === 0 ? (
        <Empty title={t("reports.noImportance")} hint={t("reports.noImportanceHint")} />
      ) : (
        <ul className="paired">
          {rows.map((row) => (
            <li key={`${row.party} ${row.feature}`}>
              <span className="row wrap" style={{ gap: 8 }}>
                <code className="break">{row.feature}</code> <Party id={row.party} bare />
              </span>
              <div className="bars">
                {SIDES.map((side) => [
                  <div key={`${side} bar`} className={`bar ${side}`} aria-hidden="true">
                    <i style={{ width: `${(100 * (row[side] ?? 0)) / largest}%` }} />
                  </div>,
                  <span key={side} className="num">
                    {percent(row[side])}
                  </span>,
                ])}
              </div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

/** Own columns of two regressions: effects of one standard deviation, with intervals where errors are known. */
function Coefficients({ of }: { of: ModelComparison }) {
  const { t } = useTranslation();
  const sizeOf = (row: ModelComparison["coefficients"][number]): number =>
    Math.max(...SIDES.flatMap((side) => Object.values(row[side] ?? {}).map((value) => Math.abs(value ?? 0))), 0);
  const rows = [...of.coefficients].sort((a, b) => sizeOf(b) - sizeOf(a)).slice(0, FEATURES_SHOWN);
  const largest = Math.max(Number.MIN_VALUE, ...rows.map(sizeOf));
  return (
    <Card title={t("models.coefficients")} hint={t("models.effectsHint")}>
      <ul className="paired effects">
        {rows.map((row) => (
          <li key={row.name}>
            <code className="break">{row.name}</code>
            <div className="bars">
              {SIDES.map((side) => {
                const known = row[side];
                const [from, to] = [
                  known?.low ?? Math.min(0, known?.effect ?? 0),
                  known?.high ?? Math.max(0, known?.effect ?? 0),
                ];
                return [
                  <div key={`${side} bar`} className={`bar ${side}`} aria-hidden="true">
                    <i
                      style={{
                        left: `${placeOf(from, largest)}%`,
                        width: `${placeOf(to, largest) - placeOf(from, largest)}%`,
                      }}
                    />
                  </div>,
                  <span key={side} className="num">
                    {figure(known?.effect ?? null)}
                  </span>,
                ];
              })}
            </div>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Parameters({ of }: { of: ModelComparison }) {
  const { t } = useTranslation();
  const differs = (row: ModelComparison["parameters"][number]): boolean => setting(row.a) !== setting(row.b);
  const rows = [...of.parameters].sort((a, b) => Number(differs(b)) - Number(differs(a)));
  return (
    <Card title={t("models.parametersTitle")} hint={t("models.parametersHint")} flush>
      <Table
        label={t("models.parametersTitle")}
        rows={rows}
        keyOf={(row) => row.name}
        columns={[
          { key: "name", title: t("models.parameters"), cell: (row) => <code>{row.name}</code> },
          ...SIDES.map((side) => ({
            key: side,
            title: <Name of={of[side]} side={side} />,
            cell: (row: ModelComparison["parameters"][number]) => <code className="break">{setting(row[side])}</code>,
          })),
          {
            key: "state",
            title: t("models.state"),
            num: true,
            cell: (row) =>
              differs(row) ? (
                <State of="WAITING" label={t("models.differs")} />
              ) : (
                <span className="muted">{t("models.same")}</span>
              ),
          },
        ]}
      />
    </Card>
  );
}

export function ComparePage() {
  const { t } = useTranslation();
  const { a, b } = useSearch({ from: "/shell/models/compare" });
  const found = useRead("compareModels", { params: { id: a, other: b } });
  return (
    <Page
      title={t("models.compareTitle")}
      sub={t("models.compareSub")}
      crumb={<Link to="/models">{t("models.title")}</Link>}
    >
      <Loaded of={found} rows={8}>
        {(comparison) => (
          <>
            <Heads of={comparison} />
            <div className="grid2">
              <Metrics of={comparison} />
              {comparison.coefficients.length > 0 ? <Coefficients of={comparison} /> : <Importance of={comparison} />}
            </div>
            <Parameters of={comparison} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
