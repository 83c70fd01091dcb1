/** Signed requests to partners, and what comes back: BFIA's `{ code, msg, data }`, with our typed error beside it. */
import { randomBytes } from "node:crypto";
import { type ErrorCode, fromUtf8, safeText, showable, TomboloError, utf8 } from "@tombolo/base";
import { z } from "zod";
import type { SigningKey } from "../config/keys.ts";
import type { Clock } from "../context.ts";
import { LIFETIME_SECONDS_MAX, signMessage } from "./http-signature.ts";
import type { Side, WireRequest, WireResponse } from "./side.ts";

export const RESPONSE_BYTES_MAX = 4 * 2 ** 20;
const PROVIDER = "tombolo";

/** BFIA answers 0 for ok. */
const answer = z.object({
  code: z.number().int(),
  msg: z.string().max(2000),
  data: z.unknown().optional(),
  error: z
    .object({
      code: z.string().max(80),
      message: z.string().max(2000),
      stage: z.string().max(200).optional(),
      blame: z.string().max(64).optional(),
      remedy: z.string().max(1000).optional(),
    })
    .optional(),
});

export const targetUri = (party: string, path: string): string => `ptp://${party}${path}`;

/** Calls a partner and checks its answer; a refusal is thrown as the partner's typed error. */
export async function callPartner<T>(
  side: Side,
  party: string,
  path: string,
  body: unknown,
  schema: z.ZodType<T>,
): Promise<T> {
  return openAnswer(party, await side.wire.request(party, signedRequest(side, party, path, body)), schema);
}

/** Who signs: the little of a node's context that it takes. */
export interface Signer {
  readonly config: { readonly party: string };
  readonly keys: { readonly signing: SigningKey };
  readonly clock: Clock;
}

export function signedRequest(context: Signer, party: string, path: string, body: unknown): WireRequest {
  const bytes = utf8(JSON.stringify(body));
  const headers = {
    "content-type": "application/json",
    "x-ptp-version": "1",
    "x-ptp-tech-provider-code": PROVIDER,
    "x-ptp-trace-id": randomBytes(16).toString("hex"),
    "x-ptp-token": "-",
    "x-ptp-uri": path,
    "x-ptp-session-id": "-",
    "x-ptp-source-node-id": context.config.party,
    "x-ptp-target-node-id": party,
  };
  const created = Math.floor(context.clock.now().getTime() / 1000);
  const signature = signMessage(
    { method: "POST", targetUri: targetUri(party, path), headers, body: bytes },
    context.keys.signing.privateKey,
    {
      created,
      expires: created + LIFETIME_SECONDS_MAX,
      nonce: randomBytes(18).toString("base64url"),
      keyid: context.keys.signing.fingerprint,
    },
  );
  return { method: "POST", path, headers: { ...headers, ...signature }, body: bytes };
}

export function openAnswer<T>(party: string, response: WireResponse, schema: z.ZodType<T>): T {
  const parsed = answer.safeParse(jsonOf(response));
  if (!parsed.success) throw malformed(party);
  if (parsed.data.code !== 0) throw refusalOf(party, parsed.data);
  const data = schema.safeParse(parsed.data.data);
  if (!data.success)
    throw malformed(
      party,
      data.error.issues.map((issue) => issue.path.join(".")),
    );
  return data.data;
}

function jsonOf(response: WireResponse): unknown {
  if (response.body.length > RESPONSE_BYTES_MAX) return undefined;
  try {
    // Rule 18: what a partner answers is shown to people, in the console and on terminals.
    return JSON.parse(fromUtf8(response.body), (_, value: unknown) =>
      typeof value === "string" ? showable(value) : value,
    );
  } catch {
    return undefined;
  }
}

const CODE = /^(input|protocol|transport|consent|auth|state|resource|aborted)\.[a-z0-9][a-z0-9.-]{0,62}$/;

function refusalOf(party: string, { msg, error }: z.infer<typeof answer>): TomboloError {
  const code = (error !== undefined && CODE.test(error.code) ? error.code : "state.refused") as ErrorCode;
  const text = safe(error?.message ?? msg) ?? `${party} refused the request`;
  return new TomboloError(code, text, {
    blame: error?.blame ?? party,
    ...(error?.stage === undefined ? {} : { stage: error.stage }),
    ...(error?.remedy === undefined ? {} : { remedy: safe(error.remedy) ?? "" }),
  });
}

function safe(text: string): string | undefined {
  try {
    return safeText(text, "message", 2000);
  } catch {
    return undefined;
  }
}

const malformed = (party: string, paths?: readonly string[]): TomboloError =>
  new TomboloError("protocol.answer", `${party} answered something that cannot be understood`, {
    blame: party,
    ...(paths === undefined ? {} : { detail: { paths } }),
  });
