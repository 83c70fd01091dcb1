import type { ApprovalDetail } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Card, Notice } from "../../components/page.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useAct } from "../../lib/queries.ts";

const TOUCHED = [
  "getApproval",
  "listApprovals",
  "listGrants",
  "listProjects",
  "listPartners",
  "listJobs",
  "getJob",
  "listSchedules",
  "getSchedule",
  "listModels",
  "getModel",
] as const;

/** Approve or reject; who may not is told the rule that forbids it. */
export function Decide({ approval }: { approval: ApprovalDetail }) {
  const { t } = useTranslation();
  const say = useText();
  const [rejecting, setRejecting] = useState(false);
  const approve = useAct("approve", { refresh: TOUCHED, said: t("approvals.approved"), inline: true });
  const reject = useAct("reject", {
    refresh: TOUCHED,
    said: t("approvals.rejected"),
    inline: true,
    after: () => setRejecting(false),
  });
  const because = approval.mayDecide
    ? undefined
    : approval.mayNotDecideBecause === null
      ? t("approvals.cannot")
      : say(approval.mayNotDecideBecause);
  const hint =
    approval.kind === "job"
      ? t("approvals.decideHint")
      : approval.kind === "schedule"
        ? t("approvals.scheduleHint")
        : undefined;
  const error = approve.error ?? reject.error;
  return (
    <Card title={t("approvals.decide")} {...(hint === undefined ? {} : { hint })}>
      <div className="stack">
        {because !== undefined && (
          <Notice tone="wait" title={t("approvals.cannot")}>
            {because}
          </Notice>
        )}
        <div className="row">
          <Act
            type="primary"
            needs="approvals:decide"
            because={because}
            loading={approve.isPending}
            onClick={() => approve.mutate({ params: { id: approval.id }, body: { consentHash: approval.consentHash } })}
          >
            {approval.kind === "job" ? t("approvals.approveJob") : t("approvals.approve")}
          </Act>
          <Act danger needs="approvals:decide" because={because} onClick={() => setRejecting(true)}>
            {t("approvals.reject")}
          </Act>
        </div>
        {error !== null && <CallFailure error={error} />}
      </div>
      {rejecting && (
        <ReasonModal
          title={t("approvals.rejectTitle")}
          okText={t("approvals.reject")}
          danger
          busy={reject.isPending}
          onClose={() => setRejecting(false)}
          onOk={(reason) => reject.mutate({ params: { id: approval.id }, body: { reason } })}
        />
      )}
    </Card>
  );
}
