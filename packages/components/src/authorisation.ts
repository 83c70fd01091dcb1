/**
 * A reference to what a data subject authorised: the hash of the document, what it is for, and until when. It goes to who is asked,
 * is checked there by form, scope and time, and stands in both parties' journals. What the document says, and whether the subject
 * signed it, no node can know: the hash is there so that it can be held against the document later.
 */
import { z } from "zod";
import type { Component, Disclosure, Participant } from "./component.ts";
import { learns } from "./disclosing.ts";
import { field } from "./fields.ts";

export const authorisationReference = z.strictObject({
  /** SHA-256 of the document, or of the list of documents of a batch. */
  hash: z.string().regex(/^[0-9a-f]{64}$/, "not a SHA-256 in hex"),
  /** The purpose of the owner's grant, or the id of the dataset that is asked. */
  scope: z.string().min(1).max(200),
  expires: z.iso.datetime({ offset: true }),
});
export type Authorisation = z.output<typeof authorisationReference>;

export const authorisation = field(
  authorisationReference.nullable().default(null),
  { en: "Authorisation of the data subjects", zh: "数据主体授权凭据" },
  {
    en: "SHA-256 of the authorisation, its scope (the purpose of the owner's grant, or the dataset's id) and its end. The partner gets and journals it, and may demand it.",
    zh: "授权文件的 SHA-256、适用范围（数据方授权的用途或数据集编号）与截止时间。对方会收到并记入存证，也可要求必须提供。",
  },
);

/** Of a task, if its component takes one. */
export function authorisationIn(parameters: unknown): Authorisation | null {
  const given = (parameters as { readonly authorisation?: unknown } | undefined)?.authorisation;
  return given == null ? null : authorisationReference.parse(given);
}

export const takesAuthorisation = ({ parameters }: Component): boolean =>
  parameters instanceof z.ZodObject && "authorisation" in parameters.shape;

export const referenceLearnt = (
  host: Participant,
  guest: Participant,
  { authorisation: reference }: { readonly authorisation: Authorisation | null },
): Disclosure[] =>
  reference === null
    ? []
    : [
        learns(host, guest, "authorisation", {
          en: `the reference ${reference.hash.slice(0, 16)}… of an authorisation for "${reference.scope}" until ${reference.expires}, which names its data subjects to whoever has the document`,
          zh: `授权凭据 ${reference.hash.slice(0, 16)}…（范围“${reference.scope}”，有效期至 ${reference.expires}）；持有该授权文件者可由此得知数据主体`,
        }),
      ];
