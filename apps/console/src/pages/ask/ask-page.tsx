import { Link } from "@tanstack/react-router";
import type { Askable } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page, Tabs } from "../../components/page.tsx";
import { useMay, useRead } from "../../lib/queries.ts";
import { BatchTab } from "./batch-tab.tsx";
import { HistoryTab } from "./history-tab.tsx";
import { QuestionBox } from "./question-box.tsx";
import { useChosen, Whose } from "./whose.tsx";
import "./ask.css";

const tabs = ["one", "many", "history"] as const;
type Tab = (typeof tabs)[number];

function None() {
  const { t } = useTranslation();
  const may = useMay();
  return (
    <Card>
      <Empty
        title={t("ask.none")}
        hint={may("services:manage") ? t("ask.noneHint") : t("ask.noneFor")}
        action={
          may("services:manage") && (
            <>
              <Link to="/lookup">{t("ask.prepare")}</Link>
              <Link to="/deploy">{t("ask.deploy")}</Link>
            </>
          )
        }
      />
    </Card>
  );
}

function Asking({ items }: { items: readonly Askable[] }) {
  const { t } = useTranslation();
  const may = useMay();
  const [tab, setTab] = useState<Tab>("one");
  const shown = tabs.filter((key) => key !== "history" || may("services:read"));
  return (
    <>
      <Tabs
        label={t("ask.title")}
        active={tab}
        onChange={setTab}
        tabs={shown.map((key) => ({ key, title: t(`ask.tab.${key}`) }))}
      />
      {tab === "history" && <HistoryTab services={items} />}
      {items.length === 0 ? (
        tab !== "history" && <None />
      ) : (
        // Hidden, not gone: a batch goes on while something else is looked at.
        <>
          <div className="ask-panel" hidden={tab !== "one"}>
            <OneTab items={items} />
          </div>
          <div className="ask-panel" hidden={tab !== "many"}>
            <BatchTab items={items} />
          </div>
        </>
      )}
    </>
  );
}

function OneTab({ items }: { items: readonly Askable[] }) {
  const [service, choose] = useChosen(items);
  return (
    <div className="stack">
      <Whose items={items} value={service} onChange={choose} />
      <QuestionBox key={service.name} service={service} />
    </div>
  );
}

/** A search box for partners' tables. Keys are in the page's memory: not in its address, not stored, not logged. */
export function AskPage() {
  const { t } = useTranslation();
  const services = useRead("listAskable", {});
  return (
    <Page title={t("ask.title")} sub={t("ask.sub")}>
      <Loaded of={services}>{({ items }) => <Asking items={items} />}</Loaded>
    </Page>
  );
}
