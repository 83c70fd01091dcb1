import { useNavigate } from "@tanstack/react-router";
import { Input, Modal, Segmented, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/i18n.ts";
import { cronOf, DAY_MAX, everies, type Timing, usualTiming } from "../lib/cron.ts";
import { DAY_MS, endOf, localDay } from "../lib/days.ts";
import { useAct } from "../lib/queries.ts";
import { Act, Field } from "./act.tsx";
import { CallFailure } from "./failure.tsx";
import { MessageField, NumberField } from "./fields.tsx";
import { weekdayName } from "./timing-text.ts";

interface ScheduleProps {
  /** YAML of a flow that was checked. */
  readonly flow: string;
  readonly projectId: string;
  readonly name: string;
}

const USUAL_DAYS = 90;
const WEEKDAYS = [1, 2, 3, 4, 5, 6, 0] as const;

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The name a flow has inside. */
export const flowName = (flow: unknown): string =>
  typeof flow === "object" && flow !== null && "name" in flow && typeof flow.name === "string" ? flow.name : "";

function TimingFields({ timing, change }: { timing: Timing; change(next: Partial<Timing>): void }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <>
      <Field label={t("schedules.every")} group>
        <Segmented
          block
          value={timing.every}
          options={everies.map((value) => ({ value, label: t(`schedules.everyOf.${value}`) }))}
          onChange={(every) => change({ every })}
        />
      </Field>
      {timing.every === "expression" ? (
        <Field label={t("schedules.expression")} hint={t("schedules.expressionHint")}>
          <Input
            className="mono"
            maxLength={120}
            value={timing.expression}
            onChange={(event) => change({ expression: event.target.value })}
          />
        </Field>
      ) : (
        <div className="grid2">
          {timing.every === "week" && (
            <Field label={t("schedules.weekday")}>
              <Select
                value={timing.weekday}
                aria-label={t("schedules.weekday")}
                options={WEEKDAYS.map((value) => ({ value, label: weekdayName(value, language) }))}
                onChange={(weekday) => weekday !== null && change({ weekday })}
              />
            </Field>
          )}
          {timing.every === "month" && (
            <NumberField
              label={t("schedules.day")}
              hint={t("schedules.dayHint")}
              max={DAY_MAX}
              value={timing.day}
              onChange={(day) => change({ day })}
            />
          )}
          <Field label={t("schedules.time")}>
            <Input type="time" value={timing.time} onChange={(event) => change({ time: event.target.value })} />
          </Field>
        </div>
      )}
    </>
  );
}

function ScheduleModal({ flow, projectId, name: given, onClose }: ScheduleProps & { onClose(): void }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [name, setName] = useState(given);
  const [timing, setTiming] = useState<Timing>(usualTiming);
  const [timeZone, setTimeZone] = useState(ownZone);
  const [day, setDay] = useState(() => localDay(Date.now() + USUAL_DAYS * DAY_MS));
  const [message, setMessage] = useState("");
  const create = useAct("createSchedule", {
    refresh: ["listSchedules", "listApprovals"],
    said: t("schedules.asked"),
    inline: true,
    after: ({ id }) => void navigate({ to: "/schedules/$id", params: { id } }),
  });
  const cron = cronOf(timing);
  const until = endOf(day);
  const ready = cron !== undefined && until !== undefined && name.trim() !== "";
  const send = () => {
    if (cron === undefined || until === undefined) return;
    create.mutate({ body: { name: name.trim(), projectId, flow, message, cron, timeZone, until } });
  };
  return (
    <Modal
      open
      title={t("schedules.modalTitle")}
      okText={t("schedules.ask")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: create.isPending, disabled: !ready }}
      onOk={send}
      onCancel={onClose}
    >
      <div className="stack">
        <p className="soft">{t("schedules.modalHint")}</p>
        <Field label={t("schedules.name")}>
          <Input value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <TimingFields timing={timing} change={(next) => setTiming({ ...timing, ...next })} />
        <div className="grid2">
          <Field label={t("schedules.zone")} hint={t("schedules.zoneHint")}>
            <Select
              showSearch
              value={timeZone}
              aria-label={t("schedules.zone")}
              options={[...new Set([ownZone(), "UTC", ...Intl.supportedValuesOf("timeZone")])].map((value) => ({
                value,
                label: value,
              }))}
              onChange={(zone) => zone !== null && setTimeZone(zone)}
            />
          </Field>
          <Field label={t("schedules.untilDay")} hint={t("schedules.untilHint")}>
            <Input
              type="date"
              min={localDay(Date.now())}
              value={day}
              onChange={(event) => setDay(event.target.value)}
            />
          </Field>
        </div>
        <MessageField value={message} onChange={setMessage} />
        {create.error !== null && <CallFailure error={create.error} />}
      </div>
    </Modal>
  );
}

/** Asks for a flow to run again and again. */
export function ScheduleButton({ block = false, ...of }: ScheduleProps & { readonly block?: boolean }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  return (
    <>
      <Act block={block} needs="jobs:submit" onClick={() => setOpen(true)}>
        {t("schedules.button")}
      </Act>
      {open && <ScheduleModal {...of} onClose={() => setOpen(false)} />}
    </>
  );
}
