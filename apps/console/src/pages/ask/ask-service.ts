/** One call of a service that answers questions, whichever kind it is. */
import type { Askable } from "@tombolo/sdk";
import { call } from "../../lib/client.ts";

export interface Answer {
  /** In the table, or belonging together; null: no answer. */
  readonly yes: boolean | null;
  readonly values: Readonly<Record<string, unknown>>;
  readonly refusal: { readonly code: string; readonly message: string } | null;
}
export interface Answered {
  readonly trace: string;
  readonly answers: readonly Answer[];
}

/** To what the data subjects of a key authorised. */
export interface KeyReference {
  readonly hash: string;
  readonly expires: string;
}

export interface AskOptions {
  /** In the keys' places; where the service wants them. */
  readonly references?: readonly KeyReference[];
  readonly signal?: AbortSignal;
  readonly idempotencyKey?: string;
}

export async function askService(
  { name, kind }: Pick<Askable, "name" | "kind">,
  keys: readonly (readonly string[])[],
  { references, ...options }: AskOptions = {},
): Promise<Answered> {
  const input = {
    params: { name },
    body: {
      rows: keys.map((key, i) => ({
        id: key.length === 1 ? key[0]! : [...key],
        ...(references?.[i] === undefined ? {} : { authorisation: { ...references[i] } }),
      })),
    },
  };
  if (kind === "verify") {
    const { traceId, rows } = await call("verifyService", input, options);
    const answers = rows.map(({ verified, refusal }) => ({
      ...{ yes: verified ?? null, values: {}, refusal: refusal ?? null },
    }));
    return { trace: traceId, answers };
  }
  const { traceId, rows } = await call("queryService", input, options);
  const answers = rows.map(({ found, values, refusal }) => ({
    ...{ yes: found ?? null, values: values ?? {}, refusal: refusal ?? null },
  }));
  return { trace: traceId, answers };
}
