/** What the sides of a query learn, in the same words whatever form it takes. */
import { referenceLearnt } from "../authorisation.ts";
import type { Disclosure, Participant } from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { namesIn, type Shared } from "./parameters.ts";

/**
 * Of a form in which `asker` asks `owner`, and others may help; `more`: what the form adds about the two, and about those others.
 */
export const askingDisclosed = (
  participants: readonly Participant[],
  given: Shared,
  more: (asker: Participant, owner: Participant) => readonly Disclosure[] = () => [],
): readonly Disclosure[] =>
  betweenTwo(participants, (asker, owner) => [
    ...askerLearns(asker, owner, given),
    ...askedLearns(owner, asker, given),
    ...more(asker, owner),
    ...earlyEnds(participants, WHY_ENDS),
  ]);

/** Who answers, with the whole table or a copy. */
export const askedLearns = (asked: Participant, asker: Participant, given: Shared): Disclosure[] => [
  ownerLearns(asked, asker, given),
  ...referenceLearnt(asked, asker, given),
];

function askerLearns(guest: Participant, host: Participant, given: Shared): Disclosure[] {
  const { idsMax } = given;
  const names = namesIn(given).join(", ");
  const values = {
    en: `of each of these, the values of ${names} as they are in the table of ${host.party}`,
    zh: `其中每一行在 ${host.party} 表中 ${names} 的原始取值`,
  };
  return [
    learns(guest, host, "matched-rows", {
      en: `which of its own rows ${host.party} has too, asking about ${idsMax} keys at most`,
      zh: `自己的哪些行也存在于 ${host.party}，最多查询 ${idsMax} 个键`,
    }),
    ...(names === "" ? [] : [learns(guest, host, "matched-values", values)]),
    learns(guest, host, "table-size", {
      en: `how many rows the table of ${host.party} has, rounded to a step of 1024 or to what its layout shows`,
      zh: `${host.party} 表的行数（按 1024 或存储布局取整）`,
    }),
  ];
}

const ownerLearns = (host: Participant, guest: Participant, { padTo }: Shared): Disclosure =>
  learns(host, guest, "asked-count", {
    en: `how many different keys ${guest.party} asks about, rounded up to a multiple of ${padTo}, and when; neither which, nor how many of them it has`,
    zh: `${guest.party} 查询的不同键的数量（按 ${padTo} 向上填充）与时间；不知道是哪些，也不知道命中多少`,
  });

const WHY_ENDS = {
  en: "that ids of the table are repeated or unusable (not which), that too many keys were asked about, or that the table is too large",
  zh: "表中存在重复或不可用的标识（不说明是哪些）、查询数超限，或表过大",
} as const;
