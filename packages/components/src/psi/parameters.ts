import type { IdRules } from "@tombolo/protocols/psi/ids";
import { z } from "zod";
import type { TaskContext } from "../component.ts";
import { field } from "../fields.ts";
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

export const parameters = z.strictObject({
  protocol: field(
    z.enum(MATCH_PROTOCOLS).default("ecdh"),
    { en: "Protocol", zh: "协议" },
    {
      en: "How the parties match: ecdh for any number of parties, vole for two, many times faster from ten thousand rows on. Fixed by the consent.",
      zh: "求交协议：ecdh 适用于任意方数；vole 适用于两方，一万行以上快数十倍。随同意书固定。",
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
  normalise: field(
    normalise.prefault({}),
    { en: "Id rules", zh: "标识规范" },
    { en: "The same rules at every party, for every id column.", zh: "各方对所有标识列使用同一规则。" },
  ),
  duplicates: field(
    z.enum(["refuse", "remove"]).default("refuse"),
    { en: "An id in several rows", zh: "重复标识" },
    { en: "Refuse with the row numbers, or keep the first row.", zh: "拒绝并指出行号，或仅保留首行。" },
  ),
  empty: field(
    z.enum(["refuse", "remove"]).default("refuse"),
    { en: "Rows without an id", zh: "空标识" },
    { en: "Refuse with the row numbers, or leave them out.", zh: "拒绝并指出行号，或剔除。" },
  ),
  bucketRows: field(
    z
      .number()
      .int()
      .min(64)
      .max(2 ** 22)
      .default(2 ** 22),
    { en: "Rows in memory", zh: "内存中的行数" },
    {
      en: "A larger side is matched in parts of half of this at most, so that memory stays the same; two parties only.",
      zh: "较大一方超过此行数时分批求交，每批至多为其一半，内存占用因此不变；仅用于两方。",
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

export const rulesOf = ({ normalise: rules }: z.output<typeof parameters>): IdRules => rules;

export type Parameters = z.output<typeof parameters>;
export type Context = TaskContext<Parameters, Record<string, never>>;
