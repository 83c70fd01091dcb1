import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useForbidden } from "../../components/act.tsx";
import { Notice, Page, Tabs } from "../../components/page.tsx";
import { ApiKeys } from "./api-keys.tsx";
import { Users } from "./users.tsx";
import { Webhook } from "./webhook.tsx";

export function PeoplePage() {
  const { t } = useTranslation();
  const why = useForbidden()("users:manage");
  const [tab, setTab] = useState<"users" | "keys" | "webhook">("users");
  if (why !== undefined)
    return (
      <Page title={t("people.title")}>
        <Notice tone="idle">{why}</Notice>
      </Page>
    );
  return (
    <Page title={t("people.title")} sub={t("people.sub")}>
      <Tabs
        label={t("people.title")}
        active={tab}
        onChange={setTab}
        tabs={(["users", "keys", "webhook"] as const).map((key) => ({ key, title: t(`people.${key}`) }))}
      />
      {tab === "users" && <Users />}
      {tab === "keys" && <ApiKeys />}
      {tab === "webhook" && <Webhook />}
    </Page>
  );
}
