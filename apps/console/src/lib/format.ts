/** Numbers as people read them. Every function takes the language; `null` is a dash. */
export type Language = "en" | "zh";

export const DASH = "–";
const LOCALE: Readonly<Record<Language, string>> = { en: "en-GB", zh: "zh-CN" };
export const localeOf = (language: Language): string => LOCALE[language];

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Decimal units, three significant digits: "999 B", "1.23 MB". */
export function formatBytes(bytes: number | null): string {
  if (bytes === null || !Number.isFinite(bytes)) return DASH;
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 ? 0 : value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${bytes < 0 ? "-" : ""}${value.toFixed(digits)} ${UNITS[unit]}`;
}

const DURATION: Readonly<Record<Language, readonly [string, string, string, string, string]>> = {
  en: ["ms", "s", "min", "h", "d"],
  zh: ["毫秒", "秒", "分", "小时", "天"],
};

/** "840 ms", "4.2 s", "3 min 05 s", "2 h 10 min", "4 d 3 h". */
export function formatDuration(ms: number | null, language: Language): string {
  if (ms === null || !Number.isFinite(ms) || ms < 0) return DASH;
  const [milli, second, minute, hour, day] = DURATION[language];
  const seconds = Math.round(ms / 1000);
  if (ms < 0.5) return `< 1 ${milli}`;
  if (ms < 1000) return `${Math.round(ms)} ${milli}`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} ${second}`;
  const two = (value: number): string => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} ${minute} ${two(seconds % 60)} ${second}`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} ${hour} ${two(Math.floor(seconds / 60) % 60)} ${minute}`;
  return `${Math.floor(seconds / 86_400)} ${day} ${Math.floor(seconds / 3600) % 24} ${hour}`;
}

/** Integers with separators; others with four significant digits, whole from a thousand on. */
export function formatNumber(value: number | null, language: Language): string {
  if (value === null || !Number.isFinite(value)) return DASH;
  const options = Math.abs(value) >= 1000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 4 };
  return new Intl.NumberFormat(LOCALE[language], options).format(value);
}

/** Above `from` (null: any) up to `to` (null: any): "≤ 428", "428 – 464", "> 622". */
export function formatBand(
  { from, to }: { readonly from: number | null; readonly to: number | null },
  language: Language,
): string {
  if (from === null) return to === null ? DASH : `≤ ${formatNumber(to, language)}`;
  return to === null
    ? `> ${formatNumber(from, language)}`
    : `${formatNumber(from, language)} – ${formatNumber(to, language)}`;
}

/** Always one decimal, so that a column of gains aligns. */
export const formatGain = (value: number, language: Language): string =>
  new Intl.NumberFormat(LOCALE[language], { minimumFractionDigits: 1, maximumFractionDigits: 1 }).format(value);

export function formatPercent(share: number | null, language: Language, digits = 1): string {
  if (share === null || !Number.isFinite(share)) return DASH;
  return new Intl.NumberFormat(LOCALE[language], { style: "percent", maximumFractionDigits: digits }).format(share);
}

/** A metric: always four decimals, so that columns align. */
export const formatMetric = (value: number | null | undefined): string =>
  value === null || value === undefined || !Number.isFinite(value) ? DASH : value.toFixed(4);

/** Date and time with the zone said: "21 Nov 2026, 09:30:12 GMT+8". */
export function formatTime(at: string | null, language: Language, timeZone?: string): string {
  if (at === null) return DASH;
  return new Intl.DateTimeFormat(LOCALE[language], {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
    timeZoneName: "short",
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(new Date(at));
}

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];

/** "3 minutes ago", "in 2 hours". */
export function formatRelative(at: string | null, language: Language, now: number): string {
  if (at === null) return DASH;
  const delta = new Date(at).getTime() - now;
  const [unit, ms] = STEPS.find(([, size]) => Math.abs(delta) >= size) ?? ["second", 1000];
  return new Intl.RelativeTimeFormat(LOCALE[language], { numeric: "auto" }).format(Math.round(delta / ms), unit);
}

/** Groups of digits, as people read a fingerprint to each other. */
export const groupsOf = (fingerprint: string): string[] => {
  const bare = fingerprint.replace(/[\s-]+/g, "");
  return bare.match(/.{1,5}/g) ?? [];
};

/** First and last characters of a hash. */
export const shortHash = (hash: string): string =>
  hash.length <= 20 ? hash : `${hash.slice(0, 10)}…${hash.slice(-6)}`;
