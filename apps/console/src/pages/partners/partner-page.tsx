import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { Partner } from "@tombolo/sdk";
import { Checkbox } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, ReasonModal } from "../../components/act.tsx";
import { DatasetCard } from "../../components/dataset-card.tsx";
import { DoctorSteps } from "../../components/doctor-steps.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card, Empty, Facts, Notice, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Time, When } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatDuration, groupsOf } from "../../lib/format.ts";
import { keyed } from "../../lib/keyed.ts";
import { useAct, useRead } from "../../lib/queries.ts";

function Fingerprint({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  const [compared, setCompared] = useState(false);
  const confirm = useAct("confirmPartner", {
    refresh: ["listPartners", "listApprovals"],
    said: t("partners.confirmed"),
    inline: true,
  });
  if (partner.fingerprint === null) return null;
  const fingerprint = partner.fingerprint;
  return (
    <Card
      title={
        partner.ownFingerprintConfirmed && partner.partnerFingerprintConfirmed
          ? t("partners.fingerprint")
          : t("partners.confirmTitle")
      }
    >
      <div className="stack">
        {!partner.ownFingerprintConfirmed && <p style={{ maxWidth: "72ch" }}>{t("partners.confirmIntro")}</p>}
        <div className="fingerprint" role="img" aria-label={groupsOf(fingerprint).join(" ")}>
          {keyed(groupsOf(fingerprint), (group) => group).map(({ key, item }) => (
            <span key={key}>{item}</span>
          ))}
        </div>
        <div className="row wrap">
          <State
            of={partner.ownFingerprintConfirmed ? "ok" : "WAITING"}
            label={partner.ownFingerprintConfirmed ? t("partners.confirmedByUs") : t("partners.weMissing")}
          />
          <State
            of={partner.partnerFingerprintConfirmed ? "ok" : "WAITING"}
            label={partner.partnerFingerprintConfirmed ? t("partners.confirmedByThem") : t("partners.theyMissing")}
          />
        </div>
        {!partner.ownFingerprintConfirmed && partner.status === "APPLIED" && (
          <>
            <Checkbox checked={compared} onChange={(event) => setCompared(event.target.checked)}>
              {t("partners.iCompared")}
            </Checkbox>
            <div>
              <Act
                type="primary"
                needs="partners:manage"
                because={compared ? undefined : t("partners.iCompared")}
                loading={confirm.isPending}
                onClick={() => confirm.mutate({ params: { id: partner.contractId }, body: { fingerprint } })}
              >
                {t("partners.confirm")}
              </Act>
            </div>
          </>
        )}
        {partner.ownFingerprintConfirmed && !partner.partnerFingerprintConfirmed && (
          <p className="soft">{t("partners.waitingForThem")}</p>
        )}
        {confirm.error !== null && <CallFailure error={confirm.error} />}
      </div>
    </Card>
  );
}

function Check({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  const check = useAct("checkPartner", { inline: true, refresh: ["listPartners"] });
  return (
    <Card
      title={t("partners.checkTitle")}
      hint={t("partners.checkHint")}
      actions={
        <Act loading={check.isPending} onClick={() => check.mutate({ params: { id: partner.contractId } })}>
          {t("partners.check")}
        </Act>
      }
    >
      <div className="stack">
        {check.error !== null && <CallFailure error={check.error} />}
        {check.data !== undefined && <DoctorSteps report={check.data} />}
      </div>
    </Card>
  );
}

function Catalogue({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const ready = partner.status === "APPROVED";
  const list = useRead("partnerDatasets", { params: { id: partner.contractId } }, { enabled: ready });
  if (!ready) return null;
  return (
    <div className="stack">
      <h2 style={{ fontSize: 14 }}>{t("partners.catalogue")}</h2>
      <Loaded of={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Card>
              <Empty title={t("partners.catalogueEmpty")} hint={t("partners.catalogueEmptyHint")} />
            </Card>
          ) : (
            items.map((dataset) => (
              <DatasetCard
                key={dataset.id}
                dataset={dataset}
                actions={
                  <Act
                    needs="grants:request"
                    onClick={() =>
                      void navigate({ to: "/grants", search: { dataset: dataset.id, owner: dataset.owner } })
                    }
                  >
                    {t("partners.ask")}
                  </Act>
                }
              />
            ))
          )
        }
      </Loaded>
    </div>
  );
}

function Contract({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { connection } = partner;
  return (
    <Card title={t("partners.contract")}>
      <Facts
        items={[
          [t("partners.status"), <State key="status" of={partner.status} />],
          [t("partners.connection"), connection === null ? undefined : <State key="state" of={connection.state} />],
          [t("partners.since"), connection === null ? undefined : <When key="since" at={connection.since} />],
          [t("partners.rtt"), connection === null ? undefined : formatDuration(connection.rttMs, language)],
          [t("partners.lastError"), connection?.lastError ?? undefined],
          [t("partners.direction"), t(`partners.directionOf.${partner.direction}`)],
          [t("partners.partnerAddress"), partner.address ?? undefined],
          [t("partners.suite"), <code key="suite">{partner.suite}</code>],
          [t("common.time.created"), <Time key="created" at={partner.createdAt} />],
          [
            t("partners.inviteUntil"),
            partner.inviteExpiresAt === null ? undefined : <Time key="until" at={partner.inviteExpiresAt} />,
          ],
          [partner.status === "TERMINATED" ? t("common.reason") : t("partners.note"), partner.note ?? undefined],
        ]}
      />
    </Card>
  );
}

function Terminate({ partner }: { partner: Partner }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const terminate = useAct("terminatePartner", {
    refresh: ["listPartners", "listGrants", "listJobs"],
    said: t("partners.terminated"),
    after: () => setOpen(false),
  });
  if (partner.status === "TERMINATED") return null;
  return (
    <>
      <Act danger needs="partners:manage" onClick={() => setOpen(true)}>
        {t("partners.terminate")}
      </Act>
      {open && (
        <ReasonModal
          title={t("partners.terminateTitle", { name: partner.name })}
          okText={t("partners.terminate")}
          danger
          busy={terminate.isPending}
          onClose={() => setOpen(false)}
          onOk={(reason) => terminate.mutate({ params: { id: partner.contractId }, body: { reason } })}
        >
          <p>{t("partners.terminateHint")}</p>
        </ReasonModal>
      )}
    </>
  );
}

export function PartnerPage() {
  const { t } = useTranslation();
  const { id } = useParams({ from: "/shell/partners/$id" });
  const list = useRead("listPartners", {}, { everyMs: 5_000 });
  const partner = list.data?.items.find((each) => each.contractId === id);
  const title =
    partner === undefined ? t("partners.name") : partner.partyId === null ? t("partners.unused") : partner.name;
  return (
    <Page
      title={title}
      crumb={<Link to="/partners">{t("partners.title")}</Link>}
      {...(partner?.partyId == null ? {} : { sub: <Party id={partner.partyId} /> })}
      actions={partner !== undefined && <Terminate partner={partner} />}
    >
      <Loaded of={list}>
        {() =>
          partner === undefined ? (
            <Empty title={t("common.notFound")} hint={t("common.notFoundHint")} />
          ) : (
            <div className="aside">
              <div className="stack">
                {partner.status === "TERMINATED" && (
                  <Notice tone="idle" title={t("partners.endedTitle")}>
                    {t("partners.endedHint")}
                  </Notice>
                )}
                <Fingerprint partner={partner} />
                {partner.status === "APPROVED" && <Check partner={partner} />}
                <Catalogue partner={partner} />
              </div>
              <Contract partner={partner} />
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}
