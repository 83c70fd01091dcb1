import type { ModelCheck, ModelDetail, ModelPartView } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Facts, Notice } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Hash } from "../../components/values.tsx";
import { useText } from "../../i18n/i18n.ts";

function Outcome({ of: check }: { of: ModelCheck }) {
  const { t } = useTranslation();
  if (check.ok) return <State of="ok" label={t("models.holds")} />;
  return check.missing ? (
    <State of="WAITING" label={t("models.missingYet")} />
  ) : (
    <State of="problem" label={t("models.wrong")} />
  );
}

/** What the node found just now, worst first. */
export function Verdict({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const say = useText();
  const { ok, checks } = model.verification;
  const wrong = checks.filter((check) => !check.ok && !check.missing);
  const open = checks.filter((check) => check.missing);
  if (ok)
    return (
      <Notice tone="ok" title={t("models.verified")}>
        {t("models.verifiedHint")}
      </Notice>
    );
  return wrong.length > 0 ? (
    <Notice tone="bad" title={t("models.notVerified")}>
      {wrong.map(({ text }) => say(text)).join("; ")}
    </Notice>
  ) : (
    <Notice tone="wait" title={t("models.notYet")}>
      {open.map(({ text }) => say(text)).join("; ")}
    </Notice>
  );
}

function PartCard({ part, checks }: { part: ModelPartView; checks: readonly ModelCheck[] }) {
  const { t } = useTranslation();
  const say = useText();
  const { published } = part;
  return (
    <Card title={<Party id={part.party} role={part.role} />}>
      <div className="stack">
        <Facts
          items={[
            [t("models.digest"), part.digest === null ? undefined : <Hash key="digest" value={part.digest} />],
            [t("models.key"), part.keyFingerprint === "" ? undefined : <Hash key="key" value={part.keyFingerprint} />],
            [t("models.said"), part.status === null ? t("models.silent") : <State key="state" of={part.status} />],
            [
              t("models.publishedAs"),
              published === null ? undefined : (
                <div key="published">
                  {published.name}, {t("models.versionOf", { number: published.version })}
                  {published.notes !== "" && <div className="lines muted">{published.notes}</div>}
                </div>
              ),
            ],
          ]}
        />
        {part.steps.length > 0 && (
          <div className="small">
            <b>{t(part.own ? "models.stepsOwn" : "models.stepsTold")}</b>
            <ul>
              {part.steps.map(({ en, zh }) => (
                <li key={en}>{say({ en, zh })}</li>
              ))}
            </ul>
          </div>
        )}
        <Table
          label={`${t("models.checks")}: ${part.party}`}
          rows={checks}
          keyOf={(row) => row.what}
          columns={[
            { key: "what", title: t("models.checks"), cell: (row) => t(`models.checkOf.${row.what}`) },
            { key: "outcome", title: t("models.state"), num: true, cell: (row) => <Outcome of={row} /> },
          ]}
        />
      </div>
    </Card>
  );
}

export function Parts({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const { checks, manifestHash } = model.verification;
  return (
    <div className="stack">
      <Verdict model={model} />
      {manifestHash !== null && (
        <Card title={t("models.manifestHash")} hint={t("models.manifestHint")}>
          <Hash value={manifestHash} whole />
        </Card>
      )}
      <div className="grid2">
        {model.parts.map((part) => (
          <PartCard key={part.party} part={part} checks={checks.filter(({ party }) => party === part.party)} />
        ))}
      </div>
    </div>
  );
}
