/** Both sides must mean the same training: parameters, seed and format. */
import { canonicalJson, type Json, type Sampling, toHex } from "@tombolo/base";
import type { BoostingParameters } from "./parameters.ts";

const LABEL = "tombolo/boosting/agreement/1";

export async function sha256Hex(value: Json): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest("SHA-256", Uint8Array.from(canonicalJson(value)));
  return toHex(new Uint8Array(digest));
}

export const agreementDigest = (parameters: BoostingParameters, sampling: Sampling): Promise<string> =>
  sha256Hex([LABEL, parametersAsJson(parameters), sampling.fork("boosting/agreement").next()]);

/** Parameters are numbers, texts and lists of them throughout: what JSON keeps as it is. */
export const parametersAsJson = (parameters: BoostingParameters): Json =>
  JSON.parse(JSON.stringify(parameters)) as Json;
