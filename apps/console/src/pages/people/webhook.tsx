import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card } from "../../components/page.tsx";
import { CopyLine } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";

function Form({ now }: { now: string | null }) {
  const { t } = useTranslation();
  const [url, setUrl] = useState(now ?? "");
  const set = useAct("setWebhook", {
    refresh: ["getWebhook"],
    said: t("people.saved"),
    inline: true,
    after: (saved) => setUrl(saved.url ?? ""),
  });
  return (
    <div className="stack">
      <Field label={t("people.webhookUrl")}>
        <Input type="url" value={url} maxLength={500} onChange={(event) => setUrl(event.target.value)} />
      </Field>
      <div className="row">
        <Act
          type="primary"
          loading={set.isPending}
          disabled={!URL.canParse(url)}
          onClick={() => set.mutate({ body: { url } })}
        >
          {t("common.save")}
        </Act>
        {now !== null && <Act onClick={() => set.mutate({ body: { url: null } })}>{t("people.remove")}</Act>}
      </div>
      {set.error !== null && <CallFailure error={set.error} />}
      {set.data?.secret != null && (
        <Field label={t("people.webhookSecret")} hint={t("people.webhookSecretHint")} group>
          <CopyLine text={set.data.secret} />
        </Field>
      )}
    </div>
  );
}

export function Webhook() {
  const { t } = useTranslation();
  const webhook = useRead("getWebhook", {});
  return (
    <Card title={t("people.webhook")} hint={t("people.webhookHint")}>
      <Loaded of={webhook}>{({ url }) => <Form now={url} />}</Loaded>
    </Card>
  );
}
