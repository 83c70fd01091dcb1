/** What callers ask and are answered, and how a row they give becomes numbers. */
import { createHash } from "node:crypto";
import { concat, utf8 } from "@tombolo/base";
import { idDigests } from "@tombolo/crypto";
import { ID_BYTES, type UsedColumn } from "@tombolo/federated/vertical/serving";
import { type IdRules, normaliseId } from "@tombolo/protocols/psi/ids";
import { KEYS_MAX } from "../fields.ts";
import type { ItemRefusal } from "../service.ts";

/** One row to be scored. */
export interface ScoreItem {
  /** Of the host's id columns, in their order; a text where there is one. */
  readonly id: string | readonly string[];
  /** The guest's own columns of the model by name, every one of them; null: missing. */
  readonly features?: Readonly<Record<string, unknown>>;
}

/** Why a row was not scored with all parties' features, and what came in place of that. */
export interface PolicyApplied {
  readonly cause: "unknown-id" | "stale-feature" | "missing-host" | "time-out";
  readonly party: string;
  readonly instead: "fallback" | "default";
}

export interface ScoreReason {
  /** The name of an own feature, or the anonymous number of another party's; of a regression 0, for all of them together. */
  readonly feature: string | number;
  readonly party: string;
  /** To the margin or the linear predictor: above zero it raised the score. */
  readonly contribution: number;
}

export interface ScoreAnswer {
  readonly score?: number;
  readonly band?: string;
  readonly decision?: string;
  /** Of a model of several classes the likeliest, and the probability of each. */
  readonly class?: string;
  readonly probabilities?: Readonly<Record<string, number>>;
  readonly reasons?: readonly ScoreReason[];
  readonly policy?: PolicyApplied;
}

export const refusal = (code: string, message: string): ItemRefusal => ({ refusal: { code, message } });

const LABEL = utf8("tombolo/boosting/serving/1/id\0");

/** Ids of one model have digests of their own. */
export const digestPrefix = (modelId: string): Uint8Array => concat(LABEL, utf8(modelId));

/** The one form of an id at all parties; null: not usable. */
export function encodedId(id: unknown, rules: IdRules): Uint8Array | null {
  const fields = typeof id === "string" ? [id] : id;
  if (!Array.isArray(fields) || fields.length === 0 || fields.length > KEYS_MAX) return null;
  let text = "";
  for (const value of fields) {
    const field = typeof value === "string" ? normaliseId(value, rules) : "";
    if (field === "") return null;
    text += `${field.length}:${field}`;
  }
  return utf8(text);
}

/** So few are digested sooner than another thread would begin. */
const HERE_MAX = 64;

export async function digestsOf(prefix: Uint8Array, encoded: readonly Uint8Array[]): Promise<Uint8Array> {
  if (encoded.length <= HERE_MAX) return digestsHere(prefix, encoded);
  const offsets = new Uint32Array(encoded.length + 1);
  encoded.forEach((each, i) => {
    offsets[i + 1] = offsets[i]! + each.length;
  });
  const digests = await idDigests(prefix, concat(...encoded), offsets);
  if (digests.length !== encoded.length * ID_BYTES) throw new Error("assertion failed: a digest an id");
  return digests;
}

/** As the kernel does it: SHA-256(prefix ‖ id), cut. */
function digestsHere(prefix: Uint8Array, encoded: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(encoded.length * ID_BYTES);
  encoded.forEach((each, i) => {
    const digest = createHash("sha256").update(prefix).update(each).digest();
    out.set(digest.subarray(0, ID_BYTES), i * ID_BYTES);
  });
  return out;
}

/** Writes a row's own features to `out` from `at` on; the name of one that is not there or of another kind, else null. */
export function readFeatures(
  used: readonly UsedColumn[],
  features: Readonly<Record<string, unknown>>,
  out: Float64Array,
  at: number,
): string | null {
  for (let c = 0; c < used.length; c++) {
    const { name, kind, codes, required } = used[c]!;
    if (!Object.hasOwn(features, name)) return name;
    const value = features[name];
    if (value === null) out[at + c] = Number.NaN;
    else if (kind === "text") {
      if (typeof value !== "string") return name;
      out[at + c] = value === "" ? Number.NaN : (codes.get(value) ?? codes.size);
    } else if (typeof value === "boolean") out[at + c] = value ? 1 : 0;
    else if (typeof value === "number" && Number.isFinite(value)) out[at + c] = value;
    else return name;
    if (required && Number.isNaN(out[at + c]!)) return name;
  }
  return null;
}
