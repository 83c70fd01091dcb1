import type { Askable } from "@tombolo/sdk";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { CallFailure } from "../../components/failure.tsx";
import { Notice, type Tone } from "../../components/page.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";

type Why =
  | "day"
  | "quota"
  | "rate"
  | "starting"
  | "busy"
  | "timeout"
  | "unreachable"
  | "used"
  | "ended"
  | "caller"
  | "key";

const WHY: Readonly<Record<string, Why>> = {
  "auth.quota": "quota",
  "auth.rate": "rate",
  "consent.day": "day",
  "auth.caller": "caller",
  "state.service-starting": "starting",
  "resource.busy": "busy",
  "transport.timeout": "timeout",
  "transport.unreachable": "unreachable",
  "consent.rows": "used",
  "consent.budget": "used",
  "consent.epoch": "used",
  "consent.grant-revoked": "ended",
  "consent.grant-expired": "ended",
  "state.service-ended": "ended",
  "state.service-stopped": "ended",
  "input.key": "key",
};
const HINT: Readonly<Record<Why, "day" | "quota" | "rate" | "again" | "used" | "ended" | "caller" | "key">> = {
  day: "day",
  quota: "quota",
  rate: "rate",
  starting: "again",
  busy: "again",
  timeout: "again",
  unreachable: "again",
  used: "used",
  ended: "ended",
  caller: "caller",
  key: "key",
};
const FINAL: readonly Why[] = ["used", "ended", "caller"];

const codeOf = (error: unknown): string => {
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : "transport.unreachable";
};

interface RefusedProps {
  /** Of the call, or of one key. */
  readonly error: unknown;
  readonly service: Askable;
  onRetry?(): void;
}

/** Why there is no answer and what to do, in a line; what this page does not know is shown as everywhere else. */
export function Refused({ error, service, onRetry }: RefusedProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const code = codeOf(error);
  const why = WHY[code];
  if (why === undefined)
    return error instanceof Error ? (
      <CallFailure error={error} {...(onRetry === undefined ? {} : { onRetry })} />
    ) : (
      <Notice tone="bad" title={(error as { message?: string }).message} />
    );
  const tone: Tone = FINAL.includes(why) ? "bad" : "wait";
  const said = {
    max: formatNumber(service.today.rowsMax, language),
    party: service.partner,
    keys: service.keys.join(", "),
  };
  return (
    <Notice tone={tone} title={t(`ask.refusal.${why}`)}>
      <div>{t(`ask.refusal.${HINT[why]}Hint`, said)}</div>
      {why === "ended" && error instanceof Error && <div className="small soft lines">{error.message}</div>}
      <div className="row between" style={{ marginTop: 6 }}>
        <code className="small muted">{code}</code>
        {onRetry !== undefined && HINT[why] === "again" && (
          <Button size="small" onClick={onRetry}>
            {t("ask.again")}
          </Button>
        )}
      </div>
    </Notice>
  );
}
