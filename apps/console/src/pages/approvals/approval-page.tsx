import { Link, useParams } from "@tanstack/react-router";
import { type ApprovalDetail, grantTerms } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Comments } from "../../components/comments.tsx";
import { Disclosure } from "../../components/disclosure.tsx";
import { Loaded } from "../../components/failure.tsx";
import { GrantTermsFacts } from "../../components/grant-terms.tsx";
import { Card, Empty, Facts, Page, Tabs } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Hash, Time, When } from "../../components/values.tsx";
import { Yaml } from "../../components/yaml.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { Decide } from "./decide.tsx";

type Tab = "learn" | "means" | "flow" | "changes";

const shown = (value: unknown): string => (value === undefined || value === null ? "–" : JSON.stringify(value));

function Changes({ diff }: { diff: ApprovalDetail["diff"] }) {
  const { t } = useTranslation();
  if (diff === null) return <Empty title={t("approvals.diffFirst")} hint={t("approvals.diffFirstHint")} />;
  if (diff.length === 0) return <Empty title={t("approvals.diffNone")} hint={t("approvals.diffNoneHint")} />;
  return (
    <Table
      label={t("approvals.changesTab")}
      rows={diff}
      keyOf={(row) => row.path}
      columns={[
        { key: "path", title: t("approvals.path"), cell: (row) => <code>{row.path}</code> },
        {
          key: "before",
          title: t("approvals.before"),
          cell: (row) => (
            <code className="break tone-bad" style={{ color: "var(--bad)" }}>
              {shown(row.before)}
            </code>
          ),
        },
        {
          key: "after",
          title: t("approvals.after"),
          cell: (row) => (
            <code className="break" style={{ color: "var(--ok)" }}>
              {shown(row.after)}
            </code>
          ),
        },
      ]}
    />
  );
}

/** Statements without those that only repeat who learns what, which has its own place. */
function beyondLearning({ statements, disclosure }: ApprovalDetail): ApprovalDetail["statements"] {
  const learnt = new Set(disclosure.map(({ recipient, text }) => `${recipient} will learn: ${text.en}`));
  return statements.filter((statement) => !learnt.has(statement.en));
}

/** Jobs and schedules open with who learns what, and say what is asked above it. */
const saysWhat = ({ kind }: ApprovalDetail): boolean => kind === "job" || kind === "schedule";

function Statements({ approval }: { approval: ApprovalDetail }) {
  const { t } = useTranslation();
  const say = useText();
  return (
    <Card title={saysWhat(approval) ? t("approvals.asked") : t("approvals.meansTab")}>
      <ul className="bullets">
        {beyondLearning(approval).map((statement) => (
          <li key={statement.en}>{say(statement)}</li>
        ))}
      </ul>
    </Card>
  );
}

function tabsOf(approval: ApprovalDetail): Tab[] {
  const tabs: Tab[] = [];
  if (saysWhat(approval) || approval.disclosure.length > 0) tabs.push("learn");
  if (approval.statements.length > 0 && !saysWhat(approval)) tabs.push("means");
  if (approval.flowYaml !== null) tabs.push("flow");
  if (approval.kind === "job") tabs.push("changes");
  return tabs;
}

function Body({ approval }: { approval: ApprovalDetail }) {
  const { t } = useTranslation();
  const tabs = tabsOf(approval);
  const [chosen, setChosen] = useState<Tab | undefined>();
  const active = chosen ?? tabs[0];
  const terms = grantTerms.safeParse(approval.grantTerms);
  if (active === undefined) return null;
  return (
    <div className="stack">
      {tabs.length > 1 && (
        <Tabs
          label={approval.title}
          active={active}
          onChange={setChosen}
          tabs={tabs.map((key) => ({
            key,
            title: t(`approvals.${key}Tab`),
            ...(key === "changes" && approval.diff !== null ? { count: approval.diff.length } : {}),
          }))}
        />
      )}
      {active === "learn" && approval.statements.length > 0 && <Statements approval={approval} />}
      {active === "learn" && <Disclosure items={approval.disclosure} />}
      {active === "means" && <Statements approval={approval} />}
      {active === "means" && approval.grantTerms !== null && (
        <Card title={t("approvals.termsTab")}>
          {terms.success ? <GrantTermsFacts terms={terms.data} /> : <code>{shown(approval.grantTerms)}</code>}
        </Card>
      )}
      {active === "flow" && <Yaml text={approval.flowYaml ?? ""} />}
      {active === "changes" && (
        <Card flush>
          <Changes diff={approval.diff} />
        </Card>
      )}
    </div>
  );
}

function About({ approval }: { approval: ApprovalDetail }) {
  const { t } = useTranslation();
  return (
    <Card>
      <Facts
        items={[
          [t("approvals.status"), <State key="state" of={approval.status} />],
          [t("approvals.kindTitle"), t(`approvals.kind.${approval.kind}`)],
          [
            t("approvals.from"),
            <span key="from" className="row">
              <Party id={approval.requestedParty} /> {approval.requestedBy}
            </span>,
          ],
          [t("approvals.when"), <Time key="when" at={approval.createdAt} />],
          [
            t("approvals.expires"),
            approval.status === "WAITING" ? <When key="expires" at={approval.expiresAt} /> : undefined,
          ],
          [t("approvals.decidedBy"), approval.decidedBy ?? undefined],
          [t("common.reason"), approval.reason ?? undefined],
          [
            t("approvals.message"),
            approval.message === "" ? undefined : (
              <span key="message" className="lines">
                {approval.message}
              </span>
            ),
          ],
          [
            approval.kind === "model" ? t("models.manifestHash") : t("approvals.hash"),
            approval.consentHash === null ? undefined : (
              <span key="hash">
                <Hash value={approval.consentHash} />
                <div className="small muted">
                  {approval.kind === "model" ? t("models.manifestHint") : t("approvals.hashHint")}
                </div>
              </span>
            ),
          ],
        ]}
      />
      <div className="row wrap" style={{ marginTop: 10 }}>
        {approval.jobId !== null && (
          <Link to="/jobs/$id" params={{ id: approval.jobId }}>
            {t("approvals.openJob")}
          </Link>
        )}
        {approval.scheduleId !== null && (
          <Link to="/schedules/$id" params={{ id: approval.scheduleId }}>
            {t("approvals.openSchedule")}
          </Link>
        )}
        {approval.modelId !== null && (
          <Link to="/models/$id" params={{ id: approval.modelId }}>
            {t("approvals.openModel")}
          </Link>
        )}
        {approval.grantId !== null && <Link to="/grants">{t("approvals.openGrant")}</Link>}
        {approval.projectId !== null && (
          <Link to="/projects/$id" params={{ id: approval.projectId }}>
            {t("approvals.openProject")}
          </Link>
        )}
      </div>
    </Card>
  );
}

function Said({ approval }: { approval: ApprovalDetail }) {
  const { t } = useTranslation();
  const comment = useAct("comment", { refresh: ["getApproval"] });
  return (
    <Card title={t("approvals.comments")}>
      <Comments
        comments={approval.comments}
        busy={comment.isPending}
        onSend={(text, sent) => comment.mutate({ params: { id: approval.id }, body: { text } }, { onSuccess: sent })}
      />
    </Card>
  );
}

export function ApprovalPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/approvals/$id" });
  const approval = useRead("getApproval", { params: { id } });
  return (
    <Page
      title={approval.data?.title ?? t("approvals.request")}
      crumb={<Link to="/approvals">{t("approvals.title")}</Link>}
    >
      <Loaded of={approval} rows={8}>
        {(detail) => (
          <div className="aside">
            <Body approval={detail} />
            <div className="stack">
              {detail.status === "WAITING" && <Decide approval={detail} />}
              <About approval={detail} />
              {detail.kind !== "contract" && detail.kind !== "model" && <Said approval={detail} />}
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}
