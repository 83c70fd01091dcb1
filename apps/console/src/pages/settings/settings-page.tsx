import { Button, Input, Segmented } from "antd";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { DoctorSteps } from "../../components/doctor-steps.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card, Facts, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { Hash, Time } from "../../components/values.tsx";
import { chooseLanguage, useLanguage } from "../../i18n/i18n.ts";
import { formatBytes, type Language } from "../../lib/format.ts";
import { useAct, useMay, useRead } from "../../lib/queries.ts";
import { navigation } from "../../shell/navigation.ts";
import { type ThemeChoice, useTheme } from "../../theme/theme.tsx";

function Appearance() {
  const { t } = useTranslation();
  const language = useLanguage();
  const { choice, choose } = useTheme();
  const languages: { value: Language; label: string }[] = [
    { value: "en", label: t("settings.english") },
    { value: "zh", label: t("settings.chinese") },
  ];
  return (
    <Card title={t("settings.appearance")}>
      <div className="stack">
        <div className="row between">
          <span>{t("settings.language")}</span>
          <Segmented<Language>
            value={language}
            options={languages}
            onChange={(next) => void chooseLanguage(next)}
            aria-label={t("settings.language")}
          />
        </div>
        <div className="row between">
          <span>{t("settings.theme")}</span>
          <Segmented<ThemeChoice>
            value={choice}
            options={(["system", "light", "dark"] as const).map((value) => ({ value, label: t(`settings.${value}`) }))}
            onChange={choose}
            aria-label={t("settings.theme")}
          />
        </div>
      </div>
    </Card>
  );
}

function Password() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const change = useAct("changePassword", {
    inline: true,
    said: t("settings.changed"),
    after: () => {
      setCurrent("");
      setNext("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate({ body: { current, next } });
  };
  return (
    <Card title={t("settings.password")}>
      <form className="stack" onSubmit={submit}>
        <Field label={t("settings.current")}>
          <Input.Password
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        </Field>
        <Field label={t("settings.next")} hint={t("session.rule")}>
          <Input.Password autoComplete="new-password" value={next} onChange={(event) => setNext(event.target.value)} />
        </Field>
        {change.error !== null && <CallFailure error={change.error} />}
        <div>
          <Button htmlType="submit" disabled={current === "" || next.length < 12} loading={change.isPending}>
            {t("settings.change")}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function ThisNode() {
  const { t } = useTranslation();
  const node = useRead("node", {});
  return (
    <Card title={t("settings.node")}>
      <Loaded of={node} rows={8}>
        {(info) => (
          <Facts
            items={[
              [t("settings.party"), <Party key="party" id={info.partyId} />],
              [t("settings.version"), info.version],
              [t("settings.address"), info.publicAddress ?? t("settings.noAddress")],
              [t("settings.signingKey"), <Hash key="key" value={info.signingKeyFingerprint} />],
              [t("settings.certificate"), <Hash key="certificate" value={info.certificateFingerprint} />],
              [t("settings.certificateEnds"), <Time key="ends" at={info.certificateExpiresAt} />],
              [t("settings.database"), info.database],
              [
                t("settings.kernels"),
                info.kernels === "native" ? t("settings.kernelsNative") : t("settings.kernelsReference"),
              ],
              [t("settings.data"), formatBytes(info.dataBytes)],
              [t("settings.up"), <Time key="up" at={info.startedAt} />],
              [t("settings.zone"), info.timeZone],
              [t("settings.zoneBrowser"), Intl.DateTimeFormat().resolvedOptions().timeZone],
            ]}
          />
        )}
      </Loaded>
    </Card>
  );
}

/** This node and the path to every partner, from both ends. */
function Doctor() {
  const { t } = useTranslation();
  const check = useAct("doctor", { inline: true });
  return (
    <Card
      title={t("settings.doctor")}
      hint={t("settings.doctorHint")}
      actions={
        <Act needs="node:operate" loading={check.isPending} onClick={() => check.mutate({})}>
          {t("settings.doctorRun")}
        </Act>
      }
    >
      <div className="stack">
        {check.error !== null && <CallFailure error={check.error} />}
        {(check.data?.items ?? []).map((report) => (
          <div key={report.partner ?? ""} className="stack tight">
            {report.partner === null ? <b>{t("settings.node")}</b> : <Party id={report.partner} />}
            <DoctorSteps report={report} />
          </div>
        ))}
      </div>
    </Card>
  );
}

function Shortcuts() {
  const { t } = useTranslation();
  const may = useMay();
  const items = navigation.flatMap((group) => group.items).filter((item) => item.needs === null || may(item.needs));
  return (
    <Card title={t("settings.shortcuts")} hint={t("settings.shortcutsHint")}>
      <Facts
        items={items.map(
          (item) => [t(`common.nav.${item.name}`), <kbd key={item.key}>{`g ${item.key}`}</kbd>] as const,
        )}
      />
    </Card>
  );
}

export function SettingsPage() {
  const { t } = useTranslation();
  return (
    <Page title={t("settings.title")} sub={t("settings.sub")}>
      <div className="grid2">
        <div className="stack">
          <Appearance />
          <Password />
          <Shortcuts />
        </div>
        <div className="stack">
          <ThisNode />
          <Doctor />
        </div>
      </div>
    </Page>
  );
}
