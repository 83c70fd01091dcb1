/** `npm run bench`: every benchmark, or those named (`npm run bench -- he psi`). */
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

const usage = `npm run bench -- [${Object.keys(benches).join(" ")}] [options]
  --smoke                tiny sizes
  --json                 an object a line: {bench, case, value, unit, ratio}
  --link 20ms,100mbit    of engine, regression and ot: delays and paces what goes between the parties, each way
  --guest FILE --host FILE --id COLUMN [--label COLUMN]
                         of psi, regression and boosting: your own files; the guest's has the label
  --rows N               of psi and boosting: how many, e.g. 1e7; of psi several times if wanted
  --protocol NAME        of psi, several times if wanted: vole, vole-malicious, ecdh, sm2, count, lookup
  --folder FOLDER        of psi: where the files go
  --made ROWSxGUESTxHOST of regression and features: generated tables, e.g. 1000000x20x80
  --epochs N --batch N   of regression
  --columns GUEST+HOST --trees N --depth N --bins N --level NAME --scheme NAME
                         of boosting, e.g. 20+20, 5, 5, 32, shared, okamoto-uchiyama; --bins of features too
`;

function refuse(message: string): never {
  process.stderr.write(`${message}\n\n${usage}`);
  process.exit(2);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        smoke: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
        link: { type: "string" },
        ...psiFlags,
        ...regressionFlags,
        ...boostingFlags,
      },
    });
  } catch (cause) {
    return refuse(cause instanceof Error ? cause.message : "unreadable options");
  }
}

const { values, positionals } = parse();
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) refuse(`unknown benchmark ${unknown.join(", ")}`);
const report = reporter(values.json);
const link = values.link === undefined ? undefined : parseLink(values.link);
for (const [name, load] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const { bench } = await load();
  await bench(report, { smoke: values.smoke, psi: values, regression: values, boosting: values, link });
}
