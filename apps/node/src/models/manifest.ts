/**
 * A model version as a whole: which party holds which part, and what it came from. Every party makes the manifest for
 * itself, from the consent document and the digests that the parties signed, and signs what it made; so all have the
 * same one, or the difference shows.
 */
import { fromBase64Url } from "@tombolo/base";
import { flowModels } from "@tombolo/scheduler";
import { sha256Hex } from "../config/keys.ts";
import { asJson, type ConsentDataset, consentHash, statementBytes } from "../consent/document.ts";
import { flowOf, type Job } from "../jobs/rows.ts";
import { holdersOf, modelId, stepsBefore } from "./part.ts";

export interface ManifestParty {
  readonly party: string;
  readonly role: string;
  /** SHA-256 of the raw Ed25519 key, hex. */
  readonly signingKey: string;
  /** Digest of the party's part. */
  readonly part: string;
}

export interface Manifest {
  readonly version: 1;
  readonly model: string;
  readonly task: string;
  readonly attempt: number;
  readonly parties: readonly ManifestParty[];
  readonly lineage: {
    readonly job: string;
    readonly consentHash: string;
    readonly pipeline: readonly { readonly task: string; readonly component: string; readonly version: string }[];
    readonly datasets: readonly ConsentDataset[];
    /** Models of earlier jobs that went in. */
    readonly models: readonly string[];
  };
}

/** `parts`: digest by party. Undefined while one is missing. */
export function manifestOf(
  job: Pick<Job, "id" | "document">,
  made: { readonly task: string; readonly attempt: number },
  parts: ReadonlyMap<string, string>,
): Manifest | undefined {
  const { task, attempt } = made;
  const flow = flowOf(job);
  const holders = holdersOf(flow, task);
  if (holders.some(({ party }) => !parts.has(party))) return undefined;
  const steps = stepsBefore(flow, task);
  const { components, datasets, parties } = job.document;
  const before = { ...flow, tasks: Object.fromEntries(steps.map((name) => [name, flow.tasks[name]!])) };
  return asJson({
    version: 1,
    model: modelId(job.id, task),
    task,
    attempt,
    parties: holders.map(({ party, role }) => ({
      party,
      role,
      signingKey: parties.find((each) => each.party === party)?.signingKey ?? "",
      part: parts.get(party)!,
    })),
    lineage: {
      job: job.id,
      consentHash: consentHash(job.document),
      pipeline: steps.map((name) => ({
        task: name,
        component: flow.tasks[name]!.component,
        version: components.find((each) => each.task === name)?.version ?? "",
      })),
      datasets: datasets.filter((each) => steps.includes(each.task)),
      models: flowModels(before).sort(),
    },
  }) as unknown as Manifest;
}

export const manifestHash = (manifest: Manifest): string =>
  sha256Hex(statementBytes("model-manifest", asJson(manifest)));

/** Of a key or a signature; empty, and so good for nothing, of what is neither. */
export function bytesOf(text: string): Uint8Array {
  try {
    return fromBase64Url(text);
  } catch {
    return new Uint8Array(0);
  }
}

/** What a party signs of its own part. */
export const partStatement = (about: {
  readonly model: string;
  readonly attempt: number;
  readonly party: string;
  readonly digest: string;
}): Uint8Array => statementBytes("model-part-signature", { ...about });

/** What every party signs of the whole. */
export const manifestStatement = (about: {
  readonly model: string;
  readonly party: string;
  readonly hash: string;
}): Uint8Array => statementBytes("model-manifest-signature", { ...about });
