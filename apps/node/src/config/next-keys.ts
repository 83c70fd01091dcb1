/**
 * The keys that will follow the present ones. They are made in a folder of their own beside the present keys, with an
 * announcement that both sign; once every partner has it, the node's next start takes them: the folder takes the place of
 * the former one, whose private keys are gone then. Former public keys stay in a list, for what was signed with them.
 */
import { X509Certificate } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { canonicalJson, concat, type Json, toBase64Url, utf8 } from "@tombolo/base";
import { z } from "zod";
import {
  CONSOLE_FILES,
  createKeys,
  FORMER_FILE,
  formerKeys,
  loadKeys,
  type NodeKeys,
  signBytes,
  signWithTlsKey,
} from "./keys.ts";
import type { DataPaths } from "./paths.ts";

const fingerprint = z.string().regex(/^[0-9a-f]{64}$/);
const signature = z.string().regex(/^[A-Za-z0-9_-]{86}$/);

/** Said to every partner alike: whose keys follow which. */
export const announcement = z.strictObject({
  party: z.string().regex(/^[a-z][a-z0-9-]{1,31}$/),
  previous: z.strictObject({ signingKey: fingerprint, certificate: fingerprint }),
  /** Raw Ed25519 key, base64url. */
  signingKey: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  certificate: fingerprint,
  at: z.iso.datetime(),
});
export type Announcement = z.infer<typeof announcement>;
export const signedAnnouncement = z.strictObject({
  keys: announcement,
  /** With the previous signing key. */
  signature,
  /** With the next one: whoever announces it has it. */
  proof: signature,
  /** The next certificate's DER, base64url, and a signature with its key, so that nobody announces another's. */
  tls: z.strictObject({ certificate: z.string().regex(/^[A-Za-z0-9_-]{1,4096}$/), proof: signature }),
});
export type SignedAnnouncement = z.infer<typeof signedAnnouncement>;

const ANNOUNCEMENT_FILE = "announcement.json";

export const announcementBytes = (keys: Announcement): Uint8Array =>
  concat(utf8("tombolo/next-keys/v1\0"), canonicalJson(keys as unknown as Json));

/** Makes them, whole or not at all. The console keeps its pair: partners do not see it. */
export async function prepareKeys(
  paths: DataPaths,
  party: string,
  passphrase: string | undefined,
  present: NodeKeys,
  now: Date,
): Promise<SignedAnnouncement> {
  const aside = `${paths.nextKeys}.new`;
  await rm(aside, { recursive: true, force: true });
  await createKeys(aside, party, passphrase);
  for (const file of CONSOLE_FILES) await copyFile(join(paths.keys, file), join(aside, file));
  const next = await loadKeys(aside, passphrase);
  const keys: Announcement = {
    party,
    previous: { signingKey: present.signing.fingerprint, certificate: present.tls.fingerprint },
    signingKey: toBase64Url(next.signing.publicKey),
    certificate: next.tls.fingerprint,
    at: now.toISOString(),
  };
  const bytes = announcementBytes(keys);
  const signed = {
    keys,
    signature: toBase64Url(signBytes(present.signing, bytes)),
    proof: toBase64Url(signBytes(next.signing, bytes)),
    tls: tlsProof(next, bytes),
  };
  await writeFile(join(aside, ANNOUNCEMENT_FILE), JSON.stringify(signed), { mode: 0o600 });
  await rename(aside, paths.nextKeys);
  return signed;
}

export const tlsProof = ({ tls }: NodeKeys, bytes: Uint8Array): SignedAnnouncement["tls"] => ({
  certificate: toBase64Url(new X509Certificate(tls.certificatePem).raw),
  proof: toBase64Url(signWithTlsKey(tls.privateKeyPem, bytes)),
});

/** Undefined where no keys are prepared. */
export async function preparedKeys(paths: DataPaths): Promise<SignedAnnouncement | undefined> {
  const text = await readFile(join(paths.nextKeys, ANNOUNCEMENT_FILE), "utf8").catch(() => undefined);
  return text === undefined ? undefined : signedAnnouncement.parse(JSON.parse(text));
}

/** The next keys become the present ones. */
export async function takePreparedKeys(paths: DataPaths, present: NodeKeys, now: Date): Promise<void> {
  const former = {
    signingKey: toBase64Url(present.signing.publicKey),
    certificate: present.tls.fingerprint,
    until: now.toISOString(),
  };
  const list = [...(await formerKeys(paths.keys)), former];
  await writeFile(join(paths.nextKeys, FORMER_FILE), JSON.stringify(list), { mode: 0o600 });
  await rename(paths.keys, retired(paths));
  await finishTaking(paths);
}

/** What a kill between two steps of the above left undone. */
export async function finishTaking(paths: DataPaths): Promise<void> {
  if (!existsSync(paths.keys) && existsSync(retired(paths))) await rename(paths.nextKeys, paths.keys);
  await rm(join(paths.keys, ANNOUNCEMENT_FILE), { force: true });
  await rm(retired(paths), { recursive: true, force: true });
}

const retired = (paths: DataPaths): string => `${paths.keys}.retired`;
