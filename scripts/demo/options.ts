import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { TomboloError } from "@tombolo/base";

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** One organisation of the demo and the file it brings. */
export interface DemoParty {
  readonly id: string;
  readonly name: string;
  readonly file: string;
  readonly datasetName: string;
}

export interface Plan {
  /** Everything the demo makes is below this folder. */
  readonly folder: string;
  readonly guest: DemoParty;
  readonly hosts: readonly DemoParty[];
  readonly keys: readonly string[];
  readonly label: string;
  readonly once: boolean;
  readonly clean: boolean;
  readonly help: boolean;
  readonly json: string | null;
  readonly trees: number;
  readonly depth: number;
  readonly bins: number;
  readonly seed: number;
}

const STORIES = {
  credit: { guest: ["bank", "Harbour Bank"], host: ["telco", "Coastal Telecom"], label: "default" },
  churn: { guest: ["operator", "Coastal Telecom"], host: ["payments", "Lighthouse Payments"], label: "churned" },
} as const;

export const usage = `npm run demo -- [options]
  --once                 end after the job, exit code 0 if all went well
  --dataset credit|churn which example to run (default credit)
  --guest FILE --host FILE [--host FILE...] --id COLUMN --label COLUMN
                         your own CSV or Parquet files; the guest's has the label
  --json FILE            write rows, AUC and KS (regression: RMSE, R2), seconds and bytes
  --trees N --depth N --bins N --seed N
                         50, 4, 32 and 7 unless told
  --clean                stop nothing, remove everything the demo made, and end
  --help                 say this, and end`;

/** Everything the demo makes is below this folder. */
export const demoFolder = (): string => process.env.TOMBOLO_DEMO_DIR ?? join(root, ".tombolo", "demo");

const wrong = (message: string): TomboloError => new TomboloError("input.demo", message, { remedy: usage });

/** Throws `input.demo` naming the first thing that is wrong. */
export function readOptions(argv: readonly string[]): Plan {
  const values = parse(argv);
  const folder = demoFolder();
  const settings = {
    once: values.once === true,
    clean: values.clean === true,
    help: values.help === true,
    json: values.json === undefined ? null : resolve(values.json),
    trees: whole("trees", values.trees, 50, 1, 1000),
    depth: whole("depth", values.depth, 4, 1, 10),
    bins: whole("bins", values.bins, 32, 2, 255),
    seed: whole("seed", values.seed, 7, 0, 2 ** 32 - 1),
  };
  return values.guest === undefined && values.host === undefined
    ? { ...settings, ...exampleStory(values.dataset ?? "credit", folder) }
    : { ...settings, ...ownStory(values, folder) };
}

function parse(argv: readonly string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...argv],
      options: {
        once: { type: "boolean" },
        clean: { type: "boolean" },
        help: { type: "boolean" },
        dataset: text,
        guest: text,
        host: { ...text, multiple: true },
        id: text,
        label: text,
        json: text,
        trees: text,
        depth: text,
        bins: text,
        seed: text,
      },
    }).values;
  } catch (cause) {
    throw wrong(cause instanceof Error ? cause.message : "unreadable options");
  }
}

function whole(name: string, text: string | undefined, otherwise: number, min: number, max: number): number {
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw wrong(`--${name} is a whole number from ${min} to ${max}, not "${text}"`);
  return value;
}

function exampleStory(dataset: string, folder: string) {
  if (dataset !== "credit" && dataset !== "churn")
    throw wrong(`there is no example "${dataset}"; there are credit and churn`);
  const story = STORIES[dataset];
  const party = ([id, name]: readonly [string, string]): DemoParty => ({
    id,
    name,
    file: join(root, "examples", dataset, `${id}.csv`),
    datasetName: `${name}: customers`,
  });
  return {
    folder: join(folder, dataset),
    guest: party(story.guest),
    hosts: [party(story.host)],
    keys: ["phone"],
    label: story.label,
  };
}

function ownStory(values: ReturnType<typeof parse>, folder: string) {
  const { guest, host, id, label } = values;
  if (guest === undefined || host === undefined) throw wrong("own files need both --guest and --host");
  if (id === undefined || label === undefined)
    throw wrong("own files need --id (the column to match on) and --label (what to predict)");
  const party = (path: string, name: string): DemoParty => {
    // npm runs scripts in the project's folder; paths are meant from where the user stands.
    const file = resolve(process.env.INIT_CWD ?? ".", path);
    if (!existsSync(file)) throw wrong(`there is no file ${path}`);
    const digest = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 8);
    return { id: name, name: name[0]!.toUpperCase() + name.slice(1), file, datasetName: `${basename(file)} ${digest}` };
  };
  const hosts = host.map((path, index) => party(path, host.length === 1 ? "host" : `host-${index + 1}`));
  return {
    folder: join(folder, `own-${hosts.length}`),
    guest: party(guest, "guest"),
    hosts,
    keys: id.split(","),
    label,
  };
}
