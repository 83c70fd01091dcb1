import type { MatchPlan } from "@tombolo/sdk";
import { formatBytes, type Language } from "../../lib/format.ts";

const UNITS = [
  ["second", 1],
  ["minute", 60],
  ["hour", 3600],
  ["day", 86_400],
] as const;
/** A unit is kept up to here, so that 90 seconds are not "2 min". */
const KEPT = 120;

/** As exact as a guess deserves: one whole number, never zero. "45 seconds", "3 minutes", "3分钟". */
export function roughTime(seconds: number, language: Language): string {
  const [unit, size] = UNITS.find(([, each]) => seconds < KEPT * each) ?? UNITS[3];
  return new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", {
    style: "unit",
    unit,
    unitDisplay: "long",
  }).format(Math.max(1, Math.ceil(seconds / size)));
}

export interface EstimateWords {
  readonly time: string;
  readonly sent: string;
  readonly received: string;
  readonly disk: string;
}

/** Null where a partner does not show its row count. */
export function estimateWords({ estimate }: MatchPlan, language: Language): EstimateWords | null {
  if (estimate === null) return null;
  const { seconds, bytesOut, bytesIn, diskBytes } = estimate;
  return {
    time: roughTime(seconds, language),
    sent: formatBytes(bytesOut),
    received: formatBytes(bytesIn),
    disk: formatBytes(diskBytes),
  };
}
