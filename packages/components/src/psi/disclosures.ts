/** What each party of a match learns, by what the flow chose. */
import type { Disclosure, Participant } from "../component.ts";
import { earlyEnds, learns, namesOf, sidesOf } from "../disclosing.ts";
import { isOneSided, isStar } from "./choices.ts";
import type { Parameters } from "./parameters.ts";

export function disclosures(participants: readonly Participant[], given: Parameters): Disclosure[] {
  const sides = sidesOf(participants);
  if (sides === undefined) return [];
  const { guest, hosts } = sides;
  const [host] = hosts;
  const all = [guest, ...hosts];
  const star = isStar(given, participants);
  const rows = hosts.length === 1 ? betweenTwo(guest, host!, given) : amongAll(all, guest, star, given);
  const trusting = all.flatMap((me) =>
    all
      .filter((other) => other !== me && (!star || me === guest || other === guest))
      .map((other) => trust(me, other, given)),
  );
  return [...rows, ...(star ? coalitions(guest, hosts) : []), ...trusting, ...earlyEnds(all, whyEarly(given))];
}

/** What the star of psi/ecdh does not keep from several parties together, and psi/multi-party does. */
const coalitions = (guest: Participant, hosts: readonly Participant[]): Disclosure[] =>
  hosts.map((host) => {
    const others = namesOf(hosts.filter((each) => each !== host));
    return learns(guest, host, "coalition", {
      en: `only together with ${others}: which of its own rows ${host.party} has, whether ${others} have them or not`,
      zh: `仅当与 ${others} 串通时：自己的哪些行在 ${host.party} 存在，不论 ${others} 是否拥有`,
    });
  });

/** How far what stands above binds a partner that breaks the rules. */
function trust(me: Participant, other: Participant, { security, protocol, suite }: Parameters): Disclosure {
  if (security === "malicious")
    return learns(me, other, "security-model", {
      en: `nothing more by departing from the protocol, but that it may put in up to three times the rows it declares, or any ids it guesses, and end the match before ${other.party} has its result`,
      zh: `即使偏离协议也不会得到更多信息，但可投入至多约三倍于声明行数的数据或任意猜测的标识，并可在 ${other.party} 得到结果前中止`,
    });
  const beyond =
    protocol !== "ecdh"
      ? {
          en: `test guessed ids against ${other.party}'s rows beyond the stated number, and `,
          zh: `超出所述行数用猜测的标识试探 ${other.party} 的数据，并`,
        }
      : { en: "", zh: "" };
  const curve =
    suite === "sm2"
      ? { en: " and nobody solves Diffie-Hellman on SM2's curve", zh: "（基于 SM2 曲线上的 Diffie-Hellman 困难问题）" }
      : { en: "", zh: "" };
  return learns(me, other, "security-model", {
    en: `nothing more as long as it follows the protocol (semi-honest)${curve.en}; by departing from it, it could ${beyond.en}falsify the result`,
    zh: `遵守协议（半诚实）时不会得到更多信息${curve.zh}；若偏离协议，则可能${beyond.zh}篡改结果`,
  });
}

function amongAll(all: readonly Participant[], guest: Participant, star: boolean, given: Parameters): Disclosure[] {
  return all.flatMap((me) => {
    const others = all.filter((each) => each !== me);
    return others.flatMap((other): Disclosure[] => [
      ...(!star || me === guest || other === guest ? [rowCount(me, other, given)] : []),
      isOneSided(given) && me !== guest
        ? nothingMore(me, other)
        : learns(me, other, "matched-rows", {
            en: `which of its own rows all of ${namesOf(others)} have too, hence how many; not which rows only some of them have`,
            zh: `自己的哪些行在 ${namesOf(others)} 全部存在（从而知道数量）；不会知道哪些行仅部分机构拥有`,
          }),
    ]);
  });
}

function betweenTwo(guest: Participant, host: Participant, given: Parameters): Disclosure[] {
  const both = !isOneSided(given);
  return [
    rowCount(guest, host, given),
    matchedRows(guest, host),
    ...byKey(guest, host, given),
    rowCount(host, guest, given),
    ...(both ? [matchedRows(host, guest), ...byKey(host, guest, given)] : [nothingMore(host, guest)]),
    ...(both && given.duplicates === "many-to-one" ? [copies(host, guest)] : []),
    ...(given.join === "left" ? [restCount(host, guest)] : []),
  ];
}

function rowCount(me: Participant, other: Participant, given: Parameters): Disclosure {
  const most = given.partnerRowsMax;
  // Who learns nothing of ids asks about none.
  const asks = !(isOneSided(given) && me.role === "host");
  return learns(me, other, "row-count", {
    en: `exactly how many rows of ${other.party} take part${asks ? `; ${me.party} itself may ask about ${most} rows at most${perKey(given).en}` : ""}`,
    zh: `${other.party} 参与行数的准确值${asks ? `；${me.party} 自身最多可用 ${most} 行参与比对${perKey(given).zh}` : ""}`,
  });
}

const perKey = ({ keys }: Parameters) =>
  keys.length > 1
    ? { en: `, by each of ${keys.length} keys`, zh: `（${keys.length} 个匹配键各计一次）` }
    : { en: "", zh: "" };

const matchedRows = (me: Participant, other: Participant): Disclosure =>
  learns(me, other, "matched-rows", {
    en: `which of its own rows ${other.party} has too, hence how many; nothing about rows that did not match`,
    zh: `自己的哪些行在 ${other.party} 也存在（从而知道数量）；未匹配的行不会透露`,
  });

/** Of several keys. */
function byKey(me: Participant, other: Participant, given: Parameters): Disclosure[] {
  if (given.keys.length < 2) return [];
  const left = isOneSided(given)
    ? { en: "", zh: "" }
    : {
        en: `; hence how many rows of ${other.party} are left after each`,
        zh: `；从而知道每一轮之后 ${other.party} 剩余的行数`,
      };
  return [
    learns(me, other, "matched-by-key", {
      en: `by which of the ${given.keys.length} keys each of them matched${left.en}`,
      zh: `每一行由 ${given.keys.length} 个匹配键中的哪一个匹配上${left.zh}`,
    }),
  ];
}

const nothingMore = (host: Participant, guest: Participant): Disclosure =>
  learns(host, guest, "one-sided", {
    en: `neither which of its rows ${guest.party} has, nor how many`,
    zh: `不会得知自己的哪些行在 ${guest.party} 存在，也不会得知数量`,
  });

const copies = (host: Participant, guest: Participant): Disclosure =>
  learns(host, guest, "row-copies", {
    en: `of each of its matched rows, how many rows of ${guest.party} have that id`,
    zh: `自己每一匹配行的标识在 ${guest.party} 有多少行`,
  });

const restCount = (host: Participant, guest: Participant): Disclosure =>
  learns(host, guest, "rest-count", {
    en: `how many rows of ${guest.party} have no row beside them; nothing else about these rows`,
    zh: `${guest.party} 有多少行没有对应的行；除数量外不透露这些行的任何内容`,
  });

/** A failure is seen by all; where the guest alone learns, none depends on what matched. */
function whyEarly({ receivers, join }: Parameters) {
  const nothing = receivers === "all" && join === "inner";
  return {
    en: `that ids are repeated or unusable (not which), ${nothing ? "that too few or too many rows take part, or that nothing matched" : "or that too few or too many rows take part"}`,
    zh: `存在重复或不可用的标识（不说明是哪些）、${nothing ? "参与行数过少或过多，或没有任何匹配" : "或参与行数过少或过多"}`,
  };
}
