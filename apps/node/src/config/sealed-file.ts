/** A text under a passphrase: scrypt (N = 2^17, r = 8, p = 1) and AES-256-GCM, as one line of JSON. */
import { createCipheriv, createDecipheriv, randomBytes, type ScryptOptions, scrypt } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import { z } from "zod";

const parameters: ScryptOptions = { N: 2 ** 17, r: 8, p: 1, maxmem: 2 ** 28 };
const envelope = z.object({
  tombolo: z.literal("sealed-1"),
  salt: z.base64(),
  nonce: z.base64(),
  tag: z.base64(),
  text: z.base64(),
});

export async function seal(text: string, passphrase: string): Promise<string> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", await keyOf(passphrase, salt), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  const [b64Salt, b64Nonce, tag, body] = [salt, nonce, cipher.getAuthTag(), sealed].map((b) => b.toString("base64"));
  return `${JSON.stringify({ tombolo: "sealed-1", salt: b64Salt, nonce: b64Nonce, tag, text: body })}\n`;
}

/** Throws `input.keys` for a wrong passphrase or a damaged file. */
export async function open(sealed: string, passphrase: string | undefined): Promise<string> {
  if (passphrase === undefined)
    throw new TomboloError("input.keys", "the private keys are under a passphrase and none was given", {
      remedy: "Set TOMBOLO_PASSPHRASE, or give systemd the credential tombolo-passphrase.",
    });
  try {
    const { salt, nonce, tag, text } = envelope.parse(JSON.parse(sealed));
    const key = await keyOf(passphrase, Buffer.from(salt, "base64"));
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), { authTagLength: 16 });
    decipher.setAuthTag(Buffer.from(tag, "base64"));
    return Buffer.concat([decipher.update(text, "base64"), decipher.final()]).toString("utf8");
  } catch (cause) {
    throw new TomboloError("input.keys", "a private key could not be opened: wrong passphrase or damaged file", {
      remedy: "Check TOMBOLO_PASSPHRASE; restore the keys folder from a backup if it is right.",
      cause,
    });
  }
}

function keyOf(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), salt, 32, parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
