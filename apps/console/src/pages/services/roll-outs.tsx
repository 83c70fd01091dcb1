import type { Deployment, RollOut, RollOutPlan, Service } from "@tombolo/sdk";
import { Steps } from "antd";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Card, Facts, Notice } from "../../components/page.tsx";
import { Num } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatMetric, formatPercent, formatTime } from "../../lib/format.ts";
import { useAct } from "../../lib/queries.ts";

/** Histograms know a latency to about a tenth of a millisecond. */
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

export const isOpen = ({ state }: RollOut): boolean => state === "WAITING" || state === "RUNNING";

/** Where each plan stands, and why it stopped. Of retired deployments the journal tells. */
export function RollOuts({ service }: { service: Service }) {
  return service.deployments.map((deployment) =>
    deployment.rollOut === null || deployment.role === "retired" ? null : (
      <Plan key={deployment.id} service={service} deployment={deployment} of={deployment.rollOut} />
    ),
  );
}

interface PlanProps {
  readonly service: Service;
  readonly deployment: Deployment;
  readonly of: RollOut;
}

function Plan({ service, deployment, of }: PlanProps) {
  const { t } = useTranslation();
  return (
    <Card
      title={t("rollOut.title", { model: deployment.modelName })}
      hint={<Standing of={of} />}
      actions={isOpen(of) && service.stopped === null && <Stop service={service} deployment={deployment} />}
    >
      <div className="stack">
        {of.reason !== null && <Why of={of.reason} />}
        <Strip of={of} />
        {of.since !== null && <Figures of={of} />}
      </div>
    </Card>
  );
}

function Standing({ of: { state, waitsFor, plan, endedAt, createdBy } }: { of: RollOut }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (endedAt !== null) return t(`rollOut.state.${state}`, { at: formatTime(endedAt, language), by: createdBy });
  if (waitsFor === "start") return t("rollOut.waits.start", { at: formatTime(plan.startAt, language) });
  return waitsFor === null ? t("rollOut.moving") : t(`rollOut.waits.${waitsFor}`, { count: plan.guards.callsMin });
}

function Why({ of: { cause, found, limit, by } }: { of: NonNullable<RollOut["reason"]> }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const text = (value: number | null): string => {
    if (value === null) return DASH;
    if (cause === "latency") return t("rollOut.ms", { ms: tenths(value) });
    return cause === "drift" ? formatMetric(value) : formatPercent(value, language);
  };
  return (
    <Notice tone={cause === "by-hand" ? "wait" : "bad"}>
      {t(`rollOut.cause.${cause}`, { found: text(found), limit: text(limit), by: by ?? "" })}
    </Notice>
  );
}

function Strip({ of: { plan, state, step, since } }: { of: RollOut }) {
  return (
    <PlanStrip
      plan={plan}
      current={state === "DONE" ? plan.steps.length : since === null ? -1 : step}
      status={state === "STOPPED" ? "error" : state === "DONE" ? "finish" : "process"}
    />
  );
}

interface PlanStripProps {
  readonly plan: RollOutPlan;
  /** -1: none has begun. */
  readonly current: number;
  readonly status: "process" | "finish" | "error";
  readonly vertical?: boolean;
}

/** The steps of a plan, and what comes after them. */
export function PlanStrip({ plan, current, status, vertical = false }: PlanStripProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const lasting = (minutes: number): string => {
    if (minutes === 0) return t("rollOut.byCalls", { count: plan.guards.callsMin });
    return minutes % 60 === 0 ? t("rollOut.hours", { count: minutes / 60 }) : t("rollOut.minutes", { count: minutes });
  };
  const end = { title: t(`rollOut.end.${plan.end}`) };
  const steps = plan.steps.map(({ share, minutes }) => ({
    title: formatPercent(share, language),
    content: lasting(minutes),
  }));
  return (
    <Steps
      size="small"
      responsive
      current={current}
      status={status}
      items={[...steps, end]}
      {...(vertical ? { orientation: "vertical" as const } : {})}
    />
  );
}

/** What was seen in the step, beside what the guards allow. */
function Figures({ of: { figures, plan } }: { of: RollOut }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { errorRateMax, p99MsMax, driftMax, callsMin } = plan.guards;
  const beside = (seen: string, limit: string | null) =>
    limit === null ? seen : t("rollOut.ofAtMost", { seen, limit });
  const ms = (value: number | null) => (value === null ? DASH : t("rollOut.ms", { ms: tenths(value) }));
  return (
    <Facts
      items={[
        [
          t("rollOut.calls"),
          <span key="calls">
            <Num of={figures.calls} /> {t("rollOut.ofAtLeast", { count: callsMin })}
          </span>,
        ],
        [
          t("rollOut.errorRate"),
          beside(
            formatPercent(figures.errorRate, language),
            errorRateMax === null ? null : formatPercent(errorRateMax, language),
          ),
        ],
        [t("rollOut.p99"), beside(ms(figures.p99Ms), p99MsMax === null ? null : ms(p99MsMax))],
        [
          t("rollOut.drift"),
          driftMax === null && figures.drift === null
            ? undefined
            : beside(
                figures.drift === null ? t("services.tooFew") : formatMetric(figures.drift),
                driftMax === null ? null : formatMetric(driftMax),
              ),
        ],
      ]}
    />
  );
}

function Stop({ service, deployment }: { service: Service; deployment: Deployment }) {
  const { t } = useTranslation();
  const stop = useAct("stopRollOut", { refresh: ["listServices", "getService"], said: t("rollOut.stopped") });
  const params = { name: service.name, deployment: deployment.id };
  return (
    <Act size="small" danger needs="services:manage" loading={stop.isPending} onClick={() => stop.mutate({ params })}>
      {t("rollOut.stop")}
    </Act>
  );
}
