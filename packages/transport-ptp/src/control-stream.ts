/**
 * Requests against the direction of dialling. The dialling side keeps one stream open; the side that was dialled
 * sends its requests down that stream and gets the answers back. A message is
 *
 *   length of head (u32), length of body (u32), head as JSON, body
 *
 * with head { id, method, path, headers } or { id, status, headers }.
 */
import type { Duplex } from "node:stream";
import { fromUtf8, TomboloError, utf8 } from "@tombolo/base";
import { plainHeaders } from "./ptp-headers.ts";
import type { EastWestResponse, Headers, RequestOptions } from "./types.ts";

export interface ControlLimits {
  readonly bodyBytesMax: number;
  readonly headerBytesMax: number;
}

interface ControlMessage {
  readonly head: Readonly<Record<string, unknown>>;
  readonly body: Uint8Array;
}

const UNDER_WAY_MAX = 32;
const PREFIX_BYTES = 8;

function write(stream: Duplex, head: object, body: Uint8Array): void {
  if (stream.destroyed || stream.writableEnded) return;
  const json = utf8(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32LE(json.length, 0);
  prefix.writeUInt32LE(body.length, 4);
  stream.write(Buffer.concat([prefix, json, body]));
}

/** Cuts the stream into messages; anything malformed or too big destroys it. */
function read(stream: Duplex, limits: ControlLimits, onMessage: (message: ControlMessage) => void): void {
  let chunks: Buffer[] = [];
  let length = 0;
  let wanted = PREFIX_BYTES;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    try {
      while (length >= wanted) {
        const bytes = Buffer.concat(chunks);
        const [headLength, bodyLength] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4)];
        if (headLength > 2 * limits.headerBytesMax || bodyLength > limits.bodyBytesMax)
          throw new TomboloError("protocol.size", "a message on the control stream is too big");
        wanted = PREFIX_BYTES + headLength + bodyLength;
        const rest = length >= wanted ? bytes.subarray(wanted) : bytes;
        if (length >= wanted) {
          const head: unknown = JSON.parse(fromUtf8(bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + headLength)));
          if (typeof head !== "object" || head === null) throw new TypeError("head is not an object");
          onMessage({ head: { ...head }, body: new Uint8Array(bytes.subarray(PREFIX_BYTES + headLength, wanted)) });
          wanted = PREFIX_BYTES;
        }
        chunks = [rest];
        length = rest.length;
      }
    } catch {
      stream.destroy();
    }
  });
}

function headersOf(value: unknown): Headers {
  return typeof value === "object" && value !== null ? plainHeaders(value as Headers) : {};
}

interface Pending {
  resolve(response: EastWestResponse): void;
  reject(error: unknown): void;
}

/** The dialled side. */
export class ReverseCaller {
  readonly #stream: Duplex;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(stream: Duplex, limits: ControlLimits) {
    this.#stream = stream;
    read(stream, limits, (message) => this.#onAnswer(message));
    stream.on("close", () => this.#onClose());
  }

  async request(request: RequestOptions): Promise<EastWestResponse> {
    if (this.#pending.size >= UNDER_WAY_MAX)
      throw new TomboloError("transport.busy", "too many requests to this partner are under way");
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<EastWestResponse>();
    this.#pending.set(id, { resolve, reject });
    const late = setTimeout(() => reject(timedOut(request)), request.timeoutMs);
    const { method, path, headers = {}, body = new Uint8Array(0) } = request;
    write(this.#stream, { id, method, path, headers }, body);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#pending.delete(id);
    }
  }

  #onAnswer({ head, body }: ControlMessage): void {
    const { id, status, headers } = head;
    if (typeof id !== "number" || typeof status !== "number" || !Number.isInteger(status))
      throw new TypeError("malformed answer");
    this.#pending.get(id)?.resolve({ status, headers: headersOf(headers), body });
  }

  #onClose(): void {
    for (const { reject } of this.#pending.values())
      reject(new TomboloError("transport.unreachable", "the connection to the partner broke"));
  }
}

export const timedOut = (request: RequestOptions): TomboloError =>
  new TomboloError("transport.timeout", `no answer to ${request.method} ${request.path} in ${request.timeoutMs} ms`);

export interface ReverseRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** The dialling side. `answer` never rejects. */
export function answerReverse(
  stream: Duplex,
  limits: ControlLimits,
  answer: (request: ReverseRequest) => Promise<EastWestResponse>,
): void {
  let underWay = 0;
  const respond = async (id: number, request: ReverseRequest): Promise<void> => {
    underWay += 1;
    const { status, headers = {}, body } = await answer(request);
    underWay -= 1;
    write(stream, { id, status, headers }, body);
  };
  read(stream, limits, ({ head, body }) => {
    const { id, method, path, headers } = head;
    if (typeof id !== "number" || typeof method !== "string" || typeof path !== "string" || !path.startsWith("/"))
      throw new TypeError("malformed request");
    if (underWay >= UNDER_WAY_MAX) write(stream, { id, status: 503, headers: {} }, new Uint8Array(0));
    else void respond(id, { method, path, headers: headersOf(headers), body });
  });
}
