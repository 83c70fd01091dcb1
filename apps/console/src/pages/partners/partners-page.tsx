import { Link, useNavigate } from "@tanstack/react-router";
import type { Partner } from "@tombolo/sdk";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatDuration } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";
import { AcceptModal, InviteModal } from "./invite.tsx";

function Confirmed({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  if (partner.fingerprint === null) return <span className="muted">{DASH}</span>;
  if (!partner.ownFingerprintConfirmed) return <span style={{ color: "var(--wait)" }}>{t("partners.weMissing")}</span>;
  if (!partner.partnerFingerprintConfirmed)
    return <span style={{ color: "var(--wait)" }}>{t("partners.theyMissing")}</span>;
  return <span className="soft">{t("partners.bothConfirmed")}</span>;
}

function useColumns(): Column<Partner>[] {
  const { t } = useTranslation();
  const language = useLanguage();
  return [
    {
      key: "name",
      title: t("partners.name"),
      cell: (row) => (
        <Link to="/partners/$id" params={{ id: row.contractId }}>
          {row.partyId === null ? t("partners.unused") : <Party id={row.partyId} />}
          <div className="small muted">{row.partyId === null ? row.note : row.name}</div>
        </Link>
      ),
    },
    { key: "status", title: t("partners.status"), cell: (row) => <State of={row.status} /> },
    { key: "fingerprint", title: t("partners.fingerprints"), cell: (row) => <Confirmed partner={row} /> },
    {
      key: "connection",
      title: t("partners.connection"),
      cell: (row) =>
        row.connection === null ? (
          <span className="muted">{DASH}</span>
        ) : (
          <div>
            <State of={row.connection.state} />
            {row.connection.lastError !== null && row.connection.state !== "up" && (
              <div className="small" style={{ color: "var(--bad)" }}>
                {row.connection.lastError}
              </div>
            )}
          </div>
        ),
    },
    { key: "direction", title: t("partners.direction"), cell: (row) => t(`partners.directionOf.${row.direction}`) },
    {
      key: "rtt",
      title: t("partners.rtt"),
      num: true,
      cell: (row) => formatDuration(row.connection?.rttMs ?? null, language),
    },
    {
      key: "since",
      title: t("partners.since"),
      num: true,
      cell: (row) => <When at={row.connection?.since ?? row.createdAt} />,
    },
  ];
}

export function PartnersPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"invite" | "accept" | undefined>();
  const list = useRead("listPartners", {}, { everyMs: 10_000 });
  const columns = useColumns();
  const actions = (
    <>
      <Act needs="partners:manage" onClick={() => setOpen("accept")}>
        {t("partners.accept")}
      </Act>
      <Act type="primary" needs="partners:manage" onClick={() => setOpen("invite")}>
        {t("partners.invite")}
      </Act>
    </>
  );
  return (
    <Page title={t("partners.title")} sub={t("partners.sub")} actions={actions}>
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("partners.empty")} hint={t("partners.emptyHint")} action={actions} />
            ) : (
              <Table
                label={t("partners.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.contractId}
                onOpen={(row) => void navigate({ to: "/partners/$id", params: { id: row.contractId } })}
              />
            )
          }
        </Loaded>
      </Card>
      {open === "invite" && <InviteModal onClose={() => setOpen(undefined)} />}
      {open === "accept" && <AcceptModal onClose={() => setOpen(undefined)} />}
    </Page>
  );
}
