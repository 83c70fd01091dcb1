import { Link } from "@tanstack/react-router";
import type { Deployment, Service } from "@tombolo/sdk";
import { App, Modal, Radio } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field, ReasonModal } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num, Time } from "../../components/values.tsx";
import { codes } from "../../i18n/codes.ts";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatMetric, formatPercent } from "../../lib/format.ts";
import { useAct } from "../../lib/queries.ts";
import { PlanIt } from "./plan-it.tsx";
import { ShareField } from "./roll-out-step.tsx";
import { ServiceState } from "./service-state.tsx";

const TOUCHED = ["listServices", "getService"] as const;

interface RowProps {
  readonly service: Service;
  readonly deployment: Deployment;
}

function Promote({ service, deployment }: RowProps) {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const promote = useAct("promoteDeployment", { refresh: TOUCHED, said: t("services.promoted") });
  const params = { name: service.name, deployment: deployment.id };
  const ask = () =>
    modal.confirm({
      title: t("services.promoteTitle", { model: deployment.modelName }),
      content: t("services.promoteHint"),
      okText: t("services.promote"),
      cancelText: t("common.cancel"),
      onOk: () => promote.mutateAsync({ params }).catch(() => undefined),
    });
  return (
    <Act
      size="small"
      needs="services:manage"
      because={deployment.state === "UP" ? undefined : t("services.notUp")}
      onClick={() => void ask()}
    >
      {t("services.promote")}
    </Act>
  );
}

type Place = "challenger" | "shadow" | "standby";

function Share({ service, deployment }: RowProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const [role, setRole] = useState<Place>(deployment.role === "shadow" ? "shadow" : "challenger");
  const [share, setShare] = useState(deployment.share || 0.1);
  const save = useAct("setShares", { refresh: TOUCHED, said: t("services.shareSaved"), after: () => setOpen(false) });
  const deployments = [{ id: deployment.id, role, share: role === "challenger" ? share : 0 }];
  return (
    <>
      <Act size="small" needs="services:manage" onClick={() => setOpen(true)}>
        {t("services.setShare")}
      </Act>
      <Modal
        open={open}
        title={t("services.shareTitle")}
        okText={t("services.save")}
        cancelText={t("common.cancel")}
        okButtonProps={{ loading: save.isPending }}
        onOk={() => save.mutate({ params: { name: service.name }, body: { deployments } })}
        onCancel={() => setOpen(false)}
      >
        <div className="stack">
          <Field
            label={deployment.modelName}
            group
            {...(role === "standby" ? {} : { hint: t(`services.roleHint.${role}`) })}
          >
            <Radio.Group
              value={role}
              options={(["challenger", "shadow", "standby"] as const).map((value) => ({
                value,
                label: t(`services.roleOf.${value}`),
              }))}
              onChange={(event) => setRole(event.target.value as Place)}
            />
          </Field>
          {role === "challenger" && <ShareField share={share} onChange={setShare} />}
        </div>
      </Modal>
    </>
  );
}

function Retire({ service, deployment }: RowProps) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const retire = useAct("retireDeployment", {
    refresh: TOUCHED,
    said: t("services.retired"),
    after: () => setOpen(false),
  });
  return (
    <>
      <Act size="small" danger needs="services:manage" onClick={() => setOpen(true)}>
        {t("services.retire")}
      </Act>
      {open && (
        <ReasonModal
          danger
          title={t("services.retireTitle", { model: deployment.modelName })}
          okText={t("services.retire")}
          busy={retire.isPending}
          onClose={() => setOpen(false)}
          onOk={(reason) =>
            retire.mutate({ params: { name: service.name, deployment: deployment.id }, body: { reason } })
          }
        >
          <p>{t("services.retireHint")}</p>
        </ReasonModal>
      )}
    </>
  );
}

function Who({ deployment }: { deployment: Deployment }) {
  const language = useLanguage();
  const { failure } = deployment;
  const said = failure === null ? undefined : language === "zh" ? codes[failure.code]?.what : undefined;
  return (
    <div>
      <Link to="/models/$id" params={{ id: deployment.modelId }}>
        <b style={{ fontWeight: 600 }}>{deployment.modelName}</b>
      </Link>
      <div className="small muted">
        <code>{deployment.id}</code>
      </div>
      {failure !== null && <div className="small soft break">{said ?? failure.message}</div>}
    </div>
  );
}

function useColumns(service: Service): Column<Deployment>[] {
  const { t } = useTranslation();
  const language = useLanguage();
  const ofScores: Column<Deployment>[] = [
    {
      key: "drift",
      title: t("services.drift"),
      num: true,
      cell: (row) => (row.scores.index === null ? DASH : formatMetric(row.scores.index)),
    },
    {
      key: "auc",
      title: t("services.performance"),
      num: true,
      cell: ({ performance }) => (
        <div>
          {formatMetric(performance.auc)}
          <div className="small muted">
            <Outcomes count={performance.outcomes} />
          </div>
        </div>
      ),
    },
  ];
  return [
    { key: "who", title: t("services.deployment"), cell: (row) => <Who deployment={row} /> },
    {
      key: "as",
      title: t("services.as"),
      cell: (row) => (
        <span className="nowrap">
          {t(`services.roleOf.${row.role}`)}
          {row.role === "challenger" && (
            <div className="small muted">{t("services.shareOf", { share: formatPercent(row.share, language) })}</div>
          )}
        </span>
      ),
    },
    { key: "state", title: t("services.stateTitle"), cell: (row) => <ServiceState of={row.state} /> },
    ...(service.kind === "score" ? ofScores : []),
    {
      key: "job",
      title: t("services.job"),
      cell: (row) => (
        <Link to="/jobs/$id" params={{ id: row.jobId }}>
          <code className="small">{row.jobId}</code>
        </Link>
      ),
    },
    { key: "ends", title: t("services.ends"), cell: (row) => <Time at={row.until} /> },
    {
      key: "do",
      title: "",
      num: true,
      cell: (row) =>
        row.role === "retired" || row.id === service.champion || service.stopped !== null ? null : (
          <span className="row" style={{ justifyContent: "flex-end" }}>
            <Promote service={service} deployment={row} />
            <Share service={service} deployment={row} />
            <PlanIt service={service} deployment={row} />
            <Retire service={service} deployment={row} />
          </span>
        ),
    },
  ];
}

function Outcomes({ count }: { count: number }) {
  const { t } = useTranslation();
  if (count === 0) return <Num of={null} />;
  return t("services.outcomesOf", { count });
}

export function Deployments({ service }: { service: Service }) {
  const { t } = useTranslation();
  const columns = useColumns(service);
  const [retired, inUse] = [true, false].map((wanted) =>
    service.deployments.filter(({ role }) => (role === "retired") === wanted),
  );
  return (
    <Card flush>
      <Table
        label={t("services.tab.deployments")}
        columns={columns}
        rows={[...inUse!.toReversed(), ...retired!.toReversed()]}
        keyOf={(row) => row.id}
      />
    </Card>
  );
}
