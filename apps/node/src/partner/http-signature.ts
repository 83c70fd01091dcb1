/**
 * Signed requests between nodes: HTTP Message Signatures (RFC 9421) with Ed25519 over a Content-Digest (RFC 9530).
 *
 * Covered, always: @method, @target-uri, content-digest, content-type and every x-ptp-* header of the message, with
 * created, expires (60 s at most), nonce, keyid and alg="ed25519" (SECURITY.md rule 6). The target URI names the
 * receiving party, not a host, so that a request cannot be replayed to another party, and so that it stays the same
 * whichever side dialled.
 *
 * Stricter than the RFC: one signature only, labelled `sig`; no parameters on components; nothing negotiable.
 */
import { createHash, type KeyObject, sign, verify } from "node:crypto";
import { TomboloError, utf8 } from "@tombolo/base";

export interface HttpMessage {
  readonly method: string;
  readonly targetUri: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SignatureParameters {
  readonly created: number;
  readonly expires: number;
  readonly nonce: string;
  readonly keyid: string;
  readonly alg: "ed25519";
}

export const LIFETIME_SECONDS_MAX = 60;
/** How far two honest clocks may differ. */
export const CLOCK_SKEW_SECONDS = 30;
const HEADER_LENGTH_MAX = 4096;
const LABEL = "sig";
const REQUIRED = ["@method", "@target-uri", "content-digest", "content-type"] as const;

/** The headers to add to `message`: content-digest, signature-input and signature. */
export function signMessage(
  message: HttpMessage,
  key: KeyObject,
  parameters: Omit<SignatureParameters, "alg">,
): Record<string, string> {
  const digest = contentDigest(message.body);
  const headers = { ...message.headers, "content-digest": digest };
  const input = signatureInput(coveredComponents(headers), { ...parameters, alg: "ed25519" });
  const base = signatureBase(coveredComponents(headers), input, componentsOf({ ...message, headers }));
  const signature = sign(null, utf8(base), key).toString("base64");
  return { "content-digest": digest, "signature-input": `${LABEL}=${input}`, signature: `${LABEL}=:${signature}:` };
}

export interface VerifyOptions {
  /** Seconds since 1970. */
  readonly now: number;
  /** The key of this id, or undefined when it is not one of the expected sender's. */
  readonly keyOf: (keyid: string) => KeyObject | undefined;
}

/** Throws a TomboloError of family `auth`; a replay is for the caller to refuse by the returned nonce. */
export function verifyMessage(message: HttpMessage, options: VerifyOptions): SignatureParameters {
  const { input, components, parameters } = parseSignatureInput(header(message, "signature-input"));
  checkCovered(components, message.headers);
  checkTimes(parameters, options.now);
  const key = options.keyOf(parameters.keyid);
  if (key === undefined) throw new TomboloError("auth.unknown-key", "the request is signed with an unknown key");
  const signature = parseSignature(header(message, "signature"));
  const base = signatureBase(components, input, componentsOf(message));
  if (!verify(null, utf8(base), key, signature))
    throw new TomboloError("auth.bad-signature", "the request's signature does not match what arrived");
  if (header(message, "content-digest") !== contentDigest(message.body))
    throw new TomboloError("auth.bad-digest", "the request's body does not match its digest");
  return parameters;
}

/** RFC 9530, SHA-256. */
export const contentDigest = (body: Uint8Array): string =>
  `sha-256=:${createHash("sha256").update(body).digest("base64")}:`;

/** RFC 9421 section 2.5: one line per component, then the parameters; no final newline. */
export function signatureBase(
  components: readonly string[],
  parameters: string,
  partOf: (component: string) => string | undefined,
): string {
  const lines = components.map((component) => {
    const value = partOf(component);
    if (value === undefined) throw new TomboloError("auth.bad-signature", "a signed part of the request is missing");
    return `"${component}": ${value}`;
  });
  return [...lines, `"@signature-params": ${parameters}`].join("\n");
}

const isPtp = (name: string): boolean => name.startsWith("x-ptp-");

const coveredComponents = (headers: Readonly<Record<string, string>>): string[] => [
  ...REQUIRED,
  ...Object.keys(headers).filter(isPtp).sort(),
];

const signatureInput = (components: readonly string[], p: SignatureParameters): string =>
  `(${components.map((name) => `"${name}"`).join(" ")});created=${p.created};expires=${p.expires}` +
  `;nonce="${p.nonce}";keyid="${p.keyid}";alg="${p.alg}"`;

function componentsOf(message: HttpMessage): (component: string) => string | undefined {
  return (component) => {
    if (component === "@method") return message.method.toUpperCase();
    if (component === "@target-uri") return message.targetUri;
    return message.headers[component]?.trim();
  };
}

function header(message: HttpMessage, name: string): string {
  const value = message.headers[name];
  if (value === undefined || value.length > HEADER_LENGTH_MAX)
    throw new TomboloError("auth.unsigned", `the request's ${name} header is missing or too long`);
  return value;
}

const INPUT = new RegExp(
  `^${LABEL}=(\\((?:"[@a-z0-9-]+"(?: "[@a-z0-9-]+")*)?\\)` +
    `;created=(\\d{1,12});expires=(\\d{1,12});nonce="([A-Za-z0-9_-]{16,64})";keyid="([A-Za-z0-9:._-]{1,128})";alg="ed25519")$`,
);

function parseSignatureInput(text: string) {
  const match = INPUT.exec(text);
  if (match === null)
    throw new TomboloError("auth.unsigned", "the request's signature input is malformed or of another algorithm");
  const [, input, created, expires, nonce, keyid] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
    string,
  ];
  const components = [...input.slice(0, input.indexOf(")")).matchAll(/"([^"]+)"/g)].map((each) => each[1]!);
  const parameters: SignatureParameters = {
    created: Number(created),
    expires: Number(expires),
    nonce,
    keyid,
    alg: "ed25519",
  };
  return { input, components, parameters };
}

function parseSignature(text: string): Uint8Array {
  const match = new RegExp(`^${LABEL}=:([A-Za-z0-9+/]{86}==):$`).exec(text);
  if (match === null) throw new TomboloError("auth.unsigned", "the request's signature is malformed");
  return new Uint8Array(Buffer.from(match[1]!, "base64"));
}

function checkCovered(components: readonly string[], headers: Readonly<Record<string, string>>): void {
  const expected = coveredComponents(headers);
  const same = components.length === expected.length && expected.every((name) => components.includes(name));
  if (!same) throw new TomboloError("auth.not-covered", "the signature does not cover all that it has to");
}

function checkTimes({ created, expires }: SignatureParameters, now: number): void {
  const lifetime = expires - created;
  if (lifetime <= 0 || lifetime > LIFETIME_SECONDS_MAX)
    throw new TomboloError("auth.lifetime", `a request may be valid for ${LIFETIME_SECONDS_MAX} s at most`);
  if (created > now + CLOCK_SKEW_SECONDS || expires < now)
    throw new TomboloError("auth.expired", "the request has expired, or comes from the future", {
      remedy: "Check that both nodes' clocks are right.",
    });
}
