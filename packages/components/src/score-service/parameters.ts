import { z } from "zod";
import { columnName, field } from "../fields.ts";
import { parameters as matchParameters } from "../psi/parameters.ts";
import { bandsOf } from "../scoring.ts";
import { until } from "../service.ts";

const { normalise, empty } = matchParameters.shape;

const HOURS_MAX = 24 * 366 * 10;
export const staleAfterHours = field(
  z.number().positive().max(HOURS_MAX).nullable().default(null),
  { en: "Features are good for (hours)", zh: "特征有效期（小时）" },
  { en: "Older ones are not used; none: no limit.", zh: "超过有效期的特征不使用；留空表示不限。" },
);
const BANDS_MAX = 50;
export const REASONS_MAX = 10;

const instead = z.enum(["refuse", "fallback", "default"]).default("refuse");
const INSTEAD = {
  en: "refuse: the row gets no score. fallback: the guest-only model scores it. default: it gets the default score. Each answer says so.",
  zh: "refuse：该行不打分；fallback：由发起方单方模型打分；default：给出默认分。每个结果都会注明。",
};

/** What callers get, and by which rule where there is no score. */
export const answering = {
  output: field(
    z.enum(["score", "band", "decision"]).default("score"),
    { en: "Answer", zh: "返回形式" },
    {
      en: "What callers get: the score itself, the name of its band, or that of its decision. The guest's node sees the score in any case.",
      zh: "调用方得到：分数、分段名称或决策名称。发起方节点始终可见分数。",
    },
  ),
  bands: bandsOf(BANDS_MAX),
  reasons: field(
    z.number().int().min(0).max(REASONS_MAX).default(0),
    { en: "Reason codes", zh: "原因码数量" },
    { en: "So many features that moved the score most; 0: none.", zh: "给出对分数影响最大的若干特征；0 表示不给出。" },
  ),
  hostReasons: field(
    z.boolean().default(false),
    { en: "Hosts' features in reasons", zh: "原因码含数据方特征" },
    {
      en: "Callers also see how much a host's features moved a score, by their anonymous numbers.",
      zh: "调用方还会看到数据方特征（以匿名编号表示）对分数的影响。",
    },
  ),
  unknownId: field(instead, { en: "Id unknown to a host", zh: "数据方无此标识" }, INSTEAD),
  staleFeature: field(instead, { en: "Features too old", zh: "特征过旧" }, INSTEAD),
  missingHost: field(instead, { en: "Host not there", zh: "数据方离线" }, INSTEAD),
  timeOut: field(instead, { en: "Host too late", zh: "数据方超时" }, INSTEAD),
  defaultScore: field(
    z.number().nullable().default(null),
    { en: "Default score", zh: "默认分" },
    { en: "Where the policy says default.", zh: "策略为 default 时给出的分数。" },
  ),
  timeoutMs: field(
    z.number().int().min(10).max(20_000).default(1000),
    { en: "Time-out of a host (ms)", zh: "数据方超时（毫秒）" },
    { en: "How long an answer waits for a host.", zh: "等待数据方的最长时间。" },
  ),
};
const whole = z.strictObject(answering);
/** A class is of models of several. */
export type Answering = Omit<z.output<typeof whole>, "output"> & {
  readonly output: z.output<typeof whole>["output"] | "class";
};

export const parameters = z.strictObject({
  until,
  normalise,
  duplicates: field(
    z.enum(["refuse", "remove"]).default("refuse"),
    { en: "Repeated ids", zh: "重复标识" },
    {
      en: "In a host's table: refused, or only the first row of an id counts.",
      zh: "数据方表中的重复标识：拒绝，或仅首行有效。",
    },
  ),
  empty,
  ...answering,
  staleAfterHours,
  rowsMax: field(
    z.number().int().min(1).max(50_000_000).default(5_000_000),
    { en: "Most rows of a host", zh: "数据方最多行数" },
    { en: "Held in memory while the service runs.", zh: "服务运行期间保存在内存中。" },
  ),
});

export const partyParameters = z.strictObject({
  asOf: field(
    columnName.nullable().default(null),
    { en: "Date of the features", zh: "特征时间列" },
    {
      en: "Of a host: a column that says when a row's features were true, in seconds since 1970 or as text such as 2026-01-31; none: when the service starts.",
      zh: "数据方：记录特征时间的列，为 1970 年以来的秒数或 2026-01-31 这样的文本；留空表示服务启动时刻。",
    },
  ),
});

export type Parameters = Omit<z.output<typeof parameters>, "output"> & Pick<Answering, "output">;
export type PartyParameters = z.output<typeof partyParameters>;
export type Instead = z.output<typeof instead>;
