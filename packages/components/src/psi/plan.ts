/**
 * Which protocol a match should run, why, and what it will take: chosen before consent, written into the flow, never
 * changed by a runner. Figures are measured on two cores that both parties share (docs/benchmarks.md); they are for a
 * person who decides whether to wait, not a promise.
 */
import type { SuiteName } from "@tombolo/protocols/psi/ecdh";
import type { Text } from "../component.ts";

export const MATCH_PROTOCOLS = ["ecdh", "vole", "multi-party"] as const;
/** Against partners that follow the protocol, or also against those that do not. */
export const SECURITY = ["semi-honest", "malicious"] as const;
export type Security = (typeof SECURITY)[number];
export type MatchProtocol = (typeof MATCH_PROTOCOLS)[number];

export const fitsParties = (protocol: MatchProtocol, parties: number): boolean => protocol !== "vole" || parties <= 2;

export interface MatchSize {
  readonly parties: number;
  /** Rows of the guest and of the largest host; null: not shown to us. */
  readonly guestRows: number | null;
  readonly hostRows: number | null;
  /** Default semi-honest. */
  readonly security?: Security;
  /** Default ristretto255. */
  readonly suite?: SuiteName;
  /** Keys tried one after the other; default 1. */
  readonly keys?: number;
}

export interface MatchPlan {
  readonly protocol: MatchProtocol;
  readonly why: Text;
  /** Null where a row count is not known. */
  readonly estimate: MatchEstimate | null;
}

export interface MatchEstimate {
  /** On one core a party, with a network that is not the bound. */
  readonly seconds: number;
  /** Sent by the guest, and received by it, over all hosts. */
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** Free disk needed at each party while it runs. */
  readonly diskBytes: number;
}

/** Below this the base oblivious transfers of VOLE cost more than multiplying every row. */
const VOLE_ROWS_MIN = 10_000;
/** Digest, row number, and the file of matched rows in the joint order. */
const DISK_BYTES_PER_ROW = 48;

interface Cost {
  readonly fixedSeconds: number;
  readonly secondsPerRow: number;
  readonly outPerGuestRow: number;
  readonly inPerGuestRow: number;
  readonly inPerHostRow: number;
}
const COSTS: Readonly<Record<MatchProtocol, Cost>> = {
  ecdh: { fixedSeconds: 0.1, secondsPerRow: 50e-6, outPerGuestRow: 42, inPerGuestRow: 32, inPerHostRow: 10 },
  vole: { fixedSeconds: 0.4, secondsPerRow: 1.2e-6, outPerGuestRow: 31, inPerGuestRow: 0, inPerHostRow: 10 },
  "multi-party": { fixedSeconds: 0.4, secondsPerRow: 1.2e-6, outPerGuestRow: 30, inPerGuestRow: 0, inPerHostRow: 22 },
};
/** Of multi-party, for each ordered pair of hosts. */
const SECONDS_PER_ROW_BETWEEN_HOSTS = 0.8e-6;

/** By the rate of its multiplications. */
const SM2_COST: Cost = { ...COSTS.ecdh, secondsPerRow: 300e-6, outPerGuestRow: 43, inPerGuestRow: 33 };

/** SHA-256 in place of fixed-key AES, tags a byte wider, checked correlations. */
const MALICIOUS_COST: Cost = { ...COSTS.vole, secondsPerRow: 1.4e-6, inPerHostRow: 11 };

export function planMatch(size: MatchSize, named: MatchProtocol | null): MatchPlan {
  const { protocol, why } = named === null ? choose(size) : { protocol: named, why: NAMED };
  return { protocol, why, estimate: estimateMatch(size, protocol) };
}

function choose({ parties, guestRows, hostRows, security, suite }: MatchSize): Omit<MatchPlan, "estimate"> {
  if (security === "malicious") return { protocol: "vole", why: MALICIOUS };
  if (suite === "sm2") return { protocol: "ecdh", why: NATIONAL };
  const larger = Math.max(guestRows ?? 0, hostRows ?? 0);
  const small = (guestRows !== null || hostRows !== null) && larger < VOLE_ROWS_MIN;
  if (small) return { protocol: "ecdh", why: SMALL };
  return parties > 2 ? { protocol: "multi-party", why: SEVERAL } : { protocol: "vole", why: LARGE };
}

/** Of several keys the first takes as long as a match alone, the others as long if it matches nothing: at most this. */
export function estimateMatch(
  { parties, guestRows, hostRows, security, suite, keys = 1 }: MatchSize,
  protocol: MatchProtocol,
): MatchEstimate | null {
  if (guestRows === null || hostRows === null) return null;
  const cost = costOf(protocol, security, suite);
  const hosts = parties - 1;
  const pairs = protocol === "multi-party" ? hosts * (hosts - 1) : 0;
  const seconds =
    cost.secondsPerRow * (guestRows + hosts * hostRows) + SECONDS_PER_ROW_BETWEEN_HOSTS * pairs * hostRows;
  return {
    seconds: keys * (cost.fixedSeconds * hosts + seconds),
    bytesOut: Math.ceil(keys * hosts * cost.outPerGuestRow * guestRows),
    bytesIn: Math.ceil(keys * hosts * (cost.inPerGuestRow * guestRows + cost.inPerHostRow * hostRows)),
    diskBytes: keys * DISK_BYTES_PER_ROW * Math.max(guestRows, hostRows),
  };
}

function costOf(protocol: MatchProtocol, security: Security | undefined, suite: SuiteName | undefined): Cost {
  if (protocol === "vole" && security === "malicious") return MALICIOUS_COST;
  return protocol === "ecdh" && suite === "sm2" ? SM2_COST : COSTS[protocol];
}

const NAMED: Text = { en: "The form names the protocol.", zh: "由表单指定协议。" };
const SEVERAL: Text = {
  en: "Three or more parties: vector oblivious evaluation between any two, so that not even several parties together see who else has an id that one of them lacks.",
  zh: "三方及以上：两两之间采用向量不经意求值（VOLE）；即使若干方串通，也看不到其中一方没有的标识在他方是否存在。",
};
const SMALL: Text = {
  en: "Small tables: multiplication on the curve starts at once and is done in a second.",
  zh: "数据量小：椭圆曲线方案无需预备，约一秒完成。",
};
const MALICIOUS: Text = {
  en: "Security against partners that depart from the protocol: vector oblivious evaluation of two parties has it.",
  zh: "防范偏离协议的对方：仅两方的向量不经意求值（VOLE）支持。",
};
const NATIONAL: Text = {
  en: "SM2 and SM3: only multiplication on the curve has them, some six times slower than on ristretto255.",
  zh: "采用国密 SM2 与 SM3：仅椭圆曲线方案支持，耗时约为 ristretto255 的六倍。",
};
const LARGE: Text = {
  en: "From ten thousand rows on: vector oblivious evaluation, about forty times faster a row than the curve and with a third of the traffic.",
  zh: "一万行以上：采用向量不经意求值（VOLE），每行速度约为椭圆曲线方案的四十倍，流量约为三分之一。",
};
