/** What a host answers the guest: by the kind of model, how many hosts there are and which of them this is, and what is asked for. */
import {
  bandsBinsHost,
  bandsHost,
  decideHost,
  type EarlierHost,
  type HostBinsModel,
  type HostClassModel,
  type HostModel,
  type HostPair,
  type HostPredictInput,
  type HostPredictPeer,
  predictBinsHost,
  predictClassesHost,
  predictClassSumsHost,
  predictHost,
  predictionMessages,
  predictSumHost,
  type SharingEnds,
  shareForBands,
  shareForClass,
} from "@tombolo/federated/vertical/regression";
import type { TaskContext } from "../component.ts";
import type { HostPart } from "../regression-train/model.ts";
import { guestPeer } from "../tables.ts";
import { boundsOf } from "./answer.ts";
import { otherHosts } from "./pairs.ts";
import type { Parameters } from "./parameters.ts";

type Context = TaskContext<Parameters, unknown>;
type Input = Omit<HostPredictInput, "model">;

export interface HostEnds {
  readonly peer: HostPredictPeer;
  /** Sessions with the other hosts, in their order. */
  readonly others: readonly HostPair[];
}

export async function hostEnds(context: Context): Promise<HostEnds> {
  const [peer, others] = await Promise.all([
    guestPeer(context, predictionMessages),
    otherHosts(context, predictionMessages),
  ]);
  return { peer, others };
}

export function answerGuest(context: Context, part: HostPart, input: Input, ends: HostEnds): Promise<void> {
  if (part.kind === "regression/host-bins") return answerBins(context, { ...input, model: part }, ends);
  return part.kind === "regression/host-classes"
    ? answerClasses(context, { ...input, model: part }, ends)
    : answerScores(context, { ...input, model: part }, ends);
}

/** Of such models there is one host. */
function answerBins(
  { parameters: { output, bands }, secrets }: Context,
  input: Input & { readonly model: HostBinsModel },
  { peer }: HostEnds,
): Promise<void> {
  const given = { ...input, secrets };
  return output === "score"
    ? predictBinsHost(given, peer)
    : bandsBinsHost({ ...given, bounds: boundsOf(bands).length }, peer);
}

async function answerScores(
  { parameters: { output, bands }, secrets }: Context,
  input: Input & { readonly model: HostModel },
  { peer, others }: HostEnds,
): Promise<void> {
  if (output === "score")
    return others.length > 0 ? predictSumHost(input, peer, others, secrets) : predictHost(input, peer);
  const sharing = sharingWith(others);
  if (sharing !== null) return shareForBands(input, { ...sharing, peer, secrets });
  return bandsHost({ ...input, bounds: boundsOf(bands).length, secrets }, peer, furtherIn(others));
}

async function answerClasses(
  { parameters: { output }, secrets }: Context,
  input: Input & { readonly model: HostClassModel },
  { peer, others }: HostEnds,
): Promise<void> {
  if (output === "score")
    return others.length > 0 ? predictClassSumsHost(input, peer, others, secrets) : predictClassesHost(input, peer);
  const sharing = sharingWith(others);
  if (sharing !== null) return shareForClass(input, { ...sharing, peer, secrets });
  return decideHost({ ...input, secrets }, peer, furtherIn(others));
}

/** The session with the first host; null: this is the first. */
function sharingWith([first]: readonly HostPair[]): Pick<SharingEnds, "first"> | null {
  return first?.side === "later" ? { first } : null;
}

/** Of the first host: all others come later. */
const furtherIn = (others: readonly HostPair[]): EarlierHost[] =>
  others.flatMap((other) => (other.side === "earlier" ? [other] : []));
