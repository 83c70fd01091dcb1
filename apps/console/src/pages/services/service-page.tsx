import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Service } from "@tombolo/sdk";
import { Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { FailurePanel, Loaded } from "../../components/failure.tsx";
import { Card, Metric, Notice, Page, Skeleton, Tabs } from "../../components/page.tsx";
import { Num } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatMetric, formatTime } from "../../lib/format.ts";
import { lazily } from "../../lib/lazily.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { AskIt } from "./ask-it.tsx";
import { Callers } from "./callers.tsx";
import { Deployments } from "./deployments.tsx";
import { RollOuts } from "./roll-outs.tsx";
import { championOf, ServiceState } from "./service-state.tsx";
import { Stability } from "./stability.tsx";
import { TryIt } from "./try-it.tsx";

const Traffic = lazily(() => import("./traffic.tsx"), "Traffic");

const TOUCHED = ["listServices", "getService"] as const;
const tabs = ["live", "deployments", "stability", "callers", "try"] as const;
type Tab = (typeof tabs)[number];

function Stop({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const stop = useAct("stopService", { refresh: TOUCHED, said: t("services.stopped"), after: () => setOpen(false) });
  return (
    <>
      <Act danger needs="services:stop" onClick={() => setOpen(true)}>
        {t("services.stop")}
      </Act>
      {open && (
        <ReasonModal
          danger
          title={t("services.stopTitle", { name: service.name })}
          okText={t("services.stop")}
          busy={stop.isPending}
          onClose={() => setOpen(false)}
          onOk={(reason) => stop.mutate({ params: { name: service.name }, body: { reason } })}
        >
          <p>{t("services.stopHint")}</p>
        </ReasonModal>
      )}
    </>
  );
}

function Actions({ service }: { service: Service }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const back = useAct("rollBackService", { refresh: TOUCHED, said: t("services.rolledBack") });
  if (service.stopped !== null) return null;
  return (
    <>
      <Stop service={service} />
      <Act
        needs="services:manage"
        because={service.previous === null ? t("services.rollBackNone") : undefined}
        loading={back.isPending}
        onClick={() => back.mutate({ params: { name: service.name } })}
      >
        {t("services.rollBack")}
      </Act>
      <Act
        type="primary"
        needs="services:manage"
        onClick={() => void navigate({ to: "/deploy", search: { service: service.name } })}
      >
        {t("services.deploy")}
      </Act>
    </>
  );
}

/** What keeps it from answering, and what has drifted. */
function Standing({ service }: { service: Service }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const champion = championOf(service);
  if (service.stopped !== null)
    return (
      <Notice tone="bad" title={t("services.stoppedBy", { name: service.stopped.by })}>
        {service.stopped.reason}
      </Notice>
    );
  return (
    <>
      {service.state === "WAITING" && champion !== undefined && (
        <Notice tone="wait" title={t("services.waiting")}>
          <Link to="/jobs/$id" params={{ id: champion.jobId }}>
            {t("services.openJob")}
          </Link>
        </Notice>
      )}
      {service.state === "UP" && (champion?.absent.length ?? 0) > 0 && (
        <Notice tone="wait">{t("services.absent", { parties: champion!.absent.join(", ") })}</Notice>
      )}
      {service.state === "STARTING" && <Notice tone="wait">{t("services.starting")}</Notice>}
      {(service.state === "DOWN" || service.state === "STOPPED") && champion?.failure != null && (
        <FailurePanel failure={champion.failure} />
      )}
      {service.alerts
        .filter(({ endedAt }) => endedAt === null)
        .map((alert) => (
          <Notice key={alert.id} tone="wait">
            {t("services.alertOpen", {
              at: formatTime(alert.at, language),
              about: alert.about === "scores" ? t("services.aboutScores") : alert.about,
              index: formatMetric(alert.index),
              limit: alert.limit,
            })}
          </Notice>
        ))}
    </>
  );
}

function View({ service }: { service: Service }) {
  const { t } = useTranslation();
  const [chosen, setTab] = useState<Tab | undefined>();
  const tab = chosen ?? (service.state === "WAITING" ? "deployments" : "live");
  return (
    <>
      <Standing service={service} />
      <Card>
        <div className="metrics">
          <Metric label={t("services.stateTitle")} value={<ServiceState of={service.state} />} />
          <Metric label={t("services.champion")} value={championOf(service)?.modelName} />
          <Metric label={t("services.callsToday")} value={<Num of={service.today.calls} />} />
          <Metric label={t("services.rowsToday")} value={<Num of={service.today.rows} />} />
          <Metric label={t("services.errorsToday")} value={<Num of={service.today.errors} />} />
        </div>
      </Card>
      <RollOuts service={service} />
      <Tabs
        label={service.title}
        active={tab}
        onChange={setTab}
        tabs={tabs
          .filter((key) => key !== "stability" || service.kind === "score")
          .map((key) => ({
            key,
            title: t(`services.tab.${key}`),
            ...(key === "deployments" ? { count: service.deployments.length } : {}),
          }))}
      />
      {tab === "live" && (
        <Suspense fallback={<Skeleton />}>
          <Traffic service={service} />
        </Suspense>
      )}
      {tab === "deployments" && <Deployments service={service} />}
      {tab === "stability" && <Stability service={service} />}
      {tab === "callers" && <Callers service={service} />}
      {tab === "try" && (service.kind === "score" ? <TryIt service={service} /> : <AskIt service={service} />)}
    </>
  );
}

export function ServicePage() {
  const { t } = useTranslation();
  const { name } = useParams({ from: "/shell/services/$name" });
  const service = useRead("getService", { params: { name } });
  return (
    <Page
      title={service.data?.title ?? t("services.name")}
      crumb={
        <>
          <Link to="/services">{t("services.title")}</Link> / <code>{name}</code>
        </>
      }
      actions={service.data !== undefined && <Actions service={service.data} />}
    >
      <Loaded of={service} rows={8}>
        {(data) => <View key={data.name} service={data} />}
      </Loaded>
    </Page>
  );
}
