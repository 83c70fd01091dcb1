/** What match-count and match-sum have in common: parameters, the minimum, noise, what they say of them. */
import { TomboloError } from "@tombolo/base";
import type { CountOptions } from "@tombolo/protocols/psi/cardinality";
import { z } from "zod";
import type { Disclosure, Participant, TaskContext, Text } from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";
import { field } from "../fields.ts";
import { duplicatesRule, emptyRule, parameters as matchParameters } from "../psi/parameters.ts";

const epsilon = z.number().min(0.001).max(100).multipleOf(0.001);
const { normalise, partnerRowsMin, partnerRowsMax } = matchParameters.shape;

export const aggregateFields = {
  normalise,
  duplicates: duplicatesRule,
  empty: emptyRule,
  partnerRowsMin,
  partnerRowsMax,
  minimumMatched: field(
    z
      .number()
      .int()
      .min(1)
      .max(2 ** 26)
      .default(10),
    { en: "Fewest matches", zh: "最少匹配行数" },
    {
      en: "With fewer matched rows there is no result for anyone; a party's own minimum binds too.",
      zh: "匹配行数少于此值时任何一方都得不到结果；各机构自己的下限同样有效。",
    },
  ),
  noise: field(
    z.enum(["none", "laplace", "gaussian"]).default("none"),
    { en: "Noise", zh: "噪声" },
    {
      en: "Added by the host to all figures it releases, so that they tell little of any single row. Whether matches are too few is decided by the count as the host sees it, without this noise: runs close to the minimum can tell more.",
      zh: "由数据方加在公布的全部数值上，使其难以透露任何单独一行。匹配是否过少按数据方所见的匹配数判定，不含此噪声：接近下限的运行可能透露更多。",
    },
  ),
  epsilon: field(
    epsilon.default(1),
    { en: "Epsilon", zh: "隐私预算 ε" },
    {
      en: "Privacy of one run's whole result, where noise is added; smaller is more private.",
      zh: "加噪时一次运行全部结果的隐私预算，越小越私密。",
    },
  ),
  hideCount: field(
    epsilon.nullable().default(null),
    { en: "Hide the count from the host", zh: "对数据方隐藏匹配数" },
    {
      en: "Epsilon of the count as the host sees it, hidden among dummies; empty: the host sees it exactly.",
      zh: "数据方所见匹配数的隐私预算（以虚拟行掩盖）；留空则数据方看到准确值。",
    },
  ),
};

const schema = z.strictObject(aggregateFields);
export type AggregateParameters = z.output<typeof schema>;
type Context = TaskContext<AggregateParameters, unknown>;

/** SECURITY.md rule 9: each party's own minimum binds, whatever the flow says. */
export function checkMinimum({ parameters: { minimumMatched }, policy, self }: Context): void {
  if (minimumMatched >= policy.minimumRows) return;
  throw new TomboloError(
    "consent.minimum-rows",
    `the flow allows results over ${minimumMatched} rows, too few for a party`,
    { remedy: `Set minimumMatched to ${policy.minimumRows} or more.`, blame: self.party },
  );
}

const milli = (value: number): number => Math.round(value * 1000);

export function countOptions(context: Context): CountOptions {
  const {
    minimumMatched,
    noise,
    epsilon: given,
    hideCount,
    partnerRowsMin: min,
    partnerRowsMax: max,
  } = context.parameters;
  return {
    secrets: context.secrets,
    minimum: minimumMatched,
    noise: { kind: noise, epsilonMilli: milli(given) },
    hideFromHost: hideCount === null ? null : milli(hideCount),
    partnerRowsMin: min,
    partnerRowsMax: max,
    admit: (rows, party) => context.draw(party, rows),
    progress: ({ stage, done, total }) => context.progress({ stage, done, total }),
  };
}

export const noiseText = ({ noise, epsilon: given }: AggregateParameters): Text =>
  noise === "none"
    ? { en: "without noise", zh: "不加噪声" }
    : {
        en: `with ${noise === "laplace" ? "Laplace" : "Gaussian"} noise of epsilon ${given} a run`,
        zh: `每次运行加入 ε=${given} 的${noise === "laplace" ? "拉普拉斯" : "高斯"}噪声`,
      };

/** Who learns what besides the guest's result, which `result` tells. */
export function aggregateDisclosures(
  participants: readonly Participant[],
  given: AggregateParameters,
  result: (guest: Participant, host: Participant) => Disclosure[],
): readonly Disclosure[] {
  const why = {
    en: `that ids are repeated or unusable (not which), that a value is missing or not a number, that too few or too many rows take part, or that fewer than ${given.minimumMatched} match`,
    zh: `存在重复或不可用的标识（不说明是哪些）、取值缺失或不是数值、参与行数过少或过多，或匹配行数不足 ${given.minimumMatched}`,
  };
  return betweenTwo(participants, (guest, host) => [
    rowCount(guest, host, given),
    ...result(guest, host),
    rowCount(host, guest, given),
    learns(host, guest, "matched-count", seenByHost(host, guest, given)),
    ...earlyEnds([guest, host], why),
  ]);
}

const rowCount = (me: Participant, other: Participant, { partnerRowsMax: most }: AggregateParameters): Disclosure =>
  learns(me, other, "row-count", {
    en: `exactly how many rows of ${other.party} take part; ${me.party} itself may ask about ${most} rows at most`,
    zh: `${other.party} 参与行数的准确值；${me.party} 自身最多可用 ${most} 行参与比对`,
  });

const seenByHost = (host: Participant, guest: Participant, { hideCount }: AggregateParameters): Text =>
  hideCount === null
    ? {
        en: `exactly how many rows ${host.party} and ${guest.party} have in common, before anyone else, also if they are too few; not which`,
        zh: `先于其他各方得知与 ${guest.party} 共有行数的准确值（不足下限时亦然）；不知道是哪些行`,
      }
    : {
        en: `about how many rows ${host.party} and ${guest.party} have in common, hidden with epsilon ${hideCount} a run; not which`,
        zh: `与 ${guest.party} 共有行数的近似值（每次运行 ε=${hideCount}）；不知道是哪些行`,
      };
