import type { ScoreCall, ScoreReply, Service } from "@tombolo/sdk";
import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Card, Facts } from "../../components/page.tsx";
import { CopyLine } from "../../components/values.tsx";
import { formatMetric } from "../../lib/format.ts";
import { useAct } from "../../lib/queries.ts";
import { curlOf, idOf, saidOf } from "./call-line.ts";
import { useRuleText } from "./rule-text.ts";

type Features = NonNullable<ScoreCall["rows"][number]["features"]>;

/** Undefined where the text is no JSON object. */
function featuresOf(text: string): Features | undefined {
  if (text.trim() === "") return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Features) : undefined;
  } catch {
    return undefined;
  }
}

function Answer({ reply, ms, service }: { reply: ScoreReply; ms: number; service: Service }) {
  const { t, i18n } = useTranslation();
  const text = useRuleText();
  const [row] = reply.rows;
  if (row === undefined) return null;
  const by = service.deployments.find(({ id }) => id === reply.deployment);
  const said =
    row.score == null ? (row.band ?? row.decision ?? saidOf(row.refusal, i18n.language)) : formatMetric(row.score);
  return (
    <Card title={t("services.answer")} hint={t("services.answeredIn", { ms })}>
      <div className="stack">
        <div style={{ fontSize: 28, fontWeight: 600 }}>{said}</div>
        <Facts
          items={[
            [t("services.by"), by?.modelName ?? reply.deployment],
            [
              t("services.rule"),
              row.policy == null
                ? undefined
                : `${row.policy.party}: ${text.cause(row.policy.cause)} → ${text.instead(row.policy.instead)}`,
            ],
            [t("services.trace"), <code key="trace">{reply.traceId}</code>],
          ]}
        />
        <pre className="mono small break">{JSON.stringify(row, null, 2)}</pre>
      </div>
    </Card>
  );
}

export function TryIt({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [id, setId] = useState("");
  const [text, setText] = useState("");
  const [ms, setMs] = useState(0);
  const call = useAct("callService", { inline: true, refresh: ["getService", "serviceTraffic"] });
  const features = featuresOf(text);
  const body: ScoreCall = {
    rows: [{ id: idOf(id === "" ? "…" : id), ...(text.trim() === "" ? {} : { features: features ?? {} }) }],
  };
  const run = () => {
    const started = performance.now();
    call.mutate(
      { params: { name: service.name }, body },
      { onSettled: () => setMs(Math.round(performance.now() - started)) },
    );
  };
  return (
    <div className="aside">
      <div className="stack">
        <Card title={t("services.tab.try")} hint={t("services.tryHint")}>
          <div className="stack">
            <Field label={t("services.ids")}>
              <Input className="mono" value={id} onChange={(event) => setId(event.target.value)} onPressEnter={run} />
            </Field>
            <Field
              label={t("services.features")}
              hint={t("services.featuresHint")}
              error={features === undefined ? t("services.featuresBad") : undefined}
            >
              <Input.TextArea
                className="mono"
                aria-label={t("services.features")}
                autoSize={{ minRows: 3 }}
                value={text}
                onChange={(event) => setText(event.target.value)}
              />
            </Field>
            <div>
              <Act
                type="primary"
                needs="services:call"
                because={id.trim() === "" || features === undefined ? t("services.missing") : undefined}
                loading={call.isPending}
                onClick={run}
              >
                {t("services.call")}
              </Act>
            </div>
          </div>
        </Card>
        <Card title={t("services.curl")} hint={t("services.curlHint")}>
          <CopyLine text={curlOf(service, body)} />
        </Card>
      </div>
      <div className="stack">
        {call.error !== null && <CallFailure error={call.error} />}
        {call.data !== undefined && <Answer reply={call.data} ms={ms} service={service} />}
      </div>
    </div>
  );
}
