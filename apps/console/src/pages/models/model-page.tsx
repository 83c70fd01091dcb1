import { Link, useParams } from "@tanstack/react-router";
import type { ModelDetail } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Notice, Page, Tabs } from "../../components/page.tsx";
import { useRead } from "../../lib/queries.ts";
import { Actions } from "./actions.tsx";
import { Evaluation } from "./evaluation.tsx";
import { Learnt } from "./learnt.tsx";
import { Lineage } from "./lineage.tsx";
import "../../components/reports/reports.css";
import "./models.css";
import { Overview } from "./overview.tsx";
import { Parts, Verdict } from "./parts.tsx";
import { Permits } from "./permits.tsx";
import { Version } from "./state.tsx";
import { Trees } from "./trees.tsx";

const TABS = ["own", "trees", "evaluation", "learnt", "parts", "lineage", "permits"] as const;
type Tab = (typeof TABS)[number];

/** A regression has no trees; a catalogue or a step of a pipeline neither trees nor scores, but bins are looked at. */
const hasTab = ({ kind, step }: ModelDetail, tab: Tab): boolean =>
  tab === "trees"
    ? kind === "boosting"
    : tab === "evaluation"
      ? kind === "binning" || (kind !== "catalogue" && !step)
      : true;

function Panel({ model, tab }: { model: ModelDetail; tab: Tab }) {
  switch (tab) {
    case "own":
      return <Overview model={model} />;
    case "trees":
      return <Trees model={model} />;
    case "evaluation":
      return <Evaluation model={model} />;
    case "learnt":
      return <Learnt model={model} />;
    case "parts":
      return <Parts model={model} />;
    case "lineage":
      return <Lineage model={model} />;
    case "permits":
      return <Permits model={model} />;
  }
}

function View({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const [tab, setTab] = useState<Tab>("own");
  return (
    <>
      {model.status === "WITHDRAWN" && (
        <Notice tone="bad" title={t("models.withdrawn")}>
          {model.reason}
        </Notice>
      )}
      {model.derivedFromRevoked && (
        <Notice tone="wait" title={t("models.revoked")}>
          {t("models.revokedHint")}
        </Notice>
      )}
      {!model.verification.ok && tab !== "parts" && <Verdict model={model} />}
      <Tabs
        label={model.name}
        active={tab}
        onChange={setTab}
        tabs={TABS.filter((key) => hasTab(model, key)).map((key) => ({ key, title: t(`models.tab.${key}`) }))}
      />
      <Panel model={model} tab={tab} />
    </>
  );
}

export function ModelPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/models/$id" });
  const model = useRead("getModel", { params: { id } });
  return (
    <Page
      title={model.data?.name ?? t("models.name")}
      sub={<Version number={model.data?.version ?? null} />}
      crumb={
        <>
          <Link to="/models">{t("models.title")}</Link> / <code>{id}</code>
        </>
      }
      actions={model.data !== undefined && <Actions model={model.data} />}
    >
      <Loaded of={model} rows={8}>
        {(data) => <View key={data.id} model={data} />}
      </Loaded>
    </Page>
  );
}
