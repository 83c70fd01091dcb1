/**
 * `npm run bench`: every benchmark, or those named (`npm run bench -- he psi`).
 * Of psi: `--protocol lookup` (vole, vole-malicious, ecdh, sm2, count, lookup) and `--rows 1e7`, each several times if
 * wanted, or `--guest a.csv --host b.csv --id column` for files of one's own; `--folder` for where the files go.
 * Of regression: `--guest a.csv --host b.csv --id column --label column`, `--epochs 3`, `--batch 1024`, `--made 1000000x20x280`.
 * Of boosting: the same files and label, or `--rows 1e7 --columns 20+20`, `--trees 5`, `--depth 5`, `--bins 32`, `--scheme okamoto-uchiyama`.
 * Of features: `--made 1000000x20x80`, `--bins 20`.
 * Of engine, regression and ot: `--link 20ms,100mbit` delays and paces what goes between the parties, each way.
 * `--json` writes one object per line {bench, case, value, unit, ratio}; `--smoke` uses tiny sizes.
 */
import { parseArgs } from "node:util";
import { boostingFlags } from "./boosting-flags.ts";
import { psiFlags } from "./psi-flags.ts";
import { regressionFlags } from "./regression-flags.ts";
import { type BenchOptions, type Reporter, reporter } from "./report.ts";
import { parseLink } from "./slow-link.ts";

type Bench = (report: Reporter, options: BenchOptions) => Promise<void>;

const benches: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  transport: () => import("./transport.ts"),
  he: () => import("./he.ts"),
  psi: () => import("./psi.ts"),
  boosting: () => import("./boosting.ts"),
  serving: () => import("./serving.ts"),
  queries: () => import("./queries.ts"),
  ot: () => import("./ot.ts"),
  rlwe: () => import("./rlwe.ts"),
  engine: () => import("./engine.ts"),
  regression: () => import("./regression.ts"),
  features: () => import("./features.ts"),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: "boolean", default: false },
    smoke: { type: "boolean", default: false },
    link: { type: "string" },
    ...psiFlags,
    ...regressionFlags,
    ...boostingFlags,
  },
});
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  process.stderr.write(`unknown benchmark ${unknown.join(", ")}; there are ${Object.keys(benches).join(", ")}\n`);
  process.exit(2);
}
const report = reporter(values.json);
const link = values.link === undefined ? undefined : parseLink(values.link);
for (const [name, load] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const { bench } = await load();
  await bench(report, { smoke: values.smoke, psi: values, regression: values, boosting: values, link });
}
