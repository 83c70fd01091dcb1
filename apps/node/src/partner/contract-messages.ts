/** What parties send each other about their contract. */
import { z } from "zod";
import { isHostPort } from "./address.ts";

export const PATHS = {
  apply: "/v1/interconn/node/contract/apply",
  confirm: "/v1/interconn/node/contract/confirm",
  terminate: "/v1/interconn/node/contract/terminate",
  query: "/v1/interconn/node/contract/query",
} as const;

const key43 = z.string().regex(/^[A-Za-z0-9_-]{43}$/);
const partyName = z.string().regex(/^[a-z][a-z0-9-]{1,31}$/);

export const applyBody = z.strictObject({
  contract_id: z.string().max(96),
  node_id: partyName,
  name: z.string().min(1).max(200),
  address: z.string().max(300).refine(isHostPort).nullable(),
  signing_key: key43,
  auth_type: z.literal("CERT"),
  auth_credential: z.string().regex(/^[0-9a-f]{64}$/),
  secret: key43,
  suite: z.string().max(60),
  system: z.string().max(60),
  system_version: z.string().max(60),
});
export const applyAnswer = z.object({
  contract_id: z.string(),
  node_id: partyName,
  name: z.string().max(200),
  signing_key: key43,
  suite: z.string(),
});
export const contractIdBody = z.strictObject({ contract_id: z.string().max(96) });
export const terminateBody = z.strictObject({ contract_id: z.string().max(96), reason: z.string().max(4000) });
