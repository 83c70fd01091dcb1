/** The node's self-signed TLS certificate. Partners pin its hash, so nothing in it is trusted beyond the key. */
import "reflect-metadata";
import { createPublicKey, type KeyObject, webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";

const YEARS = 10;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };

export async function makeCertificate(privateKey: KeyObject, party: string): Promise<string> {
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${party}`,
    // A clock that runs up to an hour behind still accepts it.
    notBefore: new Date(now - 3_600_000),
    notAfter: new Date(now + YEARS * 365.25 * 86_400_000),
    signingAlgorithm: algorithm,
    keys: {
      privateKey: await imported(privateKey, "sign"),
      publicKey: await imported(createPublicKey(privateKey), "verify"),
    },
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: party },
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
      ]),
    ],
  });
  return `${certificate.toString("pem")}\n`;
}

const imported = (key: KeyObject, use: "sign" | "verify"): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey("jwk", key.export({ format: "jwk" }), algorithm, true, [use]);
