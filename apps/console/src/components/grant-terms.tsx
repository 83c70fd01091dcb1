import type { GrantTerms } from "@tombolo/sdk";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useRead } from "../lib/queries.ts";
import { Facts } from "./page.tsx";
import { Party } from "./party.tsx";
import { Time } from "./values.tsx";

function queryFacts({ query }: GrantTerms, t: TFunction): [string, string][] {
  if (query === undefined) return [];
  const columns = query.columns.map(({ column }) => column).join(", ") || t("queryTables.yesNo");
  return [
    [t("queryTables.title"), t("queryTables.what", { keys: query.keys.join(" + "), columns })],
    [t("queryTables.idsMax"), String(query.idsMax)],
    [t("queryTables.idsPerDay"), query.idsPerDay === null ? t("queryTables.noDayLimit") : String(query.idsPerDay)],
    [t("queryTables.padTo"), String(query.padTo)],
    [
      t("authorisation.title"),
      t(query.authorisationRequired === true ? "authorisation.required" : "authorisation.notRequired"),
    ],
  ];
}

/** A grant's terms, every one of them said. */
export function GrantTermsFacts({ terms }: { terms: GrantTerms }) {
  const { t } = useTranslation();
  const projects = useRead("listProjects", {}).data?.items ?? [];
  const project = projects.find((each) => each.id === terms.projectId);
  const parties = (ids: readonly string[]) => (
    <span className="row wrap">
      {ids.map((id) => (
        <Party key={id} id={id} />
      ))}
    </span>
  );
  return (
    <Facts
      items={[
        [t("grants.dataset"), <code key="dataset">{terms.datasetId}</code>],
        [t("grants.partners"), parties(terms.partners)],
        [t("grants.purpose"), terms.purpose],
        [t("grants.use"), terms.use.map((use) => t(`grants.useOf.${use}`)).join(", ")],
        [t("grants.columns"), terms.columns.length === 0 ? t("grants.allColumns") : terms.columns.join(", ")],
        ...queryFacts(terms, t),
        [t("grants.filter"), terms.filter === null ? t("grants.noFilter") : <code key="filter">{terms.filter}</code>],
        [
          t("grants.components"),
          terms.components.length === 0 ? t("grants.anyComponent") : terms.components.join(", "),
        ],
        [t("grants.project"), project?.name ?? terms.projectId ?? t("grants.anyProject")],
        [t("grants.receivers"), parties(terms.receivers)],
        [t("grants.uses"), String(terms.uses)],
        [t("grants.expires"), <Time key="expires" at={terms.expiresAt} />],
        [t("grants.columnNames"), terms.columnNames === true ? t("grants.columnNamesYes") : t("grants.columnNamesNo")],
        [t("grants.standing"), terms.standing ? t("grants.standingYes") : t("grants.standingNo")],
      ]}
    />
  );
}
