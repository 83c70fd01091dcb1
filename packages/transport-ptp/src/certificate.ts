/** Self-signed TLS certificates: partners pin the hash, so nothing in one is trusted beyond its key. */
import "reflect-metadata";
import { createHash, createPrivateKey, createPublicKey, webcrypto, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import * as x509 from "@peculiar/x509";
import { TomboloError } from "@tombolo/base";

const YEARS = 10;
const DAY_MS = 86_400_000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

export interface PartyCertificate {
  /** PEM, PKCS #8. */
  readonly key: string;
  /** PEM. */
  readonly cert: string;
  /** SHA-256 of the DER, hex. */
  readonly fingerprint: string;
}

/** An ECDSA P-256 key, fresh or the PEM given, and its certificate; `names` are host names or addresses. */
export async function createPartyCertificate(
  partyId: string,
  names: readonly string[],
  keyPem?: string,
): Promise<PartyCertificate> {
  const keys = keyPem === undefined ? await freshKeys() : await importedKeys(keyPem);
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${partyId}`,
    // A partner's clock may run up to an hour behind.
    notBefore: new Date(now - DAY_MS / 24),
    notAfter: new Date(now + YEARS * 365.25 * DAY_MS),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension(
        [partyId, ...names].map((value) => ({ type: isIP(value) === 0 ? "dns" : "ip", value })),
      ),
    ],
  });
  const cert = `${certificate.toString("pem")}\n`;
  return { key: await pem(keys.privateKey), cert, fingerprint: certificateFingerprint(cert) };
}

/** SHA-256 of the certificate's DER, hex: what contracts pin. */
export function certificateFingerprint(pemText: string): string {
  try {
    return derFingerprint(new X509Certificate(pemText).raw);
  } catch (cause) {
    throw new TomboloError("input.certificate", "this is not a PEM certificate", { cause });
  }
}

export const derFingerprint = (der: Uint8Array): string => createHash("sha256").update(der).digest("hex");

const freshKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as Promise<webcrypto.CryptoKeyPair>;

async function importedKeys(keyPem: string): Promise<webcrypto.CryptoKeyPair> {
  const pkcs8 = createPrivateKey(keyPem).export({ format: "der", type: "pkcs8" });
  const spki = createPublicKey(keyPem).export({ format: "der", type: "spki" });
  return {
    privateKey: await webcrypto.subtle.importKey("pkcs8", pkcs8, ALGORITHM, true, ["sign"]),
    publicKey: await webcrypto.subtle.importKey("spki", spki, ALGORITHM, true, ["verify"]),
  };
}

async function pem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key));
  const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join("\n")}\n-----END PRIVATE KEY-----\n`;
}
