/** One POST to an address checked after resolving (SECURITY.md rule 18): no redirects, bounded time, answer unread. */
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { resolveGuarded } from "@tombolo/transport-ptp";

const TIMEOUT_MS = 10_000;

export interface PostOptions {
  readonly allowPrivate: boolean;
  readonly signal: AbortSignal;
}

/** The HTTP status. The address dialled is the one that was checked; TLS still verifies the name. */
export async function postOnce(
  url: URL,
  headers: Record<string, string>,
  body: string,
  options: PostOptions,
): Promise<number> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const address = await resolveGuarded(host, { allowPrivate: options.allowPrivate });
  const secure = url.protocol === "https:";
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(
      {
        host: address,
        port: url.port === "" ? (secure ? 443 : 80) : Number(url.port),
        path: `${url.pathname}${url.search}`,
        method: "POST",
        headers: { ...headers, host: url.host, "content-length": Buffer.byteLength(body) },
        servername: host,
        signal: AbortSignal.any([options.signal, AbortSignal.timeout(TIMEOUT_MS)]),
      },
      (response) => {
        resolve(response.statusCode ?? 0);
        response.destroy();
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}
