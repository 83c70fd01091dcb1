/**
 * What standard errors of a logistic regression cost beside its training: from the last step on, over mutual TLS on loopback. They grow with rows
 * times columns, and with the cube of the columns of both.
 */
import { defaultParameters } from "@tombolo/federated/vertical/regression";
import { madeUp } from "./regression-data.ts";
import { trainBoth } from "./regression-run.ts";
import type { Reporter } from "./report.ts";

/** With the constant. */
const COLUMNS = [8, 16, 32, 64];
const ROWS = 10_000;

export async function benchErrors(report: Reporter, smoke: boolean): Promise<void> {
  for (const columns of smoke ? [7] : COLUMNS) {
    const rows = smoke ? 300 : ROWS;
    const [own, theirs] = [Math.ceil(columns / 2) - 1, Math.floor(columns / 2)];
    const both = await trainBoth(madeUp(rows, own, theirs), {
      ...defaultParameters,
      ...{ missing: "mean", tolerance: 1e-3, inference: true },
    });
    const name = `${rows.toLocaleString("en")} rows, standard errors of ${columns} columns`;
    const row = (what: string, value: number, unit: string): void =>
      report.row({ bench: "regression", case: name + what, value, unit });
    const [guest] = both;
    row("", guest.seconds - guest.stepSeconds.at(-1)!, "s");
    const cpuSeconds = both.reduce((sum, each) => sum + each.cpuSeconds - each.stepCpuSeconds.at(-1)!, 0);
    row(", processor time of both", cpuSeconds, "s");
    row(", bytes", (guest.bytes - guest.stepBytes.at(-1)!) / 1e6, "MB");
    row(
      ", processor time of both of the training",
      both.reduce((sum, each) => sum + each.stepCpuSeconds.at(-1)!, 0),
      "s",
    );
  }
}
