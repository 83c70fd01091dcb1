import type { Askable } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Bar } from "../../components/page.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber, formatTime } from "../../lib/format.ts";

/** From here on the bar warns. */
const NEAR = 0.8;

export function UsedOf({ used, max }: { used: number; max: number }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const share = max === 0 ? 1 : used / max;
  return (
    <div>
      <span className="num">
        {t("ask.ofMax", { used: formatNumber(used, language), max: formatNumber(max, language) })}
      </span>
      <Bar share={share} tone={share >= 1 ? "bad" : share >= NEAR ? "wait" : "ok"} />
    </div>
  );
}

/** What of today's quota and of what was agreed in all is used. */
export function Left({ service }: { service: Askable }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { today, inAll, day, partner, until } = service;
  return (
    <div className={`${day === null ? "grid2" : "grid3"} small`}>
      <div>
        <div className="muted">{t("ask.today")}</div>
        <UsedOf used={today.rows} max={today.rowsMax} />
      </div>
      {day !== null && (
        <div title={t("ask.inAllHint")}>
          <div className="muted">{t("ask.partnerDay", { party: partner })}</div>
          <UsedOf used={day.ids} max={day.idsMax} />
        </div>
      )}
      <div title={t("ask.inAllHint")}>
        <div className="muted">
          {t("ask.inAll", { party: partner })} · {t("ask.until", { at: formatTime(until, language) })}
        </div>
        <UsedOf used={inAll.rows} max={inAll.idsMax} />
      </div>
    </div>
  );
}
