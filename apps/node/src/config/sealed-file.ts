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

/** Seals and opens under one passphrase. All that one instance seals shares a salt, so that opening costs one scrypt. */
export class Sealer {
  readonly #passphrase: string | undefined;
  readonly #salt = randomBytes(16);
  readonly #keys = new Map<string, Promise<Buffer>>();

  constructor(passphrase: string | undefined) {
    this.#passphrase = passphrase;
  }

  /** Without a passphrase the text stays as it is. */
  async seal(text: string): Promise<string> {
    if (this.#passphrase === undefined) return text;
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", await this.#keyOf(this.#passphrase, this.#salt), nonce);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
    const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
    const parts = {
      salt: base64(this.#salt),
      nonce: base64(nonce),
      tag: base64(cipher.getAuthTag()),
      text: base64(body),
    };
    return `${JSON.stringify({ tombolo: "sealed-1", ...parts })}\n`;
  }

  /** Throws `input.keys` for a wrong passphrase or a damaged file. */
  async open(sealed: string): Promise<string> {
    if (this.#passphrase === undefined)
      throw new TomboloError("input.keys", "the private keys are under a passphrase and none was given", {
        remedy: "Set TOMBOLO_PASSPHRASE, or give systemd the credential tombolo-passphrase.",
      });
    try {
      const { salt, nonce, tag, text } = envelope.parse(JSON.parse(sealed));
      const key = await this.#keyOf(this.#passphrase, Buffer.from(salt, "base64"));
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

  #keyOf(passphrase: string, salt: Buffer): Promise<Buffer> {
    const name = salt.toString("base64");
    const known = this.#keys.get(name) ?? derive(passphrase, salt);
    this.#keys.set(name, known);
    return known;
  }
}

function derive(passphrase: string, salt: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize("NFC"), salt, 32, parameters, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
