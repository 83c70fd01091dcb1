/**
 * A reference to what a data subject authorised: the hash of the document, what it is for, and until when. It goes to who is asked,
 * is checked there by form, scope and time, and stands in both parties' journals. What the document says, and whether the subject
 * signed it, no node can know: the hash is there so that it can be held against the document later.
 */
import { fromHex, TomboloError, toHex } from "@tombolo/base";
import { z } from "zod";
import type { Component, Disclosure, GivenReference, ParameterFault, Participant } from "./component.ts";
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

/** Of a service whose every question comes with a reference of its own. */
export const authorisedFor = field(
  z.string().min(1).max(200).nullable().default(null),
  { en: "Every question authorised for", zh: "每笔查询的授权范围" },
  {
    en: "If given, every question names a reference to its data subject's authorisation for this scope: the purpose of the owner's grant, or the dataset's id. The partner gets the hashes. Padding step 1.",
    zh: "如填写，每笔查询须附该数据主体的授权凭据，范围为数据方授权的用途或数据集编号；对方会收到凭据哈希。填充步长须为 1。",
  },
);

export const givenSchema = z.strictObject({
  hash: authorisationReference.shape.hash,
  expires: z.iso.datetime({ offset: true }),
});

const HASH_BYTES = 32;
export const REFERENCE_BYTES = HASH_BYTES + 8;

export function encodeReferences(references: readonly GivenReference[]): Uint8Array {
  const out = new Uint8Array(references.length * REFERENCE_BYTES);
  const view = new DataView(out.buffer);
  references.forEach(({ hash, expires }, i) => {
    out.set(fromHex(hash), i * REFERENCE_BYTES);
    view.setFloat64(i * REFERENCE_BYTES + HASH_BYTES, expires, true);
  });
  return out;
}

export function decodeReferences(bytes: Uint8Array, blame: string): GivenReference[] {
  if (bytes.length % REFERENCE_BYTES !== 0)
    throw new TomboloError("protocol.malformed", "references of a wrong length", { blame });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / REFERENCE_BYTES }, (_, i) => {
    const at = i * REFERENCE_BYTES;
    const expires = view.getFloat64(at + HASH_BYTES, true);
    if (!Number.isSafeInteger(expires))
      throw new TomboloError("protocol.malformed", "a reference ends at no time", { blame });
    return { hash: toHex(bytes.subarray(at, at + HASH_BYTES)), expires };
  });
}

export const referencesLearnt = (
  host: Participant,
  guest: Participant,
  { authorisedFor: scope }: { readonly authorisedFor: string | null },
): Disclosure[] =>
  scope === null
    ? []
    : [
        learns(host, guest, "authorisation", {
          en: `with every question the hash and end of its data subject's authorisation for "${scope}", which name the data subject to whoever has the document, and exactly how many keys are asked`,
          zh: `每笔查询所附数据主体授权凭据（范围“${scope}”）的哈希与截止时间，持有授权文件者可由此得知数据主体；以及查询数量的准确值`,
        }),
      ];

/** Padding would come without references, and the owner could not tell it from questions that lack them. */
export const paddingFaults = ({
  parameters: { authorisedFor: scope, padTo },
}: {
  readonly parameters: { readonly authorisedFor: string | null; readonly padTo: number };
}): ParameterFault[] =>
  scope === null || padTo === 1
    ? []
    : [
        {
          parameter: "padTo",
          message: "questions that come with references are not padded",
          remedy: "Set the padding step to 1.",
          zh: { message: "附授权凭据的查询不可填充", remedy: "请将填充步长设为 1。" },
        },
      ];
