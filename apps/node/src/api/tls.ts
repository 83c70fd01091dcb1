import { readFile } from "node:fs/promises";
import { TomboloError } from "@tombolo/base";
import { servesTls } from "../auth/origin.ts";
import type { NodeContext } from "../context.ts";

/** Beyond loopback the console is HTTPS: the admin's certificate, or the node's own. Undefined on loopback. */
export async function consoleTls({ config, keys }: NodeContext): Promise<{ key: string; cert: string } | undefined> {
  if (!servesTls(config)) return undefined;
  const { tlsCertificate, tlsKey } = config.api;
  if (tlsCertificate === undefined && tlsKey === undefined)
    return { key: keys.console.privateKeyPem, cert: keys.console.certificatePem };
  try {
    const [cert, key] = await Promise.all([readFile(tlsCertificate ?? "", "utf8"), readFile(tlsKey ?? "", "utf8")]);
    return { key, cert };
  } catch (cause) {
    throw new TomboloError("input.config", "the console's certificate or key cannot be read", {
      remedy: "Set both api.tlsCertificate and api.tlsKey to readable PEM files, or neither.",
      cause,
    });
  }
}
