/** The server's part of the OPRF: goal, messages and guarantees are in client.ts. */
import { concat, type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { POINT_BYTES, ristretto255 } from "@tombolo/crypto";
import type { messages } from "./messages.ts";
import { blindEvaluate, type Mode, prove, publicKeyOf } from "./steps.ts";

export interface ServerOptions {
  readonly mode: Mode;
  /** More inputs than this are refused: what a budget debits is what is enforced here (SECURITY.md rule 8). */
  readonly inputsMax: number;
  /** For the proofs. */
  readonly secrets: Secrets;
}

type ClientPeer = Peer<typeof messages, "server">;

/** Returns how many inputs were evaluated. */
export async function server(key: Uint8Array, peer: ClientPeer, options: ServerOptions): Promise<number> {
  const count = await peer.receive("count"); // 1
  if (count > options.inputsMax)
    throw new TomboloError("consent.oprf-inputs", "more inputs than agreed", { stage: "oprf", blame: peer.party });
  const publicKey = await publicKeyOf(key);
  await peer.send("publicKey", publicKey); // 2
  await peer.sendEach("evaluated", evaluateChunks(key, publicKey, count, peer, options)); // 3, 4
  return count;
}

async function* evaluateChunks(
  key: Uint8Array,
  publicKey: Uint8Array,
  count: number,
  peer: ClientPeer,
  { mode, secrets }: ServerOptions,
): AsyncGenerator<Uint8Array> {
  let done = 0;
  for await (const blinded of peer.receiveEach("blinded")) {
    done += blinded.length / POINT_BYTES;
    if (blinded.length === 0 || done > count) throw wrongCount(peer);
    const evaluated = await blindEvaluate(key, blinded);
    if (mode === "oprf") yield evaluated;
    else {
      const proof = await prove({ publicKey, blinded, evaluated }, key, ristretto255.randomScalar(secrets));
      yield concat(evaluated, proof);
    }
  }
  if (done !== count) throw wrongCount(peer);
}

const wrongCount = (peer: ClientPeer): TomboloError =>
  new TomboloError("protocol.size", "the partner sent another number of inputs than it declared", {
    stage: "oprf",
    blame: peer.party,
  });
