import { App, Button, Tooltip } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/i18n.ts";
import { formatDuration, formatNumber, formatRelative, formatTime, shortHash } from "../lib/format.ts";
import { Icon } from "./icon.tsx";

/** The present time, renewed often enough for what shows it. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** "3 minutes ago", with the full time and its zone on hover. */
export function When({ at }: { at: string | null }) {
  const language = useLanguage();
  useNow(20_000);
  return (
    <Tooltip title={formatTime(at, language)}>
      <time dateTime={at ?? undefined} className="nowrap">
        {formatRelative(at, language, Date.now())}
      </time>
    </Tooltip>
  );
}

export function Time({ at }: { at: string | null }) {
  const language = useLanguage();
  return (
    <time dateTime={at ?? undefined} className="nowrap">
      {formatTime(at, language)}
    </time>
  );
}

/** From start to end, or to now while it runs. */
export function Took({ from, to }: { from: string | null; to: string | null }) {
  const language = useLanguage();
  const now = useNow(1000);
  if (from === null) return <span className="muted">{formatDuration(null, language)}</span>;
  const end = to === null ? now : new Date(to).getTime();
  return <span className="nowrap">{formatDuration(Math.max(0, end - new Date(from).getTime()), language)}</span>;
}

export function useCopy(): (text: string) => void {
  const { message } = App.useApp();
  const { t } = useTranslation();
  return (text) => void navigator.clipboard.writeText(text).then(() => message.success(t("common.copied")));
}

export function CopyLine({ text }: { text: string }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div className="copy-line">
      <code>{text}</code>
      <Button onClick={() => copy(text)} icon={<Icon name="copy" />}>
        {t("common.copy")}
      </Button>
    </div>
  );
}

export function Hash({ value, whole }: { value: string; whole?: boolean }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <span className="row" style={{ gap: 4, display: "inline-flex" }}>
      <code className="break">{whole === true ? value : shortHash(value)}</code>
      <Button
        type="text"
        size="small"
        aria-label={t("common.copy")}
        icon={<Icon name="copy" />}
        onClick={() => copy(value)}
      />
    </span>
  );
}

export function Num({ of }: { of: number | null }) {
  return <>{formatNumber(of, useLanguage())}</>;
}
