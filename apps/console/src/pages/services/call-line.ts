/** How a business system calls a service, as a line to copy. */
import type { Service } from "@tombolo/sdk";
import { codes } from "../../i18n/codes.ts";

/** Several ids of one row are parted by commas. */
export const idOf = (text: string): string | string[] => {
  const parts = text.split(",").map((part) => part.trim());
  return parts.length === 1 ? parts[0]! : parts;
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export const curlOf = ({ name, kind }: Pick<Service, "name" | "kind">, body: unknown): string =>
  `curl -X POST ${window.location.origin}/api/v1/services/${name}/${kind} -H "Authorization: Bearer $TOMBOLO_API_KEY" -H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`;

/** Why a row has no answer: the node's words, or ours where the reader's language is not theirs. */
export const saidOf = (
  refusal: { readonly code: string; readonly message: string } | null | undefined,
  language: string,
): string | undefined =>
  language === "zh" ? (codes[refusal?.code ?? ""]?.what ?? refusal?.message) : refusal?.message;
