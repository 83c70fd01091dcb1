import { useNavigate } from "@tanstack/react-router";
import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { NumberField } from "../../components/fields.tsx";
import { Facts } from "../../components/page.tsx";
import { CopyLine, Time } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";

export function InviteModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const own = useRead("node", {}).data?.publicAddress ?? "";
  const [typed, setTyped] = useState<string | undefined>();
  const [hours, setHours] = useState(24);
  const [note, setNote] = useState("");
  const address = typed ?? own;
  const invite = useAct("invitePartner", { refresh: ["listPartners"], inline: true });
  const made = invite.data;
  return (
    <Modal
      open
      width={640}
      title={made === undefined ? t("partners.inviteTitle") : t("partners.inviteReady")}
      okText={made === undefined ? t("partners.make") : t("common.close")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: invite.isPending }}
      cancelButtonProps={made === undefined ? {} : { style: { display: "none" } }}
      onCancel={onClose}
      onOk={() =>
        made === undefined
          ? invite.mutate({
              body: { hours, ...(address === "" ? {} : { address }), ...(note === "" ? {} : { note }) },
            })
          : onClose()
      }
    >
      {made === undefined ? (
        <div className="stack">
          <p className="soft">{t("partners.inviteIntro")}</p>
          <Field label={t("partners.address")} optional hint={t("partners.addressHint")}>
            <Input value={address} maxLength={300} onChange={(event) => setTyped(event.target.value.trim())} />
          </Field>
          <NumberField label={t("partners.hours")} max={168} value={hours} onChange={setHours} />
          <Field label={t("partners.note")} optional hint={t("partners.noteHint")}>
            <Input value={note} maxLength={4000} onChange={(event) => setNote(event.target.value)} />
          </Field>
          {invite.error !== null && <CallFailure error={invite.error} />}
        </div>
      ) : (
        <div className="stack">
          <CopyLine text={made.line} />
          <Facts items={[[t("partners.inviteUntil"), <Time key="until" at={made.expiresAt} />]]} />
          <div>
            <b>{t("partners.inviteNext")}</b>
            <ul className="bullets">
              <li>{t("partners.inviteNext1")}</li>
              <li>{t("partners.inviteNext2")}</li>
              <li>{t("partners.inviteNext3")}</li>
            </ul>
          </div>
        </div>
      )}
    </Modal>
  );
}

export function AcceptModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [line, setLine] = useState("");
  const [proxy, setProxy] = useState("");
  const [note, setNote] = useState("");
  const accept = useAct("acceptInvite", {
    refresh: ["listPartners"],
    said: t("partners.applied"),
    inline: true,
    after: (partner) => void navigate({ to: "/partners/$id", params: { id: partner.contractId } }),
  });
  return (
    <Modal
      open
      width={640}
      title={t("partners.acceptTitle")}
      okText={t("partners.apply")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: accept.isPending, disabled: line.trim() === "" }}
      onCancel={onClose}
      onOk={() =>
        accept.mutate({
          body: {
            line: line.trim(),
            ...(proxy === "" ? {} : { proxy }),
            ...(note === "" ? {} : { note }),
          },
        })
      }
    >
      <div className="stack">
        <p className="soft">{t("partners.acceptIntro")}</p>
        <Field label={t("partners.line")}>
          <Input.TextArea
            className="mono"
            autoFocus
            rows={4}
            maxLength={4000}
            spellCheck={false}
            value={line}
            onChange={(event) => setLine(event.target.value)}
          />
        </Field>
        <Field label={t("partners.proxy")} optional hint={t("partners.proxyHint")}>
          <Input value={proxy} maxLength={300} onChange={(event) => setProxy(event.target.value.trim())} />
        </Field>
        <Field label={t("partners.note")} optional hint={t("partners.noteHint")}>
          <Input value={note} maxLength={4000} onChange={(event) => setNote(event.target.value)} />
        </Field>
        {accept.error !== null && <CallFailure error={accept.error} />}
      </div>
    </Modal>
  );
}
