import { SUITE_NAMES } from "@tombolo/protocols/psi/ecdh";
import type { IdRules } from "@tombolo/protocols/psi/ids";
import { z } from "zod";
import type { TaskContext } from "../component.ts";
import { field, KEYS_MAX } from "../fields.ts";
import { MATCH_PROTOCOLS, SECURITY } from "./plan.ts";

const phone = z.strictObject({
  format: field(
    z.enum(["digits", "international"]).default("digits"),
    { en: "Phone format", zh: "号码格式" },
    {
      en: "Digits as they are, or country code and number.",
      zh: "仅保留数字，或统一为国家码加号码。",
    },
  ),
  countryCode: field(
    z
      .string()
      .regex(/^[1-9][0-9]{0,3}$/, "1 to 4 digits")
      .default("86"),
    { en: "Country code", zh: "国家码" },
    { en: "Put before numbers that have none.", zh: "补在没有国家码的号码前。" },
  ),
  nationalLength: field(
    z.number().int().min(4).max(15).nullable().default(11),
    { en: "Digits of a national number", zh: "国内号码位数" },
    {
      en: "Tells a number that has its country code already from one that has not.",
      zh: "用于判断号码是否已带国家码。",
    },
  ),
});

const normalise = z.strictObject({
  trim: field(
    z.boolean().default(true),
    { en: "Trim", zh: "去除首尾空白" },
    { en: "Drop white space at both ends.", zh: "去掉两端的空白字符。" },
  ),
  case: field(
    z.enum(["keep", "lower", "upper"]).default("keep"),
    { en: "Case", zh: "大小写" },
    { en: "Lower or upper case for all, or as it is.", zh: "统一为小写、大写，或保持不变。" },
  ),
  form: field(
    z.enum(["none", "NFC", "NFKC"]).default("NFC"),
    { en: "Unicode form", zh: "Unicode 规范化" },
    { en: "NFKC also makes full-width characters plain.", zh: "NFKC 还会把全角字符转为半角。" },
  ),
  phone: field(
    phone.nullable().default(null),
    { en: "Phone numbers", zh: "手机号" },
    {
      en: "How phone numbers are written the same way; none: not phone numbers.",
      zh: "如何统一手机号写法；留空表示不是手机号。",
    },
  ),
});

const DUPLICATES = { en: "An id in several rows", zh: "重复标识" };

const EMPTY = { en: "Rows without an id", zh: "空标识" };

/** Of every other kind of match. */
export const duplicatesRule = field(z.enum(["refuse", "remove"]).default("refuse"), DUPLICATES, {
  en: "Refuse with the row numbers, or keep the first row.",
  zh: "拒绝并指出行号，或仅保留首行。",
});

export const emptyRule = field(z.enum(["refuse", "remove"]).default("refuse"), EMPTY, {
  en: "Refuse with the row numbers, or leave them out.",
  zh: "拒绝并指出行号，或剔除。",
});

const ALTERNATIVES_MAX = 4;

/**
 * Buckets are padded against overflow, and a partner could fill the padding with guesses, which budgets count: a third
 * as many again as it declared at this size, ten times as many at 64, with the time and traffic of as many.
 */
export const BUCKET_ROWS_MIN = 2 ** 12;

export const parameters = z.strictObject({
  join: field(
    z.enum(["inner", "left", "difference"]).default("inner"),
    { en: "Rows kept", zh: "保留哪些行" },
    {
      en: "inner: the rows all parties have. left: all rows of the guest, the host's beside them, without values where it has none. difference: the guest's rows that the host does not have. left and difference: two parties.",
      zh: "inner：各方共有的行；left：发起方的全部行，数据方的行对齐在旁，没有的留空；difference：数据方没有的发起方的行。left 与 difference 仅用于两方。",
    },
  ),
  receivers: field(
    z.enum(["all", "guest"]).default("all"),
    { en: "Who learns the result", zh: "结果接收方" },
    {
      en: "all: each party of its own rows. guest: the guest alone; rows are not aligned then. Two parties, or several with multi-party named.",
      zh: "all：各方得知自己的行；guest：仅发起方得知，此时各方的行不对齐。guest 用于两方，或指定 multi-party 的多方。",
    },
  ),
  protocol: field(
    z.enum(MATCH_PROTOCOLS).default("ecdh"),
    { en: "Protocol", zh: "协议" },
    {
      en: "How the parties match: ecdh for any number of parties; from ten thousand rows on many times faster, vole for two and multi-party for several, which also keeps more from parties that pool what they see. Fixed by the consent.",
      zh: "求交协议：ecdh 适用于任意方数；一万行以上，vole（两方）与 multi-party（多方）快数十倍，后者在若干方串通时也透露更少。随同意书固定。",
    },
  ),
  security: field(
    z.enum(SECURITY).default("semi-honest"),
    { en: "Against which partner", zh: "安全模型" },
    {
      en: "semi-honest: partners follow the protocol, and may draw what conclusions they can. malicious: also partners that depart from it; two parties, with vole.",
      zh: "semi-honest：假定对方遵守协议，仅可能从所得信息推断；malicious：也防范偏离协议的对方，仅用于两方的 vole。",
    },
  ),
  suite: field(
    z.enum(SUITE_NAMES).default("ristretto255"),
    { en: "Curve and hash", zh: "算法套件" },
    {
      en: "Of ecdh between two parties: ristretto255 with SHA-2, or sm2: SM2's curve with SM3 (GB/T 32918, GB/T 32905), some six times slower.",
      zh: "两方 ecdh 所用算法：ristretto255 与 SHA-2；或 sm2：国密 SM2 曲线与 SM3 杂凑（GB/T 32918、GB/T 32905），耗时约为前者的六倍。",
    },
  ),
  normalise: field(
    normalise.prefault({}),
    { en: "Id rules", zh: "标识规范" },
    { en: "The same rules at every party, for every id column.", zh: "各方对所有标识列使用同一规则。" },
  ),
  columnRules: field(
    z.array(normalise.nullable()).max(KEYS_MAX).default([]),
    { en: "Rules of single id columns", zh: "单列标识规范" },
    {
      en: "For the first, second, ... id column in place of the id rules; null: the id rules.",
      zh: "依次用于第一、第二……个标识列，替代统一规范；null 表示沿用统一规范。",
    },
  ),
  keys: field(
    z
      .array(z.array(z.number().int().min(1).max(KEYS_MAX)).min(1).max(KEYS_MAX))
      .max(ALTERNATIVES_MAX)
      .default([]),
    { en: "Alternative keys", zh: "备选匹配键" },
    {
      en: "Keys to match by, one after the other, each a list of id columns by number: [[1], [2, 3]] matches by the first id column and the rows that are left by the second and third together. Empty: one key of all id columns. Two parties only.",
      zh: "依次使用的匹配键，每个键为标识列序号的列表：[[1], [2, 3]] 先按第一列匹配，余下的行再按第二、三列组合匹配。留空则由全部标识列组成一个键。仅用于两方。",
    },
  ),
  duplicates: field(z.enum(["refuse", "remove", "many-to-one"]).default("refuse"), DUPLICATES, {
    en: "refuse: with the row numbers. remove: only the first row takes part. many-to-one: the guest may have several rows of an id, and the host's one row is beside each of them; refused at the host. Two parties only.",
    zh: "refuse：拒绝并指出行号；remove：仅首行参与；many-to-one：发起方同一标识可有多行，数据方的一行与每一行对齐，数据方自身重复则拒绝，仅用于两方。",
  }),
  empty: field(z.enum(["refuse", "remove"]).default("refuse"), EMPTY, {
    en: "refuse: with the row numbers. remove: they take no part. Of several keys one usable is enough.",
    zh: "refuse：拒绝并指出行号；remove：不参与匹配。有多个匹配键时，有一个可用即可。",
  }),
  bucketRows: field(
    z
      .number()
      .int()
      .min(BUCKET_ROWS_MIN)
      .max(2 ** 22)
      .default(2 ** 22),
    { en: "Rows in memory", zh: "内存中的行数" },
    {
      en: "A larger side is matched in parts of half of this at most, so that memory stays the same; several parties share it. Not for ecdh with several.",
      zh: "较大一方超过此行数时分批求交，每批至多为其一半，内存占用因此不变；多方时由各方分摊，多方 ecdh 不适用。",
    },
  ),
  partnerRowsMin: field(
    z
      .number()
      .int()
      .min(1)
      .max(2 ** 27)
      .default(1),
    { en: "Fewest rows of a partner", zh: "对方最少行数" },
    {
      en: "A partner that declares fewer is refused before any id leaves.",
      zh: "对方声明的行数少于此值时，在任何标识发出前即拒绝。",
    },
  ),
  partnerRowsMax: field(
    z
      .number()
      .int()
      .min(1)
      .max(2 ** 27)
      .default(2 ** 27),
    { en: "Most rows of a partner", zh: "对方最多行数" },
    {
      en: "A partner that declares more is refused before any id leaves; set it near the real size, so that nobody can ask about guessed ids by the million.",
      zh: "对方声明的行数超过此值时，在任何标识发出前即拒绝；请按实际规模设置，以防对方大量试探猜测的标识。",
    },
  ),
});

export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;

/** Of each id column. */
export const rulesOf = ({ normalise: all, columnRules }: Parameters, columns: number): IdRules[] =>
  Array.from({ length: columns }, (_, i) => columnRules[i] ?? all);
