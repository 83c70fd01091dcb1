import { Link, useSearch } from "@tanstack/react-router";
import type { Model } from "@tombolo/sdk";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page, Tabs } from "../../components/page.tsx";
import { useParties } from "../../components/party.tsx";
import { useRead } from "../../lib/queries.ts";
import { type Handed, handOver, lastHanded } from "../ask/handed.ts";
import { AskForm } from "./ask-form.tsx";
import { MakeForm, RefreshForm } from "./catalogue-forms.tsx";
import { Offers } from "./offers.tsx";
import { OnceForm } from "./once-form.tsx";

const tabs = ["ask", "once", "make", "refresh"] as const;
type Tab = (typeof tabs)[number];

/** Those of partners' tables: what this party made for others it cannot ask, and tables that stay with their owners are asked as services. */
function isAskable({ kind, objective, status, parties }: Model, me: string): boolean {
  return (
    kind === "catalogue" &&
    objective !== "retrieval" &&
    status === "ACTIVE" &&
    parties.some(({ party, role }) => party === me && role === "guest")
  );
}

interface TabFormProps {
  readonly tab: Tab;
  readonly catalogues: readonly Model[];
  readonly first: string | undefined;
  readonly handed: Handed | undefined;
  make(): void;
}

function TabForm({ tab, catalogues, first, handed, make }: TabFormProps) {
  const { t } = useTranslation();
  if (tab === "once") return <OnceForm />;
  if (tab === "make")
    return (
      <>
        <Offers />
        <MakeForm />
      </>
    );
  if (catalogues.length === 0)
    return (
      <Card>
        <Empty
          title={t("lookup.none")}
          hint={t("lookup.noneHint")}
          action={
            <Act type="primary" onClick={make}>
              {t("lookup.tab.make")}
            </Act>
          }
        />
      </Card>
    );
  return tab === "ask" ? (
    <AskForm catalogues={catalogues} first={first} handed={handed} />
  ) : (
    <RefreshForm catalogues={catalogues} />
  );
}

/** Few own ids against a partner's large table: the catalogue, its refresh, and the question. */
export function LookupPage() {
  const { t } = useTranslation();
  const { own } = useParties();
  const [tab, setTab] = useState<Tab>("ask");
  const { catalogue } = useSearch({ from: "/shell/lookup" });
  const [handed] = useState(lastHanded);
  // Taken once: whoever comes back later starts afresh.
  useEffect(() => handOver(undefined), []);
  const models = useRead("listModels", {});
  return (
    <Page title={t("lookup.title")} sub={t("lookup.sub")} crumb={<Link to="/match">{t("match.title")}</Link>}>
      <Tabs
        label={t("lookup.title")}
        active={tab}
        onChange={setTab}
        tabs={tabs.map((key) => ({ key, title: t(`lookup.tab.${key}`) }))}
      />
      <p className="soft">{t(`lookup.hint.${tab}`)}</p>
      <Loaded of={models}>
        {({ items }) => (
          <TabForm
            tab={tab}
            catalogues={items.filter((model) => isAskable(model, own))}
            first={catalogue}
            handed={handed}
            make={() => setTab("make")}
          />
        )}
      </Loaded>
    </Page>
  );
}
