/** How people reach the console: what one-time links start with. */
import { isIP } from "node:net";
import type { NodeConfig } from "../config/config.ts";

export const isLoopback = (host: string): boolean =>
  host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));

/** Plaintext only on loopback. */
export const servesTls = (config: NodeConfig): boolean =>
  !isLoopback(config.api.host) || config.api.tlsCertificate !== undefined;

export function consoleOrigin(config: NodeConfig): string {
  if (config.api.publicUrl !== undefined) return config.api.publicUrl.replace(/\/+$/, "");
  const anywhere = config.api.host === "0.0.0.0" || config.api.host === "::";
  const host = anywhere ? "localhost" : config.api.host;
  return `${servesTls(config) ? "https" : "http"}://${isIP(host) === 6 ? `[${host}]` : host}:${config.api.port}`;
}
