/** One request and its answer over an HTTP/2 stream, bounded in size and time. */
import type { ClientHttp2Session, Http2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import { TomboloError, utf8 } from "@tombolo/base";
import { timedOut } from "./control-stream.ts";
import { plainHeaders } from "./ptp-headers.ts";
import type { EastWestResponse, RequestOptions } from "./types.ts";

/** All of a stream's body; `protocol.size` beyond the limit. */
export function readBody(stream: Http2Stream, bytesMax: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    stream.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= bytesMax) chunks.push(chunk);
      else reject(new TomboloError("protocol.size", `the body exceeds ${bytesMax} bytes`));
    });
    stream.on("end", () => resolve(new Uint8Array(Buffer.concat(chunks))));
    stream.on("error", (cause) => reject(broke(cause)));
    stream.on("close", () => reject(broke()));
  });
}

const broke = (cause?: unknown): TomboloError =>
  new TomboloError("transport.unreachable", "the connection to the partner broke", { cause });

export async function exchange(
  session: ClientHttp2Session,
  request: RequestOptions,
  ptpHeaders: OutgoingHttpHeaders,
  bodyBytesMax: number,
): Promise<EastWestResponse> {
  const { method, path, headers = {}, body = new Uint8Array(0), timeoutMs } = request;
  const stream = session.request({ ...ptpHeaders, ...plainHeaders(headers), ":method": method, ":path": path });
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(timedOut(request)), timeoutMs);
  try {
    stream.end(body);
    return await Promise.race([answer(stream, bodyBytesMax), late.promise]);
  } finally {
    clearTimeout(timer);
    stream.destroy();
  }
}

async function answer(stream: Http2Stream, bodyBytesMax: number): Promise<EastWestResponse> {
  const [headers, body] = await Promise.all([responseHeaders(stream), readBody(stream, bodyBytesMax)]);
  return { status: Number(headers[":status"]), headers: plainHeaders(headers), body };
}

export function responseHeaders(stream: Http2Stream): Promise<IncomingHttpHeaders> {
  return new Promise((resolve, reject) => {
    stream.once("response", resolve);
    stream.once("error", (cause) => reject(broke(cause)));
    stream.once("close", () => reject(broke()));
  });
}

/** A refusal by the transport itself, in the shape of BFIA answers with our typed error beside it. */
export function errorAnswer(status: number, error: TomboloError): EastWestResponse {
  const { code, message } = error.toPublic();
  const body = utf8(JSON.stringify({ code: status, msg: message, error: { code, message } }));
  return { status, headers: { "content-type": "application/json" }, body };
}
