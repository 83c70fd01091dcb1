import type { ApprovalDetail } from "@tombolo/sdk";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Card } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { When } from "../../components/values.tsx";
import { useAct } from "../../lib/queries.ts";

export function Comments({ approval }: { approval: ApprovalDetail }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const comment = useAct("comment", { refresh: ["getApproval"], after: () => setText("") });
  return (
    <Card title={t("approvals.comments")}>
      <div className="stack">
        {approval.comments.length === 0 && <p className="soft">{t("approvals.commentsNone")}</p>}
        {approval.comments.map((each) => (
          <div key={`${each.at} ${each.by}`}>
            <div className="row small muted">
              <Party id={each.party} /> {each.by} · <When at={each.at} />
            </div>
            <div className="break lines">{each.text}</div>
          </div>
        ))}
        <Input.TextArea
          rows={2}
          maxLength={4000}
          value={text}
          aria-label={t("approvals.comment")}
          placeholder={t("approvals.commentPlaceholder")}
          onChange={(event) => setText(event.target.value)}
        />
        <div>
          <Button
            disabled={text.trim() === ""}
            loading={comment.isPending}
            onClick={() => comment.mutate({ params: { id: approval.id }, body: { text: text.trim() } })}
          >
            {t("approvals.comment")}
          </Button>
        </div>
      </div>
    </Card>
  );
}
