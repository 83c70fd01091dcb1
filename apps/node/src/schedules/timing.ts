/** When a cron expression is due. The library reads the expression and knows the time zones. */
import { TomboloError } from "@tombolo/base";
import { Cron } from "croner";

/** Runs start processes at every party; more often than this is a service, not a schedule. */
const CLOSEST_MS = 5 * 60_000;
/** How many runs ahead are looked at for the closest pair. */
const LOOKAHEAD = 100;

/** The first time after `now`; null when there is none before `until`. */
export function nextRun(cron: string, timeZone: string, now: Date, until: Date): Date | null {
  const next = parse(cron, timeZone).nextRun(now);
  return next === null || next > until ? null : next;
}

/** Throws `input.cron` for an expression or zone that cannot be read, or that is due too often. */
export function checkTiming(cron: string, timeZone: string, now: Date): void {
  const due = parse(cron, timeZone).nextRuns(LOOKAHEAD, now);
  if (due.length === 0)
    throw new TomboloError("input.cron", "this expression is never due", { remedy: "Check day and month." });
  const closest = Math.min(...due.slice(1).map((at, i) => at.getTime() - due[i]!.getTime()));
  if (closest < CLOSEST_MS)
    throw new TomboloError("input.cron", "this expression is due more often than every 5 minutes", {
      remedy: "Leave more time between two runs, e.g. 0 6 * * 1 for Mondays at six.",
    });
}

function parse(cron: string, timeZone: string): Cron {
  try {
    const parsed = new Cron(cron, { timezone: timeZone, paused: true, mode: "5-part" });
    parsed.nextRun(); // an unknown zone is only found here
    return parsed;
  } catch (cause) {
    throw new TomboloError("input.cron", "the cron expression or its time zone cannot be read", {
      cause,
      remedy: "Five fields (minute hour day month weekday) and a zone like Asia/Shanghai.",
    });
  }
}
