import { Link, useSearch } from "@tanstack/react-router";
import type { ModelComparison } from "@tombolo/sdk";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page, Skeleton } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { placeOf } from "../../components/reports/coefficients.ts";
import { ColumnName } from "../../components/reports/importance-bars.tsx";
import { Time } from "../../components/values.tsx";
import { DASH, formatMetric } from "../../lib/format.ts";
import { lazily } from "../../lib/lazily.ts";
import { useRead } from "../../lib/queries.ts";
import { ParameterDifferences } from "./compare-parameters.tsx";
import "./models.css";
import { useMetricName } from "./names.ts";
import { Name, SIDES } from "./side.tsx";
import { ModelState } from "./state.tsx";

const Runs = lazily(() => import("./compare-runs.tsx"), "Runs");

const FEATURES_SHOWN = 30;

const figure = (value: number | null): string =>
  value === null ? DASH : Number.isInteger(value) ? String(value) : formatMetric(value);

const percent = (share: number | null): string => (share === null ? DASH : `${(100 * share).toFixed(1)} %`);

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
        <Empty title={t("models.noImportanceShare")} hint={t("models.noImportanceShareHint")} />
      ) : (
        <ul className="paired">
          {rows.map((row) => (
            <li key={`${row.party} ${row.feature}`}>
              <span className="row wrap" style={{ gap: 8 }}>
                <ColumnName of={row} /> <Party id={row.party} bare />
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

export function ComparePage() {
  const { t } = useTranslation();
  const { a, b } = useSearch({ from: "/shell/models/compare" });
  const found = useRead("compareModels", { params: { id: a, other: b } });
  const first = useRead("modelReports", { params: { id: a } }).data?.items;
  const second = useRead("modelReports", { params: { id: b } }).data?.items;
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
            <Suspense fallback={<Skeleton rows={6} />}>
              {first !== undefined && second !== undefined && (
                <Runs of={comparison} reports={{ a: first, b: second }} />
              )}
            </Suspense>
            <ParameterDifferences of={comparison} />
          </>
        )}
      </Loaded>
    </Page>
  );
}
