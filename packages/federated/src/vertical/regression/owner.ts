/**
 * The part of a further host in training: it answers with products of its matrix until the guest says that this is the end, and gets its own
 * coefficients. Goal, protocol and what each party learns: train.ts, owners.ts.
 */
import { type Secrets, TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import {
  MatrixOwner,
  type MatrixOwnerProduct,
  type ProductMessages,
  ReleaseBudget,
} from "@tombolo/protocols/matrix-product";
import { plainNamed } from "@tombolo/protocols/renamed";
import { trainingFormats } from "./bounds.ts";
import { ownCoefficients } from "./design.ts";
import type { OwnerPeer } from "./ends.ts";
import { familyOf } from "./families/index.ts";
import { type OwnErrorsInput, ownErrors, ownErrorsInput } from "./inference/owner-errors.ts";
import type { StandardErrors } from "./inference/standard-errors.ts";
import { contributionsOf, matrixPairs } from "./matrices.ts";
import type { OwnerTask } from "./messages.ts";
import { openAsOwner } from "./opening.ts";
import { ownWeights } from "./own-weights.ts";
import { CACHE_BYTES, planOf, RELEASED_MAX, type Sides } from "./products.ts";
import { checkedDesign, type HostInput, ownSide, type Settled, settledInput, type TrainedPart } from "./sides.ts";
import { startWords } from "./warm-start.ts";

/** Words in a chunk of masks. */
const CHUNK_WORDS = 65536;

export interface OwnerInput
  extends Pick<HostInput, "columns" | "rowCount" | "parameters" | "signal" | "store" | "earlier"> {
  /** Among the further hosts, from 0. */
  readonly place: number;
  /** After each product. */
  readonly onProduct?: ((done: number) => void) | undefined;
}

export async function trainOwner(given: OwnerInput, peers: Sides<OwnerPeer>, secrets: Secrets): Promise<OwnerTrained> {
  const input = settledInput(given);
  const { parameters, rowCount } = input;
  const design = await checkedDesign(input, "host");
  const computation = await openAsOwner(ownSide(input, design), peers, input.place);
  const formats = trainingFormats({ parameters, rowCount, ...computation });
  const pairs = matrixPairs(design, parameters, { guest: 0, host: design.columns.length });
  const { scaled, outputs } = familyOf(parameters);
  const plans = pairs.map(({ sizes }) => planOf(sizes.host, { vectors: outputs, releasedMax: RELEASED_MAX })!);
  const opened = async (peer: OwnerPeer): Promise<ReadonlyMap<string, MatrixOwnerProduct>> => {
    const products = plainNamed("owner", peer as never) as unknown as Peer<ProductMessages, "matrixOwner">;
    const options = {
      secrets,
      budget: new ReleaseBudget(RELEASED_MAX),
      cacheBytesMax: CACHE_BYTES / 2,
      store: input.store,
    };
    const owner = await MatrixOwner.open(plans, products, options);
    return new Map(pairs.map((pair, i) => [pair.name, owner.product(plans[i]!, pair.own)]));
  };
  const [guest, host] = await Promise.all([opened(peers.guest), opened(peers.host)]);
  const own = ownErrorsInput(design, { parameters, formats, ...computation });
  const earlier = () =>
    input.earlier === undefined
      ? null
      : startWords(design, input.earlier, { ...computation, ...formats, scaled, outputs });
  const how = await answer(input, { peers, products: { guest, host }, own, earlier, secrets });
  const shares = await Promise.all(
    [peers.guest, peers.host].map((peer) => receiveWeights(peer, outputs * design.columns.length)),
  );
  const weights = ownWeights(shares, { ...computation, scaled, weight: formats.weight });
  return {
    run: computation.run,
    design,
    ...ownCoefficients(design, weights, outputs),
    contributions: contributionsOf(design, parameters, weights),
    ...how,
  };
}

interface Ended {
  readonly converged: boolean;
  readonly steps: number;
  /** Null where they were not asked for, there was no convergence, or columns of all are nearly dependent. */
  readonly errors: StandardErrors | null;
}

export type OwnerTrained = TrainedPart & Ended;

interface Answering {
  readonly peers: Sides<OwnerPeer>;
  readonly products: Sides<ReadonlyMap<string, MatrixOwnerProduct>>;
  readonly own: OwnErrorsInput;
  /** Null where training starts from none. */
  readonly earlier: () => BigUint64Array | null;
  readonly secrets: Secrets;
}

/** With one matrix for both that compute; what each of the products is masked with goes to the other of them. */
async function answer(
  { signal, onProduct, parameters }: Settled<OwnerInput>,
  { peers, products, own, earlier, secrets }: Answering,
): Promise<Ended> {
  let errors: StandardErrors | null = null;
  for (let done = 1; ; done++) {
    signal?.throwIfAborted();
    const task = await peers.guest.receive("ownerTask");
    if (task.product === "end") return { converged: task.converged, steps: task.steps, errors };
    if (task.product === "forward" || task.product === "backward") {
      await multiply(task, peers, products);
      onProduct?.(done);
      continue;
    }
    if (task.product === "earlier") {
      const words = earlier();
      if (words === null) throw notAsked("an earlier model", peers.guest.party);
      await sendShares(words, peers, secrets);
      continue;
    }
    if (!parameters.inference) throw notAsked("standard errors", peers.guest.party);
    if (task.product === "errors") errors = await ownErrors(task, peers, own);
    else if (task.product === "column") await sendShares(own.column(task.place), peers, secrets);
    else await sendShares(own.combinations(), peers, secrets);
  }
}

async function multiply(
  { product, part }: Extract<OwnerTask, { part: unknown }>,
  peers: Sides<OwnerPeer>,
  products: Sides<ReadonlyMap<string, MatrixOwnerProduct>>,
): Promise<void> {
  const masks = await Promise.all(
    [products.guest, products.host].map((all) => {
      const matrix = all.get(`part ${part}`);
      if (matrix === undefined)
        throw new TomboloError("protocol.range", "a product with rows that are not there", {
          blame: peers.guest.party,
        });
      return product === "forward" ? matrix.multiply(null) : matrix.multiplyTransposed(null);
    }),
  );
  await Promise.all([
    peers.host.sendEach("ownerPassed", chunksOf(masks[0]!)),
    peers.guest.sendEach("ownerPassed", chunksOf(masks[1]!)),
  ]);
}

const notAsked = (what: string, party: string): TomboloError =>
  new TomboloError("protocol.order", `there was no agreement on ${what}`, { blame: party });

/** Uniform words to the guest, and what is left of the sum to the first host. */
async function sendShares(words: BigUint64Array, peers: Sides<OwnerPeer>, secrets: Secrets): Promise<void> {
  const mask = new BigUint64Array(secrets.bytes(8 * words.length).slice().buffer);
  await Promise.all([
    peers.guest.sendEach("ownerShares", chunksOf(mask)),
    peers.host.sendEach("ownerShares", chunksOf(words.map((word, i) => word - mask[i]!))),
  ]);
}

function* chunksOf(words: BigUint64Array): Generator<Uint8Array> {
  for (let from = 0; from < words.length; from += CHUNK_WORDS)
    yield new Uint8Array(words.slice(from, from + CHUNK_WORDS).buffer);
}

async function receiveWeights(peer: OwnerPeer, count: number): Promise<BigUint64Array> {
  const bytes = await peer.receive("ownerWeights");
  if (bytes.length !== 8 * count)
    throw new TomboloError("protocol.size", "as many shares as there are own coefficients", { blame: peer.party });
  return new BigUint64Array(bytes.slice().buffer);
}
