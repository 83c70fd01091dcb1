/** Disclosures read on from "<recipient> will learn: ...". */
import type { Disclosure, Participant, Text } from "./component.ts";

export const learns = (recipient: Participant, about: Participant, kind: string, text: Text): Disclosure => ({
  recipient: recipient.party,
  about: about.party,
  kind,
  text,
});

/** A refusal that depends on data tells something too (SECURITY.md rule 20): every other participant sees its reason. */
export const earlyEnds = (participants: readonly Participant[], why: Text): Disclosure[] =>
  participants.flatMap((about) =>
    participants
      .filter((recipient) => recipient !== about)
      .map((recipient) =>
        learns(recipient, about, "early-end", {
          en: `only if the task fails: ${why.en}`,
          zh: `仅在任务失败时：${why.zh}`,
        }),
      ),
  );

export interface Sides {
  readonly guest: Participant;
  readonly hosts: readonly Participant[];
}

/** Undefined without a guest: the flow is not valid yet, and there is nothing to say. */
export function sidesOf(participants: readonly Participant[]): Sides | undefined {
  const guest = participants.find(({ role }) => role === "guest");
  if (guest === undefined) return undefined;
  return { guest, hosts: participants.filter(({ role }) => role === "host") };
}

/** What is said where one guest asks one host; nothing without either. */
export function betweenTwo(
  participants: readonly Participant[],
  said: (guest: Participant, host: Participant) => readonly Disclosure[],
): readonly Disclosure[] {
  const sides = sidesOf(participants);
  const host = sides?.hosts[0];
  return sides === undefined || host === undefined ? [] : said(sides.guest, host);
}

export const namesOf = (parties: readonly Participant[]): string => parties.map(({ party }) => party).join(", ");
