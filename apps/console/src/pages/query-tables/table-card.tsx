import { Link } from "@tanstack/react-router";
import type { QueryTable } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatTime } from "../../lib/format.ts";
import { useAct } from "../../lib/queries.ts";
import { UsedOf } from "../ask/left.tsx";
import { type Step, stepsOf } from "./stand.ts";
import "./query-tables.css";

/** One table and one partner: what it answers, how far it has come, what was asked of it. */
export function TableCard({ table, onAgain }: { table: QueryTable; onAgain(): void }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [withdrawing, setWithdrawing] = useState(false);
  const { grant, asked } = table;
  const { terms } = grant;
  const query = terms.query!;
  const columns = query.columns.map(({ column }) => column).join(", ") || t("queryTables.yesNo");
  const partner = terms.partners[0] ?? "";
  return (
    <Card
      title={
        <span className="row wrap">
          {grant.datasetName} <Party id={partner} /> <State of={grant.status} />
        </span>
      }
      hint={
        <>
          {t("queryTables.what", { keys: query.keys.join(" + "), columns })} · {terms.purpose} ·{" "}
          <Time at={terms.expiresAt} />
          {query.authorisationRequired === true && <> · {t("authorisation.require")}</>}
        </>
      }
      actions={
        <>
          <Act size="small" needs="grants:request" title={t("queryTables.againHint")} onClick={onAgain}>
            {t("queryTables.again")}
          </Act>
          <Act
            size="small"
            danger
            needs="approvals:decide"
            because={grant.status === "ACTIVE" ? undefined : t("queryTables.withdrawNot")}
            onClick={() => setWithdrawing(true)}
          >
            {t("queryTables.withdraw")}
          </Act>
        </>
      }
    >
      <div className="stack">
        <ol className="stand" aria-label={t("queryTables.steps")}>
          {stepsOf(table).map((step) => (
            <StepLine key={step.name} step={step} table={table} partner={partner} />
          ))}
        </ol>
        <div className="grid2 small">
          <div>
            <div className="muted">{t("queryTables.today")}</div>
            {query.idsPerDay === null ? (
              <span>
                {formatNumber(asked.today, language)} · {t("queryTables.noDayLimit")}
              </span>
            ) : (
              <UsedOf used={asked.today} max={query.idsPerDay} />
            )}
          </div>
          <div>
            <div className="muted">
              {t("queryTables.inAll")} · {t("ask.until", { at: formatTime(terms.expiresAt, language) })}
            </div>
            <UsedOf used={asked.inAll} max={query.idsMax} />
          </div>
        </div>
        {withdrawing && <Withdraw table={table} partner={partner} onClose={() => setWithdrawing(false)} />}
      </div>
    </Card>
  );
}

interface StepLineProps {
  readonly step: Step;
  readonly table: QueryTable;
  readonly partner: string;
}

function StepLine({ step, table, partner }: StepLineProps) {
  const { t } = useTranslation();
  return (
    <li className={`tone-${step.tone}`}>
      <i aria-hidden="true" />
      <div>
        <b>{t(`queryTables.step.${step.name}`, { party: partner })}</b>
        <div className="small soft">
          <Said step={step} table={table} />{" "}
          {step.jobId !== null && (
            <Link to="/jobs/$id" params={{ id: step.jobId }}>
              {t("queryTables.openJob")}
            </Link>
          )}
          {step.name === "grant" && table.grant.status === "REQUESTED" && (
            <Link to="/approvals">{t("queryTables.decide")}</Link>
          )}
        </div>
      </div>
    </li>
  );
}

function Said({ step, table }: Omit<StepLineProps, "partner">) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (step.is === "grant") return <>{t(`queryTables.grantOf.${table.grant.status}`)}</>;
  if (step.is === "theirs" && step.name !== "grant") return <>{t(`queryTables.theirTurn.${step.name}`)}</>;
  if (step.is === "consent") return <>{t("queryTables.consent")}</>;
  if (step.is === "done") return <>{t("queryTables.made", { count: table.catalogue?.versions ?? 0 })}</>;
  if (step.is === "failed") return <>{t("common.state.FAILED")}</>;
  if (step.is === "over") return <>{t("queryTables.over")}</>;
  if (step.is !== "running") return null;
  if (step.name !== "service") return <>{t("queryTables.running")}</>;
  return <>{t("queryTables.answers", { at: formatTime(table.service?.until ?? null, language) })}</>;
}

function Withdraw({ table, partner, onClose }: { table: QueryTable; partner: string; onClose(): void }) {
  const { t } = useTranslation();
  const revoke = useAct("revokeGrant", {
    refresh: ["listQueryTables", "listGrants", "listJobs"],
    said: t("queryTables.withdrawn"),
    after: onClose,
  });
  const { id, datasetName } = table.grant;
  return (
    <ReasonModal
      title={t("queryTables.withdrawTitle", { name: datasetName, party: partner })}
      okText={t("queryTables.withdraw")}
      danger
      busy={revoke.isPending}
      onClose={onClose}
      onOk={(reason) => revoke.mutate({ params: { id }, body: { reason } })}
    >
      <p>{t("queryTables.withdrawHint")}</p>
    </ReasonModal>
  );
}
