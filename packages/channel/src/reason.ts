/** The public reason a session ended with, on the wire: bounded, and checked before anybody shows it. */
import { type ErrorCode, fromUtf8, type PublicError, safeText, TomboloError, utf8 } from "@tombolo/base";

const CODE = /^(input|protocol|transport|consent|auth|state|resource|aborted)\.[a-z0-9][a-z0-9.-]{0,62}$/;
const MESSAGE_LENGTH_MAX = 500;
const NAME_LENGTH_MAX = 100;
export const REASON_BYTES_MAX = 4096;

/** Code, message, stage and blame; the remedy is for its owner (SECURITY.md rule 20). */
export function encodeReason(reason: PublicError): Uint8Array {
  const cut = (text: string, length: number) => [...text].slice(0, length).join("");
  const json = {
    code: reason.code,
    message: cut(reason.message, MESSAGE_LENGTH_MAX),
    ...(reason.stage === undefined ? {} : { stage: cut(reason.stage, NAME_LENGTH_MAX) }),
    ...(reason.blame === undefined ? {} : { blame: cut(reason.blame, NAME_LENGTH_MAX) }),
  };
  return utf8(JSON.stringify(json));
}

/** Never throws: an unreadable reason becomes a reason of its own. */
export function decodeReason(bytes: Uint8Array): PublicError {
  try {
    if (bytes.length > REASON_BYTES_MAX) return UNREADABLE;
    const json: unknown = JSON.parse(fromUtf8(bytes));
    if (typeof json !== "object" || json === null) return UNREADABLE;
    const { code, message, stage, blame } = json as Record<string, unknown>;
    if (typeof code !== "string" || !CODE.test(code) || typeof message !== "string") return UNREADABLE;
    return {
      code: code as ErrorCode,
      message: safeText(message, "reason", MESSAGE_LENGTH_MAX * 2),
      ...(typeof stage === "string" ? { stage: safeText(stage, "stage", NAME_LENGTH_MAX * 2) } : {}),
      ...(typeof blame === "string" ? { blame: safeText(blame, "blame", NAME_LENGTH_MAX * 2) } : {}),
    };
  } catch {
    return UNREADABLE;
  }
}

export const UNREADABLE: PublicError = { code: "aborted.unreadable", message: "the partner ended the session" };

export function reasonToError(reason: PublicError): TomboloError {
  const { code, message, ...options } = reason;
  return new TomboloError(code, message, options);
}
