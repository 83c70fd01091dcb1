/**
 * Requests from partners. In this order: who the TLS certificate says it is; the signature, with the key of the same
 * contract; the nonce, never seen before; then the body's schema; then the resource. Anything else is refused with a
 * typed error, logged, and changes nothing.
 */

import { createHash, createPublicKey, type KeyObject } from "node:crypto";
import { fromUtf8, isShowable, TomboloError, toHex, utf8 } from "@tombolo/base";
import type { z } from "zod";
import { RateLimit } from "../api/rate-limit.ts";
import type { NodeContext } from "../context.ts";
import { targetUri } from "./calls.ts";
import { CLOCK_SKEW_SECONDS, verifyMessage } from "./http-signature.ts";
import { retireFormerKeys } from "./key-rotation.ts";
import type { Side, WireResponse } from "./side.ts";

export const BODY_BYTES_MAX = 4 * 2 ** 20;

export interface InboundRequest {
  /** The party of the contract that pins the TLS certificate; null for a stranger, who may only apply. */
  readonly party: string | null;
  /** SHA-256 of the TLS certificate, hex. */
  readonly certificate: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Who calls, once verified. */
export interface Partner {
  readonly party: string;
  readonly certificate: string;
  readonly contractId: string;
  /** Raw Ed25519 key. */
  readonly signingKey: Uint8Array;
}

interface Access {
  /** `party` null: open to strangers, who prove themselves otherwise. */
  readonly open?: boolean;
  /** Open to a partner whose contract is not confirmed yet: what confirming takes. */
  readonly beforeContract?: boolean;
}

/** One resource of the east-west API, whatever its bodies are. */
export interface Resource extends Access {
  /** Throws `protocol.body` for a body that is none of its own. */
  readonly read: (body: unknown) => (side: Side, partner: Partner) => Promise<unknown>;
}
export type Resources = Readonly<Record<string, Resource>>;

interface Definition<T> extends Access {
  readonly schema: z.ZodType<T>;
  readonly handle: (side: Side, partner: Partner, body: T) => Promise<unknown>;
}

export const resource = <T>({ schema, handle, ...access }: Definition<T>): Resource => ({
  ...access,
  read(given) {
    const body = schema.safeParse(given);
    if (body.success) return (side, partner) => handle(side, partner, body.data);
    const where = body.error.issues[0]?.path.join(".") ?? "";
    throw new TomboloError("protocol.body", `the request's body is malformed at ${where === "" ? "its top" : where}`);
  },
});

/** What is known of a party that has, or had, a contract with us. */
export interface KnownKeys {
  readonly party: string;
  readonly contractId: string;
  readonly signingKey: Uint8Array;
  readonly certificate: string;
  /** Announced with the present ones; from their first use on they are the only ones. */
  readonly next?: { readonly signingKey: Uint8Array; readonly certificate: string };
  /** Both sides confirmed the fingerprint. Until then anybody with an invite may have taken the party's name. */
  readonly confirmed: boolean;
}

export type FindKeys = (party: string) => Promise<KnownKeys | undefined>;

export async function answerRequest(
  side: Side,
  resources: Resources,
  findKeys: FindKeys,
  request: InboundRequest,
): Promise<WireResponse> {
  try {
    return reply(200, { code: 0, msg: "ok", data: (await handle(side, resources, findKeys, request)) ?? {} });
  } catch (error) {
    const failure = TomboloError.from(error);
    const known = error instanceof TomboloError;
    side.log[known ? "warn" : "error"](
      {
        partner: request.party,
        certificate: request.certificate,
        path: request.path,
        code: failure.code,
        err: known ? failure.message : error,
      },
      "refused a partner's request",
    );
    const { remedy: _, ...shown } = failure.toPublic();
    return reply(statusOf(failure), { code: 1, msg: shown.message, error: forPartner(failure, shown) });
  }
}

/** A consent refusal's remedy is meant for the asker; other remedies are for us (SECURITY.md rule 20). */
const forPartner = (failure: TomboloError, shown: object): object =>
  failure.family === "consent" && failure.remedy !== undefined ? { ...shown, remedy: failure.remedy } : shown;

async function handle(side: Side, resources: Resources, findKeys: FindKeys, request: InboundRequest): Promise<unknown> {
  const found = Object.hasOwn(resources, request.path) ? resources[request.path] : undefined;
  if (found === undefined || request.method !== "POST")
    throw new TomboloError("protocol.unknown-resource", "there is no such resource");
  if (request.body.length > BODY_BYTES_MAX) throw new TomboloError("protocol.too-large", "the request is too large");
  const partner = await authenticate(side, findKeys, request, found);
  side.outbox.nudge(partner.party);
  return found.read(parseBody(request.body))(side, partner);
}

async function authenticate(
  side: Side,
  findKeys: FindKeys,
  request: InboundRequest,
  { open, beforeContract }: Access,
): Promise<Partner> {
  const claimed = request.headers["x-ptp-source-node-id"] ?? "";
  const target = request.headers["x-ptp-target-node-id"];
  if (target !== side.config.party) throw new TomboloError("auth.wrong-target", "the request is for another party");
  if (open === true) return authenticateStranger(side, request, claimed);
  if (request.party === null || request.party !== claimed) throw unknownParty();
  const keys = await findKeys(request.party);
  const shown = [keys, keys?.next].find((each) => each?.certificate === request.certificate);
  if (keys === undefined || shown === undefined) throw unknownParty();
  await verified(side, request, claimed, toHex(sha256(shown.signingKey)), ed25519(shown.signingKey));
  if (shown === keys.next) await retireFormerKeys(side, keys);
  if (!keys.confirmed && beforeContract !== true)
    throw new TomboloError("consent.no-contract", "the contract is not confirmed by both sides yet", {
      blame: claimed,
    });
  return {
    party: claimed,
    certificate: request.certificate,
    contractId: keys.contractId,
    signingKey: shown.signingKey,
  };
}

/** Each request of a stranger leaves a row until its signature expires; all of them together share one allowance. */
const STRANGERS_PER_MINUTE = 600;
const allowances = new WeakMap<Side, RateLimit>();

function takeStrangersTurn(side: Side): void {
  const allowance = allowances.get(side) ?? new RateLimit(STRANGERS_PER_MINUTE, side.clock);
  allowances.set(side, allowance);
  allowance.take("strangers");
}

/** The key comes in the body and counts for nothing yet; the resource ties it to an invite's secret. */
async function authenticateStranger(side: Side, request: InboundRequest, claimed: string): Promise<Partner> {
  takeStrangersTurn(side);
  const body = parseBody(request.body) as { signing_key?: unknown };
  const raw = typeof body?.signing_key === "string" ? Buffer.from(body.signing_key, "base64url") : Buffer.alloc(0);
  if (raw.length !== 32) throw new TomboloError("auth.unknown-key", "the request brings no usable signing key");
  await verified(side, request, `stranger:${toHex(sha256(raw)).slice(0, 32)}`, toHex(sha256(raw)), ed25519(raw));
  return { party: claimed, certificate: request.certificate, contractId: "", signingKey: new Uint8Array(raw) };
}

async function verified(
  side: Side,
  request: InboundRequest,
  who: string,
  keyid: string,
  key: KeyObject,
): Promise<void> {
  const { nonce, expires } = verifyMessage(
    { ...request, targetUri: targetUri(side.config.party, request.path) },
    { now: Math.floor(side.clock.now().getTime() / 1000), keyOf: (id) => (id === keyid ? key : undefined) },
  );
  if (!(await rememberNonce(side, who, nonce, expires)))
    throw new TomboloError("auth.replayed", "the request was seen before", { blame: who });
}

/** False if it is known already. Kept on disk until nobody would accept the request any more. */
export async function rememberNonce(
  { store }: NodeContext,
  party: string,
  nonce: string,
  expires: number,
): Promise<boolean> {
  const expiresAt = new Date((expires + CLOCK_SKEW_SECONDS + 1) * 1000);
  const added = await store.db
    .insertInto("request_nonces")
    .values({ party, nonce, expires_at: expiresAt })
    .onConflict((conflict) => conflict.doNothing())
    .returning("nonce")
    .executeTakeFirst();
  return added !== undefined;
}

export async function forgetNonces({ store, clock }: NodeContext): Promise<void> {
  await store.db.deleteFrom("request_nonces").where("expires_at", "<", clock.now()).execute();
}

/** No string of a partner, wherever it is in the body, may steer a screen or a terminal (SECURITY.md rule 18). */
function parseBody(body: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(body), (key, value: unknown) => {
      if (!isShowable(key) || (typeof value === "string" && !isShowable(value))) throw unshowable();
      return value;
    });
  } catch (error) {
    if (error instanceof TomboloError) throw error;
    throw new TomboloError("protocol.body", "the request's body is not JSON");
  }
}

const unshowable = (): TomboloError =>
  new TomboloError("protocol.text", "the request holds control or direction characters");

const sha256 = (bytes: Uint8Array): Uint8Array => createHash("sha256").update(bytes).digest();

export const ed25519 = (raw: Uint8Array): KeyObject =>
  createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") }, format: "jwk" });

const unknownParty = (): TomboloError =>
  new TomboloError("auth.unknown-party", "there is no contract with this party and certificate");

const reply = (status: number, body: object): WireResponse => ({ status, body: utf8(JSON.stringify(body)) });

function statusOf(error: TomboloError): number {
  if (error.family === "auth") return 401;
  if (error.family === "consent") return 403;
  if (error.code === "state.internal") return 500;
  if (error.family === "resource") return 503;
  return error.family === "state" ? 409 : 400;
}
