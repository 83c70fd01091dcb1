/**
 * The invite line: what one administrator hands to another over a channel both trust. It pins the inviting party's
 * keys and holds a single-use secret that authenticates the answer; the secret is stored hashed.
 */
import { createHash } from "node:crypto";
import {
  canonicalJson,
  fromBase64Url,
  fromUtf8,
  type Json,
  TomboloError,
  toBase64Url,
  toHex,
  utf8,
} from "@tombolo/base";
import { z } from "zod";

const PREFIX = "tombolo1:";
const LINE_LENGTH_MAX = 4000;
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

const inviteContent = z.strictObject({
  contract: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/),
  party: z.string().regex(/^[a-z][a-z0-9-]{1,31}$/),
  name: z.string().min(1).max(200),
  address: z.string().max(300),
  signingKey: sha256Hex,
  certificate: sha256Hex,
  suite: z.string().max(60),
  secret: z.string().regex(/^[A-Za-z0-9_-]{43}$/),
  expires: z.iso.datetime(),
});
export type InviteContent = z.infer<typeof inviteContent>;

export const inviteLine = (content: InviteContent): string =>
  `${PREFIX}${toBase64Url(canonicalJson(content as unknown as Json))}`;

/** Throws `input.invite` for anything that `inviteLine` did not make, or that is past its time. */
export function parseInviteLine(line: string, now: Date): InviteContent {
  const bad = (message: string): TomboloError =>
    new TomboloError("input.invite", message, { remedy: "Ask the partner for a new invite line and paste it whole." });
  const text = line.trim();
  if (!text.startsWith(PREFIX) || text.length > LINE_LENGTH_MAX) throw bad("this is not an invite line");
  let content: unknown;
  try {
    content = JSON.parse(fromUtf8(fromBase64Url(text.slice(PREFIX.length))));
  } catch {
    throw bad("the invite line is damaged");
  }
  const parsed = inviteContent.safeParse(content);
  if (!parsed.success) throw bad("the invite line is damaged");
  if (Date.parse(parsed.data.expires) <= now.getTime()) throw bad("the invite line has expired");
  return parsed.data;
}

export const secretHash = (secret: string): string =>
  toHex(
    createHash("sha256")
      .update(utf8(`tombolo/invite-secret/v1\0${secret}`))
      .digest(),
  );
