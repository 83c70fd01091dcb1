import { BATCH_OTS } from "@tombolo/protocols/oblivious-transfer/softspoken";
import type { OtFigures, OtOrder } from "./ot-party.ts";
import { type Parties, withParties } from "./party-process.ts";
import type { BenchOptions, Reporter } from "./report.ts";
import { x25519PerSecond } from "./x25519.ts";

const PARTY = new URL("./ot-party.ts", import.meta.url);
const SOURCES = [4, 8, "silent"] as const;
const MADE = ["correlated", "random", "tables"] as const;

export async function bench(report: Reporter, { smoke, link }: BenchOptions): Promise<void> {
  const yardstick = x25519PerSecond(smoke ? 50 : 500);
  report.row({ bench: "ot", case: "yardstick: X25519", value: yardstick, unit: "op/s" });
  // Over a slow link a call takes as long as 33 do without.
  const [count, calls] = smoke ? [1024, 2] : [BATCH_OTS, link === undefined ? 33 : 5];
  const all = async ([bank, telco]: Parties<OtOrder>): Promise<void> => {
    for (const source of smoke ? SOURCES.slice(0, 1) : SOURCES)
      for (const made of MADE) {
        const order = { session: `${source}-${made}`, source, made, count, calls } as const;
        const both = (await Promise.all([
          bank.do({ ...order, role: "sender" }),
          telco.do({ ...order, role: "receiver" }),
        ])) as [OtFigures, OtFigures];
        if (made === "correlated") requireRight(both);
        print(report, order, both, yardstick);
      }
  };
  await withParties<OtOrder, void>(PARTY, all, { link });
}

function print(
  report: Reporter,
  { source, made, count, calls }: Omit<OtOrder, "role">,
  [one, other]: readonly [OtFigures, OtFigures],
  yardstick: number,
): void {
  const name = `${source === "silent" ? "silent" : `SoftSpoken, k = ${source}`}: ${made}`;
  const mean = (of: (i: number) => number): number =>
    Array.from({ length: calls - 1 }, (_, i) => of(i + 1)).reduce((sum, each) => sum + each, 0) / (calls - 1);
  const perSecond = count / mean((i) => Math.max(one.calls[i]!.seconds, other.calls[i]!.seconds));
  const row = (what: string, value: number, unit: string): void =>
    report.row({ bench: "ot", case: `${name}${what}`, value, unit });
  report.row({ bench: "ot", case: name, value: perSecond, unit: "op/s", ratio: perSecond / yardstick });
  row(
    ", processor time of both",
    (1e9 / count) * mean((i) => one.calls[i]!.cpuSeconds + other.calls[i]!.cpuSeconds),
    "ns",
  );
  row(", bytes each", mean((i) => one.calls[i]!.bytes) / count, "B");
  row(", set-up and first call", Math.max(one.calls[0]!.seconds, other.calls[0]!.seconds), "s");
  row(", peak memory", Math.max(one.peakBytes, other.peakBytes) / 2 ** 20, "MiB");
}

/** q = t + choice·delta. */
function requireRight([{ sample: sent }, { sample: received }]: readonly [OtFigures, OtFigures]): void {
  const [delta, q] = sent as [Uint8Array, Uint8Array];
  const [choices, t] = received as [Uint8Array, Uint8Array];
  const right = q.every((byte, at) => {
    const transfer = at >> 4;
    const chosen = (choices[transfer >> 3]! >> (transfer & 7)) & 1;
    return byte === (t[at]! ^ (chosen * delta[at & 15]!));
  });
  if (!right) throw new Error("a wrong transfer");
}
