import type { GrantDetail } from "@tombolo/sdk";
import { Modal } from "antd";
import { useTranslation } from "react-i18next";
import { Comments } from "../../components/comments.tsx";
import { Loaded } from "../../components/failure.tsx";
import { GrantTermsFacts } from "../../components/grant-terms.tsx";
import { Facts } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Time } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";

function Decided({ grant }: { grant: GrantDetail }) {
  const { t } = useTranslation();
  return (
    <Facts
      items={[
        [t("grants.status"), <State key="status" of={grant.status} />],
        [
          t("common.reason"),
          grant.reason === null ? undefined : (
            <span key="reason" className="lines">
              {grant.reason}
            </span>
          ),
        ],
        [t("approvals.decidedBy"), grant.decidedBy ?? undefined],
        [t("grants.requestedBy"), grant.requestedBy],
        [t("common.time.created"), <Time key="created" at={grant.createdAt} />],
      ]}
    />
  );
}

/** How a grant stands and why, its terms, and what both sides said about it. */
export function GrantDetails({ id, name, onClose }: { id: string; name: string; onClose(): void }) {
  const { t } = useTranslation();
  const grant = useRead("getGrant", { params: { id } });
  const comment = useAct("commentGrant", { refresh: ["getGrant", "getApproval"] });
  return (
    <Modal open width={620} footer={null} title={name} onCancel={onClose}>
      <Loaded of={grant}>
        {(data) => (
          <div className="stack">
            <Decided grant={data} />
            <h3 style={{ fontSize: 13 }}>{t("grants.details")}</h3>
            <GrantTermsFacts terms={data.terms} />
            <h3 style={{ fontSize: 13 }}>{t("approvals.comments")}</h3>
            <Comments
              comments={data.comments}
              busy={comment.isPending}
              onSend={(text, sent) => comment.mutate({ params: { id }, body: { text } }, { onSuccess: sent })}
            />
          </div>
        )}
      </Loaded>
    </Modal>
  );
}
