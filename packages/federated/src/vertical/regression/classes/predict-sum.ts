/**
 * Probabilities of several classes with several hosts, of whose totals the guest learns for each class no more than the sum. Goal, masks,
 * adversary and rounds: ../predict-sum.ts; which totals there are: predict.ts.
 */
import type { Secrets } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { classFamilyOf } from "../families/index.ts";
import type { predictionMessages } from "../messages.ts";
import { requestRows } from "../predict.ts";
import { answerMasked, type HostPair, receiveSums } from "../predict-sum.ts";
import {
  acceptClassRequest,
  chunkRowsOf,
  type GuestClassInput,
  type HostClassInput,
  ownPredictors,
  probabilitiesOf,
  toldTotals,
} from "./predict.ts";

export async function predictClassSumsGuest(
  input: GuestClassInput,
  peers: readonly Peer<typeof predictionMessages, "guest">[],
): Promise<void> {
  const { model, rows, first = 0, take, onProgress } = input;
  const rules = classFamilyOf({ family: model.family, classes: model.intercepts.length });
  await Promise.all(peers.map((peer) => requestRows(input, peer, { chunkRows: chunkRowsOf(rules.outputs) })));
  const sums = await receiveSums(peers);
  let done = first;
  for await (const own of ownPredictors(input)) {
    const count = own.length / rules.outputs;
    await take(probabilitiesOf(rules, own, await sums.next(count * rules.toldTotals)));
    done += count;
    onProgress?.(done, rows.rowCount);
  }
  await sums.end();
}

export function predictClassSumsHost(
  input: HostClassInput,
  peer: Peer<typeof predictionMessages, "host">,
  others: readonly HostPair[],
  secrets: Secrets,
): Promise<void> {
  const asked = async () => {
    const request = await acceptClassRequest(input, peer, null);
    return { request, totals: toldTotals(input, request.first) };
  };
  return answerMasked({ quantum: input.model.quantum, asked }, { peer, others, secrets });
}
