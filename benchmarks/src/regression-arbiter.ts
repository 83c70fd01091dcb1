/**
 * Logistic regression with an arbiter, three processes over mutual TLS on loopback: the form by additive encryption, for who has to have one. Seconds
 * an epoch of all rows with everything, processor time of all three, bytes, and the joint AUC beside that of a plain fit.
 */
import { auc, rank } from "@tombolo/federated/evaluation";
import { type ArbiterParameters, defaultArbiterParameters } from "@tombolo/federated/vertical/regression";
import { type Parties, withParties } from "./party-process.ts";
import type { ArbiterFigures, ArbiterOrder } from "./regression-arbiter-party.ts";
import type { JoinedTable } from "./regression-data.ts";
import { withTables } from "./regression-tables.ts";
import type { Reporter } from "./report.ts";

const PARTY = new URL("./regression-arbiter-party.ts", import.meta.url);

export interface ArbiterCase {
  readonly name: string;
  readonly epochs: number;
  readonly rowsPerTerm: number;
}

export async function benchArbiter(report: Reporter, table: JoinedTable, about: ArbiterCase): Promise<void> {
  for (const keyBits of [3072, 2048] as const) {
    const { epochs, rowsPerTerm } = about;
    const parameters = { ...defaultArbiterParameters, keyBits, epochs, rowsPerTerm, missing: "mean" } as const;
    const row = (what: string, value: number, unit: string): void =>
      report.row({ bench: "regression", case: `${about.name} with an arbiter, ${keyBits} bits${what}`, value, unit });
    const all = await trainAll(table, parameters);
    const [guest, host] = all;
    row("", guest!.seconds / guest!.epochs, "s/epoch");
    row(
      ", processor time of all three",
      all.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / guest!.epochs,
      "s/epoch",
    );
    row(", bytes", all.reduce((sum, { bytes }) => sum + bytes, 0) / 2e6, "MB");
    row(", peak memory", Math.max(...all.map(({ peakBytes }) => peakBytes)) / 2 ** 20, "MiB");
    const scores = guest!.contributions.map((own, i) => own + host!.contributions[i]!);
    row(", joint AUC", auc(rank(table.labels, scores)) ?? Number.NaN, "");
  }
}

/** The arbiter's figures last. */
const trainAll = (table: JoinedTable, parameters: ArbiterParameters): Promise<ArbiterFigures[]> =>
  withTables(table, ({ guest, host }) => {
    const order = (path: string | null, columns: JoinedTable["guest"]): ArbiterOrder => ({
      ...{ path, rowCount: table.labels.length, parameters },
      names: columns.map(({ name }) => name),
    });
    const orders = [order(guest, table.guest), order(host, table.host), order(null, [])];
    const train = async (parties: Parties<ArbiterOrder>): Promise<ArbiterFigures[]> =>
      (await Promise.all(parties.map((party, i) => party.do(orders[i]!)))) as ArbiterFigures[];
    return withParties<ArbiterOrder, ArbiterFigures[]>(PARTY, train, { count: 3 });
  });
