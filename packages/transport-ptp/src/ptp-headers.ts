/** The headers of the BFIA interconnection data plane (PTP), and the paths this transport answers itself. */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { TomboloError } from "@tombolo/base";
import type { Headers } from "./types.ts";

export const PATH = {
  stream: "/v1/interconn/chan/stream",
  control: "/v1/interconn/chan/control",
  probe: "/v1/interconn/chan/probe",
} as const;

/** What a TLS client under no contract may call. */
export const APPLY_PATH = "/v1/interconn/node/contract/apply";

export interface PtpFields {
  readonly techProviderCode: string;
  readonly traceId: string;
  readonly token: string;
  readonly uri: string;
  readonly sessionId: string;
  readonly sourceNodeId: string;
  readonly targetNodeId: string;
}

const VERSION = "1";
const VALUE = /^[\x21-\x7e]{1,256}$/;
const OWN = /^:|^(connection|host|transfer-encoding|upgrade|keep-alive|proxy-connection|content-length|te)$/;
const NAME = /^[a-z0-9!#$%&'*+.^_`|~-]{1,64}$/;

export const encodePtpHeaders = (fields: PtpFields): OutgoingHttpHeaders => ({
  "x-ptp-version": VERSION,
  "x-ptp-tech-provider-code": fields.techProviderCode,
  "x-ptp-trace-id": fields.traceId,
  "x-ptp-token": fields.token,
  "x-ptp-uri": fields.uri,
  "x-ptp-session-id": fields.sessionId,
  "x-ptp-source-node-id": fields.sourceNodeId,
  "x-ptp-target-node-id": fields.targetNodeId,
});

/** A header that must be there, printable and short. */
export function ptpHeader(headers: IncomingHttpHeaders | Headers, name: string): string {
  const value = headers[`x-ptp-${name}`];
  if (typeof value !== "string" || !VALUE.test(value))
    throw new TomboloError("protocol.headers", `the header x-ptp-${name} is missing or malformed`);
  return value;
}

export function checkPtpVersion(headers: IncomingHttpHeaders): void {
  if (ptpHeader(headers, "version") !== VERSION)
    throw new TomboloError("protocol.version", `only x-ptp-version ${VERSION} is spoken here`);
}

/** Plain headers of a request or answer: no pseudo-headers, nothing that belongs to the connection. */
export function plainHeaders(headers: IncomingHttpHeaders | Headers): Headers {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers))
    if (typeof value === "string" && !OWN.test(name) && NAME.test(name)) out[name] = value;
  return out;
}
