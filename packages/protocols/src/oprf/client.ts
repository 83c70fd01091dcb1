/**
 * An oblivious pseudorandom function: the client gets F(k, x) of its inputs x under the server's key k.
 *
 * Standard: RFC 9497, modes OPRF (0) and VOPRF (1), ristretto255-SHA512; Jarecki, Kiayias, Krawczyk (ASIACRYPT 2014).
 *
 * 1. client -> server: number of inputs.            2. server -> client: public key k·G.
 * 3. client -> server: r·H(x), r fresh for each x.  4. server -> client: k·r·H(x); VOPRF: a proof for each chunk.
 *
 * The client learns F(k, x) and the public key, nothing else about k; the server learns the number of inputs. In VOPRF
 * a server that uses another key is found out; in OPRF it is not. Adversary: malicious client; server semi-honest
 * (OPRF) or malicious (VOPRF), under the one-more gap Diffie-Hellman assumption in the random-oracle model.
 *
 * The RFC fixes all hash tags, and outputs have to be the same in every session, so the session is not in them
 * (SECURITY.md rule 5 gives way). Who keeps outputs must derive k for one (partner, dataset, epoch): rule 14.
 *
 * Rounds: 4. Payload bytes, n inputs: to the server 8 + 32·n; to the client 32 + 32·n, in VOPRF 64 more for each chunk.
 */
import { concat, equalBytes, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { ristretto255 } from "@tombolo/crypto";
import { CHUNK_MAX, type messages } from "./messages.ts";
import { blind, finalize, type Inputs, type Mode, PROOF_BYTES, randomBlinds, verify } from "./steps.ts";

export interface ClientOptions {
  readonly mode: Mode;
  /** Refuse any other; null: take what the server says and compare it elsewhere. */
  readonly publicKey: Uint8Array | null;
  readonly secrets: Secrets;
  /** Inputs in one chunk, 1 to 4096 (default). */
  readonly chunkInputs?: number;
}

export interface ClientResult {
  /** n × OUTPUT_BYTES */
  readonly outputs: Uint8Array;
  readonly publicKey: Uint8Array;
}

type ServerPeer = Peer<typeof messages, "client">;

interface Chunk {
  readonly inputs: Inputs;
  readonly blinds: Uint8Array;
  readonly blinded: Uint8Array;
}

export async function client(inputs: Inputs, peer: ServerPeer, options: ClientOptions): Promise<ClientResult> {
  const count = inputs.offsets.length - 1;
  await peer.send("count", count); // 1
  const publicKey = (await peer.receive("publicKey")).slice(); // 2
  await ristretto255.validate(publicKey);
  if (options.publicKey !== null && !equalBytes(publicKey, options.publicKey))
    throw refused("the server has another public key than agreed", peer);
  // Chunks sent and not yet answered; the window bounds them.
  const underway: Chunk[] = [];
  const [, outputs] = await Promise.all([
    peer.sendEach("blinded", blindChunks(inputs, underway, options)), // 3
    receiveOutputs(peer, publicKey, underway, options.mode), // 4
  ]);
  if (underway.length > 0) throw refused("the server left inputs without an answer", peer);
  return { outputs, publicKey };
}

async function* blindChunks(inputs: Inputs, underway: Chunk[], options: ClientOptions): AsyncGenerator<Uint8Array> {
  const count = inputs.offsets.length - 1;
  const size = Math.max(1, Math.min(options.chunkInputs ?? CHUNK_MAX, CHUNK_MAX));
  for (let from = 0; from < count; from += size) {
    const part = slice(inputs, from, Math.min(count, from + size));
    const blinds = randomBlinds(part.offsets.length - 1, options.secrets);
    const blinded = await blind(part, blinds, options.mode);
    underway.push({ inputs: part, blinds, blinded });
    yield blinded;
  }
}

async function receiveOutputs(
  peer: ServerPeer,
  publicKey: Uint8Array,
  underway: Chunk[],
  mode: Mode,
): Promise<Uint8Array> {
  const outputs: Uint8Array[] = [];
  for await (const answer of peer.receiveEach("evaluated")) {
    const chunk = underway.shift();
    const length = (chunk?.blinded.length ?? 0) + (mode === "voprf" ? PROOF_BYTES : 0);
    if (chunk === undefined || answer.length !== length) throw refused("the server's answer has another size", peer);
    const evaluated = answer.slice(0, chunk.blinded.length);
    const proof = answer.slice(chunk.blinded.length);
    if (mode === "voprf" && !(await verify({ publicKey, blinded: chunk.blinded, evaluated }, proof)))
      throw refused("the server's proof does not hold", peer);
    outputs.push(await finalize(chunk.inputs, chunk.blinds, evaluated));
  }
  return concat(...outputs);
}

function slice({ messages: all, offsets }: Inputs, from: number, to: number): Inputs {
  const start = offsets[from]!;
  return {
    messages: all.subarray(start, offsets[to]),
    offsets: offsets.slice(from, to + 1).map((offset) => offset - start),
  };
}

const refused = (what: string, peer: ServerPeer): TomboloError =>
  new TomboloError("protocol.oprf", what, { stage: "oprf", blame: peer.party });
