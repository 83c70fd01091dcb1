/** Small pieces of what people read, in both languages. */
import type { Text } from "@tombolo/sdk";

export const both = (en: string, zh: string): Text => ({ en, zh });

/** A point in time with its zone said, since the reader's zone is not known here. */
export function moment(at: string): Text {
  const date = new Date(at);
  const options = { dateStyle: "long", timeStyle: "short", hourCycle: "h23", timeZone: "UTC" } as const;
  const say = (locale: string): string => `${new Intl.DateTimeFormat(locale, options).format(date)} UTC`;
  return both(say("en-GB"), say("zh-CN"));
}
