import { X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { TomboloError } from "@tombolo/base";
import { consoleOrigin, servesTls } from "../auth/origin.ts";
import { renewConsoleCertificate } from "../config/keys.ts";
import type { NodeContext } from "../context.ts";

/** Before it ends: a restart renews it. */
const RENEW_MS = 60 * 86_400_000;

/** Beyond loopback the console is HTTPS: the admin's certificate, or the node's own. Undefined on loopback. */
export async function consoleTls(context: NodeContext): Promise<{ key: string; cert: string } | undefined> {
  const { config } = context;
  if (!servesTls(config)) return undefined;
  const { tlsCertificate, tlsKey } = config.api;
  if (tlsCertificate === undefined && tlsKey === undefined) return ownPair(context);
  try {
    const [cert, key] = await Promise.all([readFile(tlsCertificate ?? "", "utf8"), readFile(tlsKey ?? "", "utf8")]);
    createSecureContext({ key, cert });
    return { key, cert };
  } catch (cause) {
    throw new TomboloError("input.config", "the console's certificate and key cannot be read, or do not fit", {
      remedy: "Set both api.tlsCertificate and api.tlsKey to readable PEM files that belong together, or neither.",
      cause,
    });
  }
}

/** The node's own certificate, made anew when it ends soon or does not carry the name that people come by. */
async function ownPair({ config, keys, paths, log, clock }: NodeContext): Promise<{ key: string; cert: string }> {
  const name = new URL(consoleOrigin(config)).hostname.replace(/^\[(.*)\]$/, "$1");
  const key = keys.console.privateKeyPem;
  const certificate = new X509Certificate(keys.console.certificatePem);
  const fits = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
  const ends = certificate.validToDate.getTime() - clock.now().getTime() < RENEW_MS;
  if (fits !== undefined && !ends) return { key, cert: keys.console.certificatePem };
  const names = [...new Set(["localhost", "127.0.0.1", name])];
  const cert = await renewConsoleCertificate(paths.keys, config.party, names, keys);
  log.info({ names }, "the console's certificate was made anew");
  return { key, cert };
}
