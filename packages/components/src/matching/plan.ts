/** What matches other than psi will take; figures as in packages/protocols, psi/cardinality, psi/sum and psi/labelled. */
import type { Text } from "../component.ts";
import type { MatchEstimate, MatchSize } from "../psi/plan.ts";

export type AggregateKind = "count" | "sum" | "label";
export interface AggregatePlan {
  readonly protocol: "cardinality" | "sum" | "labelled";
  readonly why: Text;
  readonly estimate: MatchEstimate | null;
}

interface Cost {
  readonly fixedSeconds: number;
  readonly secondsPerRow: number;
  readonly secondsPerHostRow: number;
  readonly outPerGuestRow: number;
  readonly outPerHostRow: number;
  readonly inPerHostRow: number;
}
const COSTS: Readonly<Record<AggregateKind, Cost>> = {
  count: {
    fixedSeconds: 0.1,
    secondsPerRow: 50e-6,
    secondsPerHostRow: 0,
    outPerGuestRow: 32,
    outPerHostRow: 10,
    inPerHostRow: 32,
  },
  // Two keys are made first; three encryptions a host row, and two ciphertexts of 512 bytes go back for one that comes.
  sum: {
    fixedSeconds: 1,
    secondsPerRow: 50e-6,
    secondsPerHostRow: 0.6e-3,
    outPerGuestRow: 32,
    outPerHostRow: 1034,
    inPerHostRow: 544,
  },
  // Of labels of some 40 bytes a row; the correlations of the malicious setting are most of the time.
  label: {
    fixedSeconds: 1,
    secondsPerRow: 3e-6,
    secondsPerHostRow: 0,
    outPerGuestRow: 40,
    outPerHostRow: 0,
    inPerHostRow: 52,
  },
};

const PROTOCOLS = {
  count: "cardinality",
  sum: "sum",
  label: "labelled",
} as const satisfies Record<AggregateKind, AggregatePlan["protocol"]>;

/** There is one protocol for each, so nothing to choose; nothing is written to disk on the way. */
export function planAggregate({ guestRows, hostRows }: MatchSize, kind: AggregateKind): AggregatePlan {
  const plan = { protocol: PROTOCOLS[kind], why: WHY[kind] };
  if (guestRows === null || hostRows === null) return { ...plan, estimate: null };
  const cost = COSTS[kind];
  const estimate = {
    seconds: cost.fixedSeconds + cost.secondsPerRow * (guestRows + hostRows) + cost.secondsPerHostRow * hostRows,
    bytesOut: cost.outPerGuestRow * guestRows + cost.outPerHostRow * hostRows,
    bytesIn: cost.inPerHostRow * hostRows,
    diskBytes: 0,
  };
  return { ...plan, estimate };
}

const WHY: Readonly<Record<AggregateKind, Text>> = {
  count: {
    en: "Only the count: multiplication on the curve, shuffled, so that neither side learns which rows.",
    zh: "只求数量：椭圆曲线乘法加打乱次序，双方都不知道是哪些行。",
  },
  sum: {
    en: "Only sums: values travel encrypted and shuffled, and are added up before anyone can read them.",
    zh: "只求总和：取值加密并打乱次序后传输，在任何一方能读取之前先行相加。",
  },
  label: {
    en: "Columns with the match: every value travels under a key that only who has its id can make, held against partners that depart from the protocol.",
    zh: "匹配并取数：每个取值都用仅持有对应标识者能得出的密钥加密传输，并防范偏离协议的对方。",
  },
};
