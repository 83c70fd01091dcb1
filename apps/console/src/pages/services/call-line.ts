/** How a business system calls a service, as a line to copy. */
import type { Service } from "@tombolo/sdk";

/** Several ids of one row are parted by commas. */
export const idOf = (text: string): string | string[] => {
  const parts = text.split(",").map((part) => part.trim());
  return parts.length === 1 ? parts[0]! : parts;
};

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

export const curlOf = ({ name, kind }: Pick<Service, "name" | "kind">, body: unknown): string =>
  `curl -X POST ${window.location.origin}/api/v1/services/${name}/${kind} -H "Authorization: Bearer $TOMBOLO_API_KEY" -H 'content-type: application/json' -d ${quoted(JSON.stringify(body))}`;
