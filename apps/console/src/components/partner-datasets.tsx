import type { Dataset, Grant, Partner } from "@tombolo/sdk";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { useAct, useRead } from "../lib/queries.ts";
import { Act, Field } from "./act.tsx";
import { Empty } from "./page.tsx";
import { useParties } from "./party.tsx";
import { State } from "./state.tsx";

const DAY_MS = 86_400_000;

/** The grant that covers this dataset, or the request that waits; `listed`: columns that it has to name. */
export function grantOn(
  grants: readonly Grant[],
  datasetId: string,
  listed: readonly string[] = [],
): Grant | undefined {
  const own = grants.filter(
    (grant) =>
      grant.direction === "received" &&
      grant.terms.datasetId === datasetId &&
      listed.every((column) => grant.terms.columns.includes(column)),
  );
  return own.find((grant) => grant.status === "ACTIVE") ?? own.find((grant) => grant.status === "REQUESTED");
}

interface GrantStateProps {
  readonly dataset: Dataset;
  readonly projectId: string | undefined;
  readonly purpose: string;
  /** Columns the grant has to name; none: any grant does. */
  readonly listed?: readonly string[];
}

/** Whether a grant covers the dataset, and a button that asks for it when none does. */
export function GrantState({ dataset, projectId, purpose, listed = [] }: GrantStateProps) {
  const { t } = useTranslation();
  const { own } = useParties();
  const grants = useRead("listGrants", {});
  const ask = useAct("requestGrant", { refresh: ["listGrants", "listApprovals"], said: t("grants.requested") });
  const grant = grantOn(grants.data?.items ?? [], dataset.id, listed);
  if (grant?.status === "ACTIVE") return <State of="ACTIVE" label={t("joint.grantActive", { left: grant.usesLeft })} />;
  if (grant !== undefined) return <State of="REQUESTED" label={t("joint.grantWaiting", { party: dataset.owner })} />;
  const former = (grants.data?.items ?? []).find(
    (each) => each.direction === "received" && each.terms.datasetId === dataset.id && each.owner === dataset.owner,
  );
  return (
    <div className="row wrap">
      {former === undefined || listed.length > 0 ? (
        <State of="WAITING" label={t("joint.grantNone")} />
      ) : (
        <span>
          <State of={former.status} /> {former.reason !== null && <span className="soft">{former.reason}</span>}
        </span>
      )}
      <Act
        size="small"
        needs="grants:request"
        loading={ask.isPending}
        onClick={() =>
          ask.mutate({
            body: {
              owner: dataset.owner,
              datasetId: dataset.id,
              partners: [own],
              projectId: projectId ?? null,
              components: [],
              columns: [...listed],
              filter: null,
              purpose,
              use: ["train", "score"],
              receivers: [own, dataset.owner],
              expiresAt: new Date(Date.now() + 90 * DAY_MS).toISOString(),
              uses: 20,
              standing: false,
            },
          })
        }
      >
        {t("joint.askGrant")}
      </Act>
    </div>
  );
}

interface PartnerDatasetProps {
  readonly party: string;
  readonly value: string | undefined;
  readonly projectId?: string | undefined;
  /** Of a grant that is asked for here. */
  readonly purpose: string;
  onChange(dataset: Dataset): void;
}

/** Choose one of what a partner published, and see to the grant on the way. */
export function PartnerDataset({ party, value, projectId, purpose, onChange }: PartnerDatasetProps) {
  const { t } = useTranslation();
  const partners: readonly Partner[] = useRead("listPartners", {}).data?.items ?? [];
  const contract = partners.find((each) => each.partyId === party && each.status === "APPROVED");
  const list = useRead(
    "partnerDatasets",
    { params: { id: contract?.contractId ?? "" } },
    { enabled: contract !== undefined },
  );
  const items = list.data?.items ?? [];
  const chosen = items.find((each) => each.id === value);
  if (list.data !== undefined && items.length === 0)
    return <Empty title={t("joint.noneTheirs", { party })} hint={t("joint.noneTheirsHint")} />;
  return (
    <div className="stack tight">
      <Field label={t("joint.theirDataset", { party })}>
        <Select
          value={value ?? null}
          loading={list.isPending}
          aria-label={t("joint.theirDataset", { party })}
          options={items.map((each) => ({ value: each.id, label: each.name }))}
          onChange={(id) => {
            const dataset = items.find((each) => each.id === id);
            if (dataset !== undefined) onChange(dataset);
          }}
        />
      </Field>
      {chosen !== undefined && <GrantState dataset={chosen} projectId={projectId} purpose={purpose} />}
    </div>
  );
}
