import type { Service } from "@tombolo/sdk";
import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Card, Facts } from "../../components/page.tsx";
import { CopyLine } from "../../components/values.tsx";
import { useAct, useMay, useRead } from "../../lib/queries.ts";
import { noReference } from "../../lib/reference.ts";
import { givenFor, PerQuestion } from "../ask/per-question.tsx";
import { curlOf, idOf, saidOf } from "./call-line.ts";

interface Answered {
  readonly found?: boolean | null | undefined;
  readonly verified?: boolean | null | undefined;
  readonly values?: Readonly<Record<string, unknown>> | null | undefined;
  readonly refusal?: { readonly code: string; readonly message: string } | null | undefined;
}

function Answer({ row, trace, ms }: { row: Answered; trace: string; ms: number }) {
  const { t, i18n } = useTranslation();
  const yes = row.verified ?? row.found ?? false;
  const word = row.verified == null ? (yes ? "found" : "notFound") : yes ? "belongs" : "belongsNot";
  return (
    <Card title={t("services.answer")} hint={t("services.answeredIn", { ms })}>
      <div className="stack">
        <div style={{ fontSize: 28, fontWeight: 600 }}>
          {saidOf(row.refusal, i18n.language) ?? t(`services.${word}`)}
        </div>
        <Facts
          items={[
            ...Object.entries(row.values ?? {}).map(([name, value]): [string, string] => [name, String(value ?? "")]),
            [t("services.trace"), <code key="trace">{trace}</code>],
          ]}
        />
      </div>
    </Card>
  );
}

/** A search box for a partner's table: the partner learns that something was asked, not what. */
export function AskIt({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [id, setId] = useState("");
  const [ms, setMs] = useState(0);
  const settings = { inline: true, refresh: ["getService", "serviceTraffic"] } as const;
  const query = useAct("queryService", settings);
  const verify = useAct("verifyService", settings);
  const verifies = service.kind === "verify";
  const { data, error, isPending } = verifies ? verify : query;
  const may = useMay();
  const askable = useRead("listAskable", {}, { enabled: may("services:call") });
  const wants = askable.data?.items.find(({ name }) => name === service.name);
  const keys = wants?.keys ?? [];
  const [reference, setReference] = useState(noReference);
  const given = wants === undefined ? undefined : givenFor(wants, reference);
  const authorisation = given === null ? { hash: "…", expires: "…" } : given;
  const row = { id: idOf(id === "" ? "…" : id), ...(authorisation === undefined ? {} : { authorisation }) };
  const body = { rows: [row] };
  const because = id.trim() === "" ? t("services.missing") : given === null ? t("authorisation.missing") : undefined;
  const run = () => {
    if (because !== undefined) return;
    const started = performance.now();
    const call = { params: { name: service.name }, body };
    const after = { onSettled: () => setMs(Math.round(performance.now() - started)) };
    if (verifies) verify.mutate(call, after);
    else query.mutate(call, after);
  };
  const [answer] = data?.rows ?? [];
  return (
    <div className="aside">
      <div className="stack">
        <Card title={t("services.tab.try")} hint={t("services.askHint")}>
          <div className="stack">
            <Field
              label={keys.length === 1 ? <code>{keys[0]}</code> : t("services.ids")}
              hint={keys.length > 1 ? t("services.partsHint", { keys: keys.join(", ") }) : undefined}
            >
              <Input
                className="mono"
                value={id}
                aria-label={t("services.ids")}
                onChange={(event) => setId(event.target.value)}
                onPressEnter={run}
              />
            </Field>
            {wants?.authorisedFor != null && (
              <PerQuestion
                scope={wants.authorisedFor}
                value={reference}
                change={(next) => setReference({ ...reference, ...next })}
              />
            )}
            <div>
              <Act type="primary" needs="services:call" because={because} loading={isPending} onClick={run}>
                {t("services.ask")}
              </Act>
            </div>
          </div>
        </Card>
        <Card title={t("services.curl")} hint={t("services.curlHint")}>
          <CopyLine text={curlOf(service, body)} />
        </Card>
      </div>
      <div className="stack">
        {error !== null && <CallFailure error={error} />}
        {answer !== undefined && data !== undefined && <Answer row={answer} trace={data.traceId} ms={ms} />}
      </div>
    </div>
  );
}
