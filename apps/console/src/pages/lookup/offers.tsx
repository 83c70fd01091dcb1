import type { Grant } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Card } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { Num, When } from "../../components/values.tsx";
import { DAY_MS } from "../../lib/days.ts";
import { useAct, useRead } from "../../lib/queries.ts";
import { StaysField } from "./catalogue-forms.tsx";
import { Checked } from "./fields.tsx";

const DAYS_MAX = 366;

/** Partners' query tables, each with a catalogue to prepare as its owner drew it up. */
export function Offers() {
  const { t } = useTranslation();
  const check = useAct("catalogueFlow", { inline: true });
  const [stays, setStays] = useState(false);
  const offers = (useRead("listGrants", {}).data?.items ?? []).filter(
    ({ direction, status, terms }) => direction === "received" && status === "ACTIVE" && terms.query !== undefined,
  );
  if (offers.length === 0) return null;
  const prepare = ({ owner, datasetName, terms }: Grant) => {
    const { keys, columns, padTo, idsMax } = terms.query!;
    const days = Math.ceil((Date.parse(terms.expiresAt) - Date.now()) / DAY_MS);
    check.mutate({
      body: {
        projectId: terms.projectId,
        name: t("queryTables.defaultName", { name: datasetName }).slice(0, 200),
        host: { partyId: owner, datasetId: terms.datasetId, keys },
        stays,
        parameters: { columns, padTo, idsMax, days: Math.max(1, Math.min(DAYS_MAX, days)) },
      },
    });
  };
  const columns: Column<Grant>[] = [
    {
      key: "name",
      title: t("queryTables.dataset"),
      cell: ({ datasetName, terms }) => (
        <div>
          <b style={{ fontWeight: 600 }}>{datasetName}</b>
          <div className="small muted">{terms.purpose}</div>
        </div>
      ),
    },
    { key: "owner", title: t("lookup.partner"), cell: ({ owner }) => <Party id={owner} /> },
    {
      key: "what",
      title: t("queryTables.keys"),
      cell: ({ terms: { query } }) => (
        <>
          {t("queryTables.what", {
            keys: query!.keys.join(" + "),
            columns: query!.columns.map(({ column }) => column).join(", ") || t("queryTables.yesNo"),
          })}
          {query!.authorisationRequired === true && <div className="small muted">{t("authorisation.require")}</div>}
        </>
      ),
    },
    {
      key: "day",
      title: t("queryTables.idsPerDay"),
      num: true,
      cell: ({ terms: { query } }) =>
        query!.idsPerDay === null ? t("queryTables.noDayLimit") : <Num of={query!.idsPerDay} />,
    },
    { key: "all", title: t("queryTables.idsMax"), num: true, cell: ({ terms }) => <Num of={terms.query!.idsMax} /> },
    { key: "until", title: t("queryTables.until"), num: true, cell: ({ terms }) => <When at={terms.expiresAt} /> },
    {
      key: "do",
      title: "",
      num: true,
      cell: (grant) => (
        <Act size="small" type="primary" needs="jobs:submit" loading={check.isPending} onClick={() => prepare(grant)}>
          {t("queryTables.prepare")}
        </Act>
      ),
    },
  ];
  return (
    <>
      <Card flush title={t("queryTables.offers")} hint={t("queryTables.offersHint")}>
        <Table label={t("queryTables.offers")} columns={columns} rows={offers} keyOf={({ id }) => id} />
      </Card>
      <StaysField
        stays={stays}
        change={(next) => {
          setStays(next);
          check.reset();
        }}
      />
      {check.error !== null && <CallFailure error={check.error} />}
      <Checked check={check.data} />
    </>
  );
}
