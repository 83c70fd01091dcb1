/**
 * The node's configuration: `node.yaml` in the data directory, overridden by TOMBOLO_* variables
 * (TOMBOLO_API_PORT sets api.port). All faults are reported at once, each with a remedy.
 */
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { TASK_ATTEMPTS_MAX, TomboloError } from "@tombolo/base";
import { partyId } from "@tombolo/sdk";
import { parse } from "yaml";
import { z } from "zod";
import { isSafeIssuer } from "../auth/issuer-keys.ts";
import { isOnlineStoreUrl } from "../online-store/url.ts";

const port = z.number().int().min(0).max(65535);
const hostPort = z.string().regex(/^(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, "host:port, nothing else");

/** Asymmetric ones only. */
const signingAlgorithms = z
  .array(z.enum(["ES256", "ES384", "ES512", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512", "EdDSA", "Ed25519"]))
  .min(1)
  .default(["ES256", "PS256", "RS256", "EdDSA"]);

export const nodeConfig = z.strictObject({
  party: partyId,
  name: z.string().trim().min(1).max(200),
  api: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: port.default(7500),
      /** What one-time links start with; needed when people come through another name or a proxy. */
      publicUrl: z.url().optional(),
      /** PEM files; without them a host beyond loopback serves the node's own certificate. */
      tlsCertificate: z.string().optional(),
      tlsKey: z.string().optional(),
    })
    .prefault({}),
  partner: z
    .strictObject({
      host: z.string().min(1).default("0.0.0.0"),
      port: port.default(7600),
      /** Where partners dial us; absent: we only dial. */
      publicAddress: hostPort.optional(),
      /** HTTP CONNECT proxy for dialling out. */
      proxy: hostPort.optional(),
      /** Private and loopback partner addresses are refused unless the own admin allows them. */
      allowPrivateAddresses: z.boolean().default(false),
    })
    .prefault({}),
  database: z.strictObject({ url: z.string().startsWith("postgres").optional() }).prefault({}),
  /** Where services that answer from own rows look them up; absent: in the memory of their runners. */
  onlineStore: z
    .strictObject({
      url: z.string().refine(isOnlineStoreUrl, "postgres://, redis:// or rediss:// and a host").optional(),
    })
    .prefault({}),
  session: z
    .strictObject({
      idleMinutes: z.number().int().min(1).max(1440).default(30),
      absoluteHours: z.number().int().min(1).max(168).default(12),
    })
    .prefault({}),
  limits: z
    .strictObject({
      uploadBytesMax: z
        .number()
        .int()
        .min(1024)
        .default(16 * 2 ** 30),
      /** Kept free on the data directory's disk; uploads that would go below it are refused. */
      diskFreeBytesMin: z
        .number()
        .int()
        .min(0)
        .default(512 * 2 ** 20),
      runnerMemoryBytesMax: z
        .number()
        .int()
        .min(64 * 2 ** 20)
        .default(4 * 2 ** 30),
      concurrentTasksMax: z.number().int().min(1).max(256).default(4),
      requestsPerMinute: z.number().int().min(10).default(1200),
    })
    .prefault({}),
  jobs: z
    .strictObject({
      /** After this long without a word from a partner a running job fails everywhere. */
      partnerAwaySeconds: z.number().int().min(2).max(86_400).default(120),
      /** Attempts of one task before its job fails. */
      attemptsMax: z.number().int().min(1).max(TASK_ATTEMPTS_MAX).default(3),
      taskSecondsMax: z.number().int().min(1).default(86_400),
      /** Groups, bins and nodes of own data below this many rows are merged or suppressed. */
      minimumRows: z.number().int().min(1).max(100_000).default(5),
      /** A schedule's run by hand comes no sooner than this after its run before. */
      scheduleSecondsMin: z.number().int().min(1).max(86_400).default(300),
      /** Of one runner's kernels. */
      threads: z.number().int().min(1).max(1024).default(Math.max(1, availableParallelism())),
    })
    .prefault({}),
  /** Tokens of the party's own identity provider, for systems that call; without it there are API keys alone. */
  oidc: z
    .strictObject({
      issuer: z.string().refine(isSafeIssuer, "https://..., or http:// on this machine alone"),
      audience: z.string().min(1).max(500),
      /** The provider's keys as a file; absent: from its discovery document. */
      jwksFile: z.string().min(1).optional(),
      algorithms: signingAlgorithms,
      /** Whose quota, rate and usage it is. */
      subjectClaim: z.string().min(1).max(100).default("sub"),
      /** A token has the roles of all that fit it; one that none fits is refused. */
      callers: z
        .array(
          z.strictObject({
            claim: z.string().min(1).max(200),
            value: z.string().min(1).max(500),
            roles: z.array(z.enum(["caller", "auditor"])).min(1),
          }),
        )
        .min(1)
        .max(100),
      clockSkewSeconds: z.number().int().min(0).max(300).default(30),
      /** Older ones are refused whatever their end. */
      tokenHoursMax: z.number().int().min(1).max(168).default(24),
    })
    .optional(),
  /** People sign in at the party's own identity provider, besides local users. */
  signIn: z
    .strictObject({
      issuer: z.string().refine(isSafeIssuer, "https://..., or http:// on this machine alone"),
      clientId: z.string().min(1).max(500),
      /** A file that holds the client's secret and nothing else; absent: a public client. */
      clientSecretFile: z.string().min(1).optional(),
      scopes: z
        .array(z.string().regex(/^[\x21-\x7e]{1,100}$/))
        .max(20)
        .default(["openid", "profile"]),
      algorithms: signingAlgorithms,
      /** What people are called here, at their first sign-in. */
      usernameClaim: z.string().min(1).max(100).default("preferred_username"),
      /** A person has the roles of all that fit; whom none fits may not sign in. */
      roles: z
        .array(
          z.strictObject({
            claim: z.string().min(1).max(200),
            value: z.string().min(1).max(500),
            roles: z.array(z.enum(["admin", "operator", "analyst", "approver", "auditor"])).min(1),
          }),
        )
        .min(1)
        .max(100),
      clockSkewSeconds: z.number().int().min(0).max(300).default(30),
    })
    .optional(),
  webhook: z.strictObject({ allowPrivateAddresses: z.boolean().default(false) }).prefault({}),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).default("info") }).prefault({}),
});
export type NodeConfig = z.output<typeof nodeConfig>;

/** Reads, overrides and checks. Throws `input.config` naming every fault. */
export async function loadConfig(file: string, environment: NodeJS.ProcessEnv): Promise<NodeConfig> {
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    throw new TomboloError(
      "input.config",
      cause.code === "ENOENT" ? "this is no data directory: node.yaml is missing" : "node.yaml cannot be read",
      {
        remedy:
          cause.code === "ENOENT"
            ? "Run `tombolo init --dir <directory> --party <id> --name <name>` first."
            : "Check the file's owner and mode.",
        detail: { file },
        cause,
      },
    );
  });
  return checkConfig(withEnvironment(parseYaml(text), environment));
}

function parseYaml(text: string): Record<string, unknown> {
  try {
    const value: unknown = parse(text, { maxAliasCount: 0 });
    if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Error("not a mapping");
    return value as Record<string, unknown>;
  } catch (cause) {
    const where = cause instanceof Error ? cause.message.split("\n")[0] : "";
    throw new TomboloError("input.config", `node.yaml is not valid YAML: ${where}`, {
      remedy: "Correct the file, or restore it from a copy.",
      cause,
    });
  }
}

export function checkConfig(value: unknown): NodeConfig {
  const result = nodeConfig.safeParse(value);
  if (result.success) return result.data;
  const faults = result.error.issues.map((issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`);
  throw new TomboloError("input.config", `the configuration has ${faults.length} fault(s): ${faults.join("; ")}`, {
    remedy: "Correct node.yaml or the TOMBOLO_* variables of the same name.",
  });
}

/** TOMBOLO_PARTNER_PUBLIC_ADDRESS -> partner.publicAddress. Values are read as YAML scalars. */
export function withEnvironment(
  base: Record<string, unknown>,
  environment: NodeJS.ProcessEnv,
): Record<string, unknown> {
  const out = structuredClone(base);
  for (const path of settingPaths()) {
    const value = environment[variableOf(path)];
    if (value === undefined || value === "") continue;
    const [section, key] = path;
    if (key === undefined) out[section] = value;
    else out[section] = { ...((out[section] as object | undefined) ?? {}), [key]: parse(value) };
  }
  return out;
}

const variableOf = (path: readonly string[]): string =>
  `TOMBOLO_${path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join("_")}`;

type SettingPath = readonly [section: string] | readonly [section: string, key: string];

function settingPaths(): SettingPath[] {
  return Object.entries(nodeConfig.shape).flatMap(([section, schema]): SettingPath[] => {
    const inner: unknown =
      schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional ? schema.unwrap() : undefined;
    return inner instanceof z.ZodObject ? Object.keys(inner.shape).map((key) => [section, key] as const) : [[section]];
  });
}
