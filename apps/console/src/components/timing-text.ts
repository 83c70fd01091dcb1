import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/i18n.ts";
import { timingOf } from "../lib/cron.ts";
import type { Language } from "../lib/format.ts";

/** 2023 began on a Sunday. */
export const weekdayName = (weekday: number, language: Language): string =>
  new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { weekday: "long", timeZone: "UTC" }).format(
    Date.UTC(2023, 0, 1 + weekday),
  );

/** An expression in words where it is a simple choice, else as it is. */
export function useTimingText(): (cron: string) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  return (cron) => {
    const timing = timingOf(cron);
    switch (timing.every) {
      case "day":
        return t("schedules.text.day", { time: timing.time });
      case "week":
        return t("schedules.text.week", { time: timing.time, weekday: weekdayName(timing.weekday, language) });
      case "month":
        return t("schedules.text.month", { time: timing.time, day: timing.day });
      case "expression":
        return timing.expression;
    }
  };
}
