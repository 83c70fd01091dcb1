import { useQueryClient } from "@tanstack/react-query";
import type { Askable } from "@tombolo/sdk";
import { Button, Input } from "antd";
import { type ClipboardEvent, type FormEvent, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Icon } from "../../components/icon.tsx";
import { Card, Facts, Notice } from "../../components/page.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { Hash, Time } from "../../components/values.tsx";
import { onFailure } from "../../lib/queries.ts";
import { noReference } from "../../lib/reference.ts";
import { type Answer, askService, type KeyReference } from "./ask-service.ts";
import { PART_MAX, splitKey } from "./keys.ts";
import { Left } from "./left.tsx";
import { givenFor, PerQuestion } from "./per-question.tsx";
import { Refused } from "./refused.tsx";

interface Known {
  readonly key: readonly string[];
  readonly answer: Answer;
  readonly trace: string;
  readonly at: string;
  readonly ms: number;
}

/** Asks without the query cache, which would keep the key for a while. */
function useQuestion(service: Askable) {
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [known, setKnown] = useState<Known | undefined>();
  const [error, setError] = useState<unknown>();
  const abort = useRef<AbortController | undefined>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const ask = async (key: readonly string[], reference: KeyReference | undefined) => {
    const asking = new AbortController();
    abort.current?.abort();
    abort.current = asking;
    setBusy(true);
    const started = performance.now();
    try {
      const { trace, answers } = await askService(service, [key], {
        signal: asking.signal,
        ...(reference === undefined ? {} : { references: [reference] }),
      });
      const ms = Math.round(performance.now() - started);
      setKnown({ key, answer: answers[0]!, trace, at: new Date().toISOString(), ms });
      setError(undefined);
    } catch (caught) {
      if (asking.signal.aborted) return;
      onFailure(caught);
      setKnown(undefined);
      setError(caught);
    } finally {
      if (!asking.signal.aborted) setBusy(false);
      void queries.invalidateQueries({ queryKey: ["listAskable"] });
    }
  };
  return { ask, busy, known, error };
}

/** One box, or one for each part of a key. */
export function QuestionBox({ service }: { service: Askable }) {
  const { t } = useTranslation();
  const { keys } = service;
  const [parts, setParts] = useState<readonly string[]>(keys.map(() => ""));
  const { ask, busy, known, error } = useQuestion(service);
  const [reference, setReference] = useState(noReference);
  const given = givenFor(service, reference);
  const key = parts.map((part) => part.trim());
  const ready = key.every((part) => part !== "") && service.state === "UP" && given !== null;
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (ready) void ask(key, given);
  };
  const paste = (event: ClipboardEvent) => {
    const whole = splitKey(event.clipboardData.getData("text"), keys.length);
    if (whole === undefined) return;
    event.preventDefault();
    setParts(whole);
  };
  return (
    <div className="stack">
      <Card>
        <form className="stack" autoComplete="off" onSubmit={submit}>
          <div className="row between wrap">
            <b>
              {service.title} · <Party id={service.partner} bare />
            </b>
            <span className="soft">
              {t(`ask.gives.${service.kind === "verify" && keys.length === 1 ? "there" : service.kind}`, {
                columns: service.columns.join(", "),
              })}
            </span>
          </div>
          <div className="question">
            {keys.map((name, i) => (
              <Field key={name} label={<code>{name}</code>}>
                <Input
                  size="large"
                  allowClear
                  autoFocus={i === 0}
                  autoComplete="off"
                  spellCheck={false}
                  maxLength={PART_MAX}
                  aria-label={name}
                  value={parts[i]}
                  {...(i === 0 ? { prefix: <Icon name="ask" />, onPaste: paste } : {})}
                  onChange={(event) => setParts(parts.map((part, k) => (k === i ? event.target.value : part)))}
                />
              </Field>
            ))}
            <Button type="primary" size="large" htmlType="submit" loading={busy} disabled={!ready}>
              {t("ask.ask")}
            </Button>
          </div>
          {service.authorisedFor !== null && (
            <PerQuestion
              scope={service.authorisedFor}
              value={reference}
              change={(next) => setReference({ ...reference, ...next })}
            />
          )}
          {keys.length > 1 && <span className="small muted">{t("ask.pasteHint")}</span>}
          {service.state !== "UP" && <Notice tone="wait" title={t(`ask.notUp.${service.state}`)} />}
          <Left service={service} />
        </form>
      </Card>
      <div aria-live="polite" className="stack">
        {error !== undefined && <Refused error={error} service={service} onRetry={() => submit()} />}
        {known !== undefined && <AnswerCard service={service} known={known} />}
      </div>
    </div>
  );
}

/** As the partner's table has it: a figure keeps all its digits. */
function useSaid(): (value: unknown) => string {
  const { t } = useTranslation();
  return (value) => {
    if (value === null || value === undefined || value === "") return t("common.none");
    if (typeof value === "boolean") return t(value ? "common.yes" : "common.no");
    return String(value);
  };
}

function AnswerCard({ service, known }: { service: Askable; known: Known }) {
  const { t } = useTranslation();
  const { own } = useParties();
  const said = useSaid();
  const { answer, key, trace, at, ms } = known;
  const { kind, partner } = service;
  if (answer.refusal !== null) return <Refused error={answer.refusal} service={service} />;
  // One part alone belongs with nothing: it is there or not.
  const verifies = kind === "verify" && service.keys.length > 1;
  const word = verifies ? (answer.yes ? "belongs" : "belongsNot") : answer.yes ? "found" : "notFound";
  const hint = word === "notFound" || word === "belongsNot" ? t(`ask.${word}Hint`, { party: partner }) : undefined;
  return (
    <Card>
      <div className="answer">
        <div className="stack tight">
          <div className={`word tone-${answer.yes ? "ok" : "idle"}`}>{t(`ask.${word}`)}</div>
          <div className="mono soft break">{key.join(" · ")}</div>
          {hint !== undefined && <div className="soft">{hint}</div>}
          {answer.yes === true && (
            <Facts
              items={Object.entries(answer.values).map(([name, value]): [string, string] => [name, said(value)])}
            />
          )}
        </div>
        <div className="stack tight small">
          <b>{t("ask.learnt")}</b>
          <Facts
            items={[
              [own, t(`ask.youLearn.${kind}`)],
              [partner, t("ask.theyLearn")],
              [
                t("ask.asked"),
                <span key="at">
                  <Time at={at} />, {t("ask.took", { ms })}
                </span>,
              ],
              [t("ask.trace"), <Hash key="trace" value={trace} />],
            ]}
          />
        </div>
      </div>
    </Card>
  );
}
