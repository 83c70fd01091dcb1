import { z } from "zod";
import { id, shortText, timestamp } from "./common.ts";
import { role } from "./permissions.ts";

export const username = z.string().regex(/^[a-z][a-z0-9._-]{1,31}$/);
export const password = z.string().min(12).max(200);

export const user = z.object({
  id,
  username,
  displayName: shortText,
  roles: z.array(role).min(1),
  disabled: z.boolean(),
  /** False until the one-time link was used. */
  active: z.boolean(),
  /** Who this is at the identity provider where the person signs in; null: here, with a password. */
  subject: z.string().nullable(),
  lastSignInAt: timestamp.nullable(),
  createdAt: timestamp,
});
export const newUser = z.object({ username, displayName: shortText, roles: z.array(role).min(1) });
export const userPatch = z
  .object({
    displayName: shortText,
    roles: z.array(role).min(1),
    disabled: z.boolean(),
    /** Ties a local user to a subject of the identity provider: signs in there from then on, with the roles it gives. */
    subject: z.string().min(1).max(255),
  })
  .partial();
/** Shown once; single use, 15 minutes. `url` opens the console's "set a password" page. */
export const oneTimeLink = z.object({ url: z.url(), expiresAt: timestamp });
export const me = z.object({ user, party: z.object({ id: z.string(), name: z.string() }), csrfToken: z.string() });

export const apiKey = z.object({
  id,
  name: shortText,
  roles: z.array(role).min(1),
  createdAt: timestamp,
  expiresAt: timestamp,
  lastUsedAt: timestamp.nullable(),
  createdBy: z.string(),
});
export const newApiKey = z.object({
  name: shortText,
  roles: z.array(role).min(1),
  days: z.number().int().min(1).max(366).default(90),
});
/** `secret` is shown once: `Authorization: Bearer <secret>`. */
export const createdApiKey = z.object({ key: apiKey, secret: z.string() });

export type User = z.infer<typeof user>;
export type Me = z.infer<typeof me>;
export type ApiKey = z.infer<typeof apiKey>;
