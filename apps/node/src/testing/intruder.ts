/** Speaks to a node's partner port with any keys, well or badly: what an attacker, or a broken partner, could send. */
import { type ClientHttp2Session, connect } from "node:http2";
import { fromUtf8 } from "@tombolo/base";
import { loadKeys, type NodeKeys } from "../config/keys.ts";
import { dataPaths } from "../config/paths.ts";
import { type Signer, signedRequest } from "../partner/calls.ts";
import type { WireRequest } from "../partner/side.ts";
import type { ClusterNode } from "./cluster.ts";

export interface Speaker extends Signer {
  readonly keys: NodeKeys;
}

/** With the keys of a node of the cluster. */
export async function keysOf(node: ClusterNode): Promise<Speaker> {
  return speaker(node.party, await loadKeys(dataPaths(node.directory).keys, undefined));
}

export const speaker = (party: string, keys: NodeKeys, now: () => Date = () => new Date()): Speaker => ({
  config: { party },
  keys,
  clock: { now },
});

export interface Heard {
  readonly status: number;
  readonly code: string | undefined;
}

/** A node's partner port. */
export type Target = Pick<ClusterNode, "party" | "partnerPort">;

/** Sends a request as it is, over TLS with the speaker's certificate. Status 0: the connection was refused. */
export async function send(target: Target, speaker: Speaker, request: WireRequest): Promise<Heard> {
  const session = connected(target, speaker);
  try {
    return await new Promise<Heard>((resolve, reject) => {
      session.once("error", () => resolve({ status: 0, code: undefined }));
      const stream = session.request({ ":method": request.method, ":path": request.path, ...request.headers });
      let status = 0;
      const chunks: Buffer[] = [];
      stream.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => resolve({ status, code: codeIn(Buffer.concat(chunks)) }));
      stream.on("error", reject);
      stream.end(request.body);
    });
  } finally {
    session.destroy();
  }
}

export const connected = ({ partnerPort }: Target, { keys }: Speaker): ClientHttp2Session =>
  connect(`https://127.0.0.1:${partnerPort}`, {
    key: keys.tls.privateKeyPem,
    cert: keys.tls.certificatePem,
    // The test speaks to the node it started; who that is does not matter here.
    rejectUnauthorized: false,
  });

export const signed = (from: Speaker, to: Target, path: string, body: unknown): WireRequest =>
  signedRequest(from, to.party, path, body);

function codeIn(body: Uint8Array): string | undefined {
  const answer = JSON.parse(fromUtf8(body)) as { error?: { code?: string } };
  return answer.error?.code;
}
