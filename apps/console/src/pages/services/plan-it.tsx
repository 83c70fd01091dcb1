import type { Deployment, Service } from "@tombolo/sdk";
import { Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { useAct } from "../../lib/queries.ts";
import { type PlanDraft, planOf, usualPlan } from "./plan-draft.ts";
import { PlanFields } from "./plan-fields.tsx";
import { isOpen } from "./roll-outs.tsx";

/** Gives a deployment that is there a plan. */
export function PlanIt({ service, deployment }: { service: Service; deployment: Deployment }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState<PlanDraft>();
  const save = useAct("planRollOut", {
    refresh: ["listServices", "getService"],
    said: t("rollOut.saved"),
    after: () => setDraft(undefined),
  });
  const scores = service.kind === "score";
  const under = deployment.rollOut !== null && isOpen(deployment.rollOut);
  const body = draft === undefined ? undefined : planOf(draft);
  return (
    <>
      <Act
        size="small"
        needs="services:manage"
        because={under ? t("rollOut.underWay") : undefined}
        onClick={() => setDraft(usualPlan(scores))}
      >
        {t("rollOut.make")}
      </Act>
      {draft !== undefined && (
        <Modal
          open
          title={t("rollOut.title", { model: deployment.modelName })}
          okText={t("rollOut.begin")}
          cancelText={t("common.cancel")}
          okButtonProps={{ loading: save.isPending, disabled: body === undefined }}
          onOk={() =>
            body !== undefined && save.mutate({ params: { name: service.name, deployment: deployment.id }, body })
          }
          onCancel={() => setDraft(undefined)}
        >
          <PlanFields draft={draft} scores={scores} onChange={setDraft} />
        </Modal>
      )}
    </>
  );
}
