import { useQueryClient } from "@tanstack/react-query";
import { useBlocker } from "@tanstack/react-router";
import { toCsv } from "@tombolo/base";
import type { Askable } from "@tombolo/sdk";
import { Button, Modal } from "antd";
import { useEffect, useReducer, useState } from "react";
import { useTranslation } from "react-i18next";
import { Bar, Card, Metric, Notice, type Tone } from "../../components/page.tsx";
import { Num, useNow } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatDuration, formatNumber } from "../../lib/format.ts";
import { onFailure } from "../../lib/queries.ts";
import { saveText } from "../../lib/save.ts";
import { type Answer, askService } from "./ask-service.ts";
import { BatchRun, type BatchState } from "./batch-run.ts";
import type { Chosen } from "./batch-tab.tsx";
import { Refused } from "./refused.tsx";
import { ResultTable } from "./result-table.tsx";
import { countsOf, resultLines } from "./results.ts";

/** As many keys as a call takes. */
export const BATCH_SIZE = 1000;
/** So that a small batch is seen to move too. */
const SMALL_SIZE = 100;

const TONES: Readonly<Record<BatchState, Tone>> = {
  READY: "idle",
  RUNNING: "run",
  PAUSED: "wait",
  HELD: "bad",
  DONE: "ok",
  CANCELLED: "idle",
};

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

function useBatch(service: Askable, { keys, references }: Chosen): BatchRun<Answer> {
  const queries = useQueryClient();
  const [, changed] = useReducer((count: number) => count + 1, 0);
  const [run] = useState(
    () =>
      new BatchRun<Answer>({
        keys: keys.keys,
        size: keys.keys.length > 5 * SMALL_SIZE ? BATCH_SIZE : SMALL_SIZE,
        ask: async (part, idempotencyKey, signal, from) => {
          try {
            const given = references?.slice(from, from + part.length);
            const options = { idempotencyKey, signal, ...(given === undefined ? {} : { references: given }) };
            const { answers } = await askService(service, part, options);
            void queries.invalidateQueries({ queryKey: ["listAskable"] });
            return answers;
          } catch (error) {
            onFailure(error);
            throw error;
          }
        },
        wait,
        changed,
      }),
  );
  useEffect(() => {
    void run.go();
    return () => run.pause();
  }, [run]);
  return run;
}

/** Asks before answers that were not saved are left behind. */
function Stay({ unsaved }: { unsaved: boolean }) {
  const { t } = useTranslation();
  const { status, proceed, reset } = useBlocker({
    shouldBlockFn: () => unsaved,
    enableBeforeUnload: () => unsaved,
    withResolver: true,
  });
  return (
    <Modal
      open={status === "blocked"}
      title={t("ask.many.leaveTitle")}
      okText={t("ask.many.leaveNow")}
      cancelText={t("common.cancel")}
      onOk={() => proceed?.()}
      onCancel={() => reset?.()}
    >
      {t("ask.many.leave")}
    </Modal>
  );
}

/** By what was asked since it last started to run. */
function useLeft(run: BatchRun<Answer>): number | null {
  const now = useNow(1000);
  const running = run.state === "RUNNING";
  const [from, setFrom] = useState({ running, at: now, done: run.done });
  if (from.running !== running) setFrom({ running, at: now, done: run.done });
  const did = run.done - from.done;
  return !running || did === 0 ? null : ((now - from.at) / did) * (run.total - run.done);
}

interface BatchProgressProps {
  readonly service: Askable;
  readonly chosen: Chosen;
  readonly name: string;
  onBack(): void;
}

export function BatchProgress({ service, chosen, name, onBack }: BatchProgressProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const run = useBatch(service, chosen);
  const leftMs = useLeft(run);
  const [savedAt, setSavedAt] = useState(0);
  const save = () => {
    setSavedAt(run.done);
    const lines = resultLines({ ...chosen, answers: run.answers }, service, (i) =>
      t("ask.many.column", { number: i + 1 }),
    );
    saveText(`${service.name}-${t("ask.many.fileName")}.csv`, "text/csv", toCsv(lines));
  };
  const done = t("ask.many.doneOf", {
    done: formatNumber(run.done, language),
    total: formatNumber(run.total, language),
  });
  return (
    <div className="stack">
      <Stay unsaved={run.done > savedAt || !run.isOver} />
      <Card
        title={
          <span className="row">
            {name}
            <span className={`state tone-${TONES[run.state]}`}>
              <i />
              {t(`ask.many.state.${run.state}`)}
            </span>
          </span>
        }
        hint={t("ask.many.leave")}
        actions={<Buttons run={run} onSave={save} onBack={onBack} />}
      >
        <div className="stack">
          <div>
            <div className="row between small soft" aria-live="polite">
              <span className="num">{done}</span>
              {leftMs !== null && <span>{t("ask.many.left", { time: formatDuration(leftMs, language) })}</span>}
            </div>
            <Bar share={run.total === 0 ? 1 : run.done / run.total} tone={TONES[run.state]} />
          </div>
          <Counted run={run} service={service} />
        </div>
      </Card>
      {run.state === "RUNNING" && run.failures > 0 && (
        <Notice tone="wait" title={t("ask.many.retrying", { count: run.failures })} />
      )}
      {run.state === "HELD" && <Refused error={run.error} service={service} />}
      {run.done > 0 && <ResultTable service={service} chosen={chosen} answers={run.answers} done={run.done} />}
    </div>
  );
}

function Buttons({ run, onSave, onBack }: { run: BatchRun<Answer>; onSave(): void; onBack(): void }) {
  const { t } = useTranslation();
  return (
    <>
      {run.state === "RUNNING" && <Button onClick={() => run.pause()}>{t("ask.many.pause")}</Button>}
      {(run.state === "PAUSED" || run.state === "HELD") && (
        <Button type="primary" onClick={() => void run.go()}>
          {t("ask.many.go")}
        </Button>
      )}
      {!run.isOver && (
        <Button danger onClick={() => run.cancel()}>
          {t("ask.many.cancel")}
        </Button>
      )}
      {run.done > 0 && run.state !== "RUNNING" && (
        <Button type={run.isOver ? "primary" : "default"} onClick={onSave}>
          {t("ask.many.download")}
        </Button>
      )}
      {run.isOver && <Button onClick={onBack}>{t("ask.many.another")}</Button>}
    </>
  );
}

function Counted({ run, service }: { run: BatchRun<Answer>; service: Askable }) {
  const { t } = useTranslation();
  const { found, none, refused } = countsOf(run.answers);
  const verifies = service.kind === "verify" && service.keys.length > 1;
  return (
    <div className="metrics">
      <Metric label={t("ask.many.answered")} value={<Num of={found + none} />} />
      <Metric label={t(verifies ? "ask.belongs" : "ask.found")} value={<Num of={found} />} />
      <Metric label={t(verifies ? "ask.belongsNot" : "ask.notFound")} value={<Num of={none} />} />
      <Metric label={t("ask.many.refused")} value={<Num of={refused} />} />
    </div>
  );
}
