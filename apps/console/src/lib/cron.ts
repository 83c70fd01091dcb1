/** Simple choices of when a flow runs, as the five fields of a cron expression and back. */
export const everies = ["day", "week", "month", "expression"] as const;
export type Every = (typeof everies)[number];

export interface Timing {
  readonly every: Every;
  /** "HH:MM" on the wall clock of the schedule's zone. */
  readonly time: string;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** Of the month; up to 28, which every month has. */
  readonly day: number;
  readonly expression: string;
}

export const DAY_MAX = 28;
export const usualTiming: Timing = { every: "day", time: "06:00", weekday: 1, day: 1, expression: "0 6 * * 1-5" };

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Undefined while the choice is not complete. The node checks what an expression means. */
export function cronOf({ every, time, weekday, day, expression }: Timing): string | undefined {
  const fields = expression.trim().split(/\s+/);
  if (every === "expression") return fields.length === 5 ? fields.join(" ") : undefined;
  const [, hour, minute] = TIME.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const at = `${Number(minute)} ${Number(hour)}`;
  switch (every) {
    case "day":
      return `${at} * * *`;
    case "week":
      return weekday >= 0 && weekday <= 6 ? `${at} * * ${weekday}` : undefined;
    case "month":
      return day >= 1 && day <= DAY_MAX ? `${at} ${day} * *` : undefined;
  }
}

/** What an expression means, where it is one of the simple choices; else the expression itself. */
export function timingOf(cron: string): Timing {
  const asWritten: Timing = { ...usualTiming, every: "expression", expression: cron };
  const [, minute, hour, day, weekday] = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\*|[0-6])$/.exec(cron) ?? [];
  if (minute === undefined || hour === undefined) return asWritten;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  const simple = { ...usualTiming, time };
  if (!TIME.test(time)) return asWritten;
  if (day === "*" && weekday === "*") return { ...simple, every: "day" };
  if (day === "*") return { ...simple, every: "week", weekday: Number(weekday) };
  const of = Number(day);
  return weekday === "*" && of >= 1 && of <= DAY_MAX ? { ...simple, every: "month", day: of } : asWritten;
}
