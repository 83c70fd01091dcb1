/**
 * The party's key pairs: Ed25519 for signatures (contracts, consents, checkpoints), P-256 for TLS with a self-signed
 * certificate that partners pin by contract, and another P-256 for the console beyond loopback. Files are 0600; with a passphrase (TOMBOLO_PASSPHRASE or the
 * systemd credential `tombolo-passphrase`) the private keys are sealed with scrypt and AES-256-GCM.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate as NodeCertificate,
  sign,
  verify,
} from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fromBase64Url, TomboloError, toHex } from "@tombolo/base";
import { createPartyCertificate } from "@tombolo/transport-ptp";
import { z } from "zod";
import { Sealer } from "./sealed-file.ts";

export interface SigningKey {
  readonly privateKey: KeyObject;
  /** Raw Ed25519 public key, 32 bytes. */
  readonly publicKey: Uint8Array;
  /** Hex SHA-256 of the raw public key. */
  readonly fingerprint: string;
}

export interface NodeKeys {
  readonly signing: SigningKey;
  readonly tls: {
    readonly privateKeyPem: string;
    readonly certificatePem: string;
    /** Hex SHA-256 of the certificate's DER. */
    readonly fingerprint: string;
  };
  /** The console's own pair beyond loopback, so that browsers and partners never share a key. */
  readonly console: { readonly privateKeyPem: string; readonly certificatePem: string };
  /** Own public keys that others followed, oldest first: what was signed with them still verifies. */
  readonly former: readonly FormerKeys[];
}

const formerSchema = z.array(
  z.strictObject({
    /** Raw Ed25519 key, base64url. */
    signingKey: z.string().length(43),
    certificate: z.string().length(64),
    until: z.iso.datetime(),
  }),
);
export type FormerKeys = z.infer<typeof formerSchema>[number];

/** A public key, and until when its signatures count. */
export interface DatedKey {
  readonly publicKey: Uint8Array;
  readonly until: Date | null;
}

/** The present key and the former ones. */
export const ownSigningKeys = ({ signing, former }: NodeKeys): DatedKey[] => [
  { publicKey: signing.publicKey, until: null },
  ...former.map(({ signingKey, until }) => ({ publicKey: fromBase64Url(signingKey), until: new Date(until) })),
];

export const signBytes = (key: SigningKey, bytes: Uint8Array): Uint8Array => sign(null, bytes, key.privateKey);

/** False for a malformed key or signature too. */
export function verifyBytes(publicKey: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    const x = Buffer.from(publicKey).toString("base64url");
    const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    return verify(null, bytes, key, signature);
  } catch {
    return false;
  }
}

/** With a party's TLS key, P-256. */
export const signWithTlsKey = (privateKeyPem: string, bytes: Uint8Array): Uint8Array =>
  sign("sha256", bytes, { key: privateKeyPem, dsaEncoding: "ieee-p1363" });

/** Whether who signed has the key of this certificate (DER). False for a malformed one too. */
export function verifyWithCertificate(der: Uint8Array, bytes: Uint8Array, signature: Uint8Array): boolean {
  try {
    const { publicKey } = new NodeCertificate(der);
    const isP256 = publicKey.asymmetricKeyDetails?.namedCurve === "prime256v1";
    return isP256 && verify("sha256", bytes, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature);
  } catch {
    return false;
  }
}

export const sha256Hex = (bytes: Uint8Array): string => toHex(createHash("sha256").update(bytes).digest());

const SIGNING_FILE = "signing-key.pem";
const TLS_FILE = "tls-key.pem";
const CERTIFICATE_FILE = "tls-certificate.pem";
const CONSOLE_FILE = "console-key.pem";
const CONSOLE_CERTIFICATE_FILE = "console-certificate.pem";
export const CONSOLE_FILES = [CONSOLE_FILE, CONSOLE_CERTIFICATE_FILE] as const;
export const FORMER_FILE = "former-keys.json";

/** Creates all pairs in `folder`; refuses to overwrite. */
export async function createKeys(folder: string, party: string, passphrase: string | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const signing = generateKeyPairSync("ed25519").privateKey;
  const pem = signing.export({ type: "pkcs8", format: "pem" }) as string;
  const sealer = new Sealer(passphrase);
  await writePrivate(join(folder, SIGNING_FILE), pem, sealer);
  for (const [keyFile, certificateFile] of [
    [TLS_FILE, CERTIFICATE_FILE],
    [CONSOLE_FILE, CONSOLE_CERTIFICATE_FILE],
  ] as const) {
    const { key, cert } = await createPartyCertificate(party, ["localhost", "127.0.0.1"]);
    await writePrivate(join(folder, keyFile), key, sealer);
    await writeFile(join(folder, certificateFile), cert, { mode: 0o600, flag: "wx" });
  }
}

/** Under the same key, for the names people really use; what had been trusted before has to be trusted anew. */
export async function renewConsoleCertificate(
  folder: string,
  party: string,
  names: readonly string[],
  keys: NodeKeys,
): Promise<string> {
  const { cert } = await createPartyCertificate(party, names, keys.console.privateKeyPem);
  const file = join(folder, CONSOLE_CERTIFICATE_FILE);
  await writeFile(`${file}.new`, cert, { mode: 0o600 });
  await rename(`${file}.new`, file);
  return cert;
}

async function writePrivate(file: string, pem: string, sealer: Sealer): Promise<void> {
  await writeFile(file, await sealer.seal(pem), { mode: 0o600, flag: "wx" });
}

/** Throws `input.keys` when a file is missing, readable by others, damaged, or the passphrase is wrong. */
export async function loadKeys(folder: string, passphrase: string | undefined): Promise<NodeKeys> {
  const sealer = new Sealer(passphrase);
  const signing = createPrivateKey(await readPrivate(join(folder, SIGNING_FILE), sealer));
  const tls = await readPair(folder, TLS_FILE, CERTIFICATE_FILE, sealer);
  const console = await readPair(folder, CONSOLE_FILE, CONSOLE_CERTIFICATE_FILE, sealer);
  const fingerprint = sha256Hex(new NodeCertificate(tls.certificatePem).raw);
  return { signing: signingKeyOf(signing), tls: { ...tls, fingerprint }, console, former: await formerKeys(folder) };
}

/** Throws `input.keys` when the list is damaged: entries of before would count as forged. */
export async function formerKeys(folder: string): Promise<FormerKeys[]> {
  const text = await readFile(join(folder, FORMER_FILE), "utf8").catch(() => undefined);
  if (text === undefined) return [];
  try {
    return formerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new TomboloError("input.keys", "the list of former keys is damaged", {
      remedy: "Restore the keys folder from a backup.",
      cause,
    });
  }
}

async function readPair(folder: string, keyFile: string, certificateFile: string, sealer: Sealer) {
  const privateKeyPem = await readPrivate(join(folder, keyFile), sealer);
  const certificatePem = await readFile(join(folder, certificateFile), "utf8").catch(missingKey);
  return { privateKeyPem, certificatePem };
}

export function signingKeyOf(privateKey: KeyObject): SigningKey {
  const jwk = createPublicKey(privateKey).export({ format: "jwk" });
  const publicKey = fromBase64Url(jwk.x!);
  return { privateKey, publicKey, fingerprint: sha256Hex(publicKey) };
}

async function readPrivate(file: string, sealer: Sealer): Promise<string> {
  const mode = (await stat(file).catch(missingKey)).mode;
  if ((mode & 0o077) !== 0)
    throw new TomboloError("input.keys", "a private key file is readable by others", {
      remedy: "chmod 600 the files in the data directory's keys folder; renew the keys if others had access.",
      detail: { file },
    });
  const text = await readFile(file, "utf8").catch(missingKey);
  return text.startsWith("-----BEGIN") ? text : sealer.open(text);
}

function missingKey(cause: NodeJS.ErrnoException): never {
  throw new TomboloError("input.keys", "a key file is missing or cannot be read", {
    remedy: "Restore the keys folder from a backup, and check its owner.",
    detail: { file: cause.path },
    cause,
  });
}
