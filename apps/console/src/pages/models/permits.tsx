import type { ModelDetail, ModelPermit } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Time } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { PermitModal } from "./permit-modal.tsx";

interface Given extends ModelPermit {
  readonly party: string;
}

function Rows({ of: { terms, rowsLeft } }: { of: Given }) {
  const { t } = useTranslation();
  const language = useLanguage();
  if (terms.rowsMax === null) return <>{t("models.rowsUnlimited")}</>;
  const max = formatNumber(terms.rowsMax, language);
  return <>{rowsLeft === null ? max : t("models.rowsLeft", { left: formatNumber(rowsLeft, language), max })}</>;
}

function Given({ rows }: { rows: readonly Given[] }) {
  const { t } = useTranslation();
  return (
    <Table
      label={t("models.tab.permits")}
      rows={rows}
      keyOf={(row) => row.id}
      columns={[
        { key: "party", title: t("models.parties"), cell: (row) => <Party id={row.party} bare /> },
        { key: "state", title: t("models.state"), cell: (row) => <State of={row.status} /> },
        {
          key: "use",
          title: t("models.permitted"),
          cell: (row) => row.terms.use.map((use) => t(`models.use.${use}`)).join(", "),
        },
        {
          key: "purpose",
          title: t("models.purpose"),
          cell: (row) => (
            <div>
              {row.terms.purpose}
              {row.reason !== null && <div className="small muted lines">{row.reason}</div>}
            </div>
          ),
        },
        { key: "rows", title: t("models.rows"), num: true, cell: (row) => <Rows of={row} /> },
        { key: "until", title: t("models.until"), num: true, cell: (row) => <Time at={row.terms.expiresAt} /> },
        {
          key: "asked",
          title: t("models.asked"),
          cell: (row) => (
            <span className="row">
              <Party id={row.requestedParty} bare /> <span className="small muted">{row.requestedBy}</span>
            </span>
          ),
        },
      ]}
    />
  );
}

export function Permits({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const [asking, setAsking] = useState(false);
  const rows = model.parts.flatMap(({ party, permits }) => permits.map((permit) => ({ ...permit, party })));
  const because = model.verification.ok ? undefined : t("models.notVerified");
  const ask = (
    <Act type="primary" needs="models:manage" because={because} onClick={() => setAsking(true)}>
      {t("models.askPermit")}
    </Act>
  );
  return (
    <Card title={t("models.tab.permits")} hint={t("models.permitsHint")} actions={rows.length > 0 && ask} flush>
      {rows.length === 0 ? (
        <Empty title={t("models.noPermits")} hint={t("models.noPermitsHint")} action={ask} />
      ) : (
        <Given rows={rows} />
      )}
      {asking && <PermitModal model={model} onClose={() => setAsking(false)} />}
    </Card>
  );
}
