import type { GrantDetail } from "@tombolo/sdk";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "./act.tsx";
import { Party } from "./party.tsx";
import { When } from "./values.tsx";

interface CommentsProps {
  readonly comments: GrantDetail["comments"];
  readonly busy: boolean;
  /** Calls `sent` once the comment is kept. */
  onSend(text: string, sent: () => void): void;
}

/** What both sides said about a request, and a place to say more. */
export function Comments({ comments, busy, onSend }: CommentsProps) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  return (
    <div className="stack">
      {comments.length === 0 && <p className="soft">{t("approvals.commentsNone")}</p>}
      {comments.map((each) => (
        <div key={`${each.at} ${each.by}`}>
          <div className="row small muted">
            <Party id={each.party} /> {each.by} · <When at={each.at} />
          </div>
          <div className="break lines">{each.text}</div>
        </div>
      ))}
      <Field label={t("approvals.comment")} hint={t("approvals.commentHint")}>
        <Input.TextArea
          rows={2}
          maxLength={4000}
          value={text}
          aria-label={t("approvals.comment")}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <div>
        <Button disabled={text.trim() === ""} loading={busy} onClick={() => onSend(text.trim(), () => setText(""))}>
          {t("approvals.comment")}
        </Button>
      </div>
    </div>
  );
}
