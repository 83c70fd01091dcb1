/** What can be wrong on this machine, each with what to do. Checks change nothing. */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { TomboloError } from "@tombolo/base";
import { kernelsKind } from "@tombolo/kernels";
import type { DoctorReport } from "@tombolo/sdk";
import { countIssuerKeys } from "../auth/issuer-keys.ts";
import { isLoopback } from "../auth/origin.ts";
import { requireDiskSpace } from "../config/data-folder.ts";
import { ownSigningKeys } from "../config/keys.ts";
import type { NodeContext } from "../context.ts";
import { verifyJournal } from "../journal/verify.ts";

const WARN_DAYS = 60;

type Step = DoctorReport["steps"][number];

/** Answers what was found; throws with a remedy when it is not well. */
type Check = (context: NodeContext) => Promise<string>;

const checks: Readonly<Record<string, Check>> = {
  disk: async ({ paths, config }) => {
    await requireDiskSpace(paths, config.limits.diskFreeBytesMin);
    return "enough free space on the data directory's disk";
  },
  keys: async ({ paths }) => {
    const mode = (await stat(paths.keys)).mode & 0o077;
    if (mode !== 0)
      throw new TomboloError("input.keys", "the keys folder is open to other accounts", { remedy: "chmod 700 it." });
    return "keys are readable by their owner only";
  },
  certificates: async ({ keys, clock }) => {
    const [partners, console] = [keys.tls, keys.console].map(
      ({ certificatePem }) => new X509Certificate(certificatePem).validToDate,
    ) as [Date, Date];
    const daysLeft = (end: Date): number => Math.floor((end.getTime() - clock.now().getTime()) / 86_400_000);
    const day = (end: Date): string => end.toISOString().slice(0, 10);
    if (daysLeft(partners) < WARN_DAYS)
      throw new TomboloError(
        "input.keys",
        `the certificate that partners know ends in ${daysLeft(partners)} days, on ${day(partners)}`,
        { remedy: "Run `tombolo keys rotate` now: every partner has to learn the next one before then." },
      );
    if (daysLeft(console) < WARN_DAYS)
      throw new TomboloError("input.keys", `the console's certificate ends on ${day(console)}`, {
        remedy: "Restart the node: it makes a new one.",
      });
    return `certificates are good until ${day(partners < console ? partners : console)}`;
  },
  database: async ({ store }) => {
    const started = performance.now();
    await store.db.selectFrom("journal_head").select("size").execute();
    return `${store.kind} answers in ${Math.ceil(performance.now() - started)} ms`;
  },
  "online store": async ({ onlineStore }) => {
    if (onlineStore === undefined) return "services hold rows in memory: no online store is configured";
    const started = performance.now();
    await onlineStore.check();
    return `${onlineStore.kind} answers in ${Math.ceil(performance.now() - started)} ms`;
  },
  journal: async ({ store, config, keys }) => {
    const { ok, entries, problems } = await verifyJournal(store, config.party, ownSigningKeys(keys));
    if (!ok)
      throw new TomboloError(
        "state.journal",
        `the journal has ${problems.length} problem(s): ${problems[0]?.message}`,
        {
          remedy: "Restore the database from a backup, and tell partners.",
        },
      );
    return `${entries} entries verified`;
  },
  clock: async ({ clock }) => {
    const year = clock.now().getUTCFullYear();
    if (year < 2026 || year > 2100)
      throw new TomboloError("resource.clock", `this machine's clock says ${year}`, {
        remedy: "Set the time (NTP): signatures expire within a minute.",
      });
    return clock.now().toISOString();
  },
  kernels: async () =>
    kernelsKind === "native"
      ? "native kernels are in use"
      : "reference kernels are in use: right, but slow. Install Rust and run `npm run setup`",
  console: async ({ config }) => {
    if (!existsSync(join(consoleFolder, "index.html")))
      throw new TomboloError("state.console", "the console is not built", {
        remedy: "Run `npm run setup` in the repository.",
      });
    return isLoopback(config.api.host) ? "served on loopback only" : "served over HTTPS";
  },
  tokens: async ({ config: { oidc } }) => {
    if (oidc === undefined) return "callers use API keys: no identity provider is configured";
    if (oidc.jwksFile !== undefined) return `tokens of ${oidc.issuer} are checked with the keys of a file`;
    return `${oidc.issuer} has ${await countIssuerKeys(oidc.issuer)} key(s) for tokens`;
  },
  address: async ({ config }) =>
    config.partner.publicAddress === undefined
      ? "no public address: partners cannot dial this node; it dials them"
      : `partners dial ${config.partner.publicAddress}`,
};

export const consoleFolder: string = new URL("../../../console/dist", import.meta.url).pathname;

export async function ownReport(context: NodeContext): Promise<DoctorReport> {
  const steps: Step[] = [];
  for (const [step, check] of Object.entries(checks)) steps.push(await run(step, check, context));
  return { partner: null, ok: steps.every((each) => each.ok), steps };
}

async function run(step: string, check: Check, context: NodeContext): Promise<Step> {
  const started = performance.now();
  try {
    const message = await check(context);
    return { step, ok: true, message, remedy: null, ms: Math.round(performance.now() - started) };
  } catch (error) {
    const { message, remedy } = TomboloError.from(error, "state.internal", "the check itself failed");
    return { step, ok: false, message, remedy: remedy ?? null, ms: Math.round(performance.now() - started) };
  }
}
