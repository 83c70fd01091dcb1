/**
 * Scores single rows as they are asked for, with a boosted model whose hosts do not learn which of their rows are scored:
 * what each would answer stands sealed in a catalogue at the guest (boosting-tabulate), and a host is asked to open
 * entries of blinded ids. Who is asked, and what callers get, is as in boosting-serve.
 * Protocol, leakage and adversary: packages/protocols, query/keyword.
 */
import { guestDigests, hostDigests } from "@tombolo/federated/vertical/boosting";
import { messages } from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import { servedTrees } from "../boosting-serve/served.ts";
import { decodeKept } from "../boosting-tabulate/kept.ts";
import { storedGuestModel, storedHostModel } from "../boosting-train/model.ts";
import { checkPart } from "../catalogue/answering.ts";
import { serveAnswers } from "../catalogue/serving.ts";
import { component, many, model, one, onlyAt, optional, type TaskContext } from "../component.ts";
import { answeringFaults } from "../score-service/faults.ts";
import { serveScores } from "../score-service/guest.ts";
import { countingRows } from "../score-service/host.ts";
import { HostLink } from "../score-service/link.ts";
import { disclosures } from "./disclosure.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { meetByKeyword } from "./session.ts";

type Context = TaskContext<Parameters, Record<string, never>>;

export const boostingServeHidden = component({
  name: "boosting-serve-hidden",
  version: "2.0.0",
  title: { en: "Serve boosted trees, hiding who is scored", zh: "提升树在线打分（隐藏被打分者）" },
  summary: {
    en: "Answers single scores as they are asked for, with a joint model, until an agreed moment; hosts learn only how many are scored, and when.",
    zh: "在约定时间内，用联合模型逐笔返回打分结果；数据方只知道打分的数量与时间，不知道是谁。",
  },
  roles: { guest: one, host: many },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { model: model("boosting"), fallback: optional(onlyAt(model("boosting"), "guest")), catalogue: model() },
  outputs: {},
  faults: ({ parameters: given }) => answeringFaults(given),
  protocol: { name: "query/keyword", messages },
  serves: "score",
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const stored = storedGuestModel(await context.inputs.model("model"));
  const { part } = stored;
  await serveScores(context, servedTrees(stored), async () => {
    const kept = decodeKept(await context.inputs.model("catalogue"));
    const folder = await context.inputs.modelFolder("catalogue");
    const digests = await Promise.all(part.hosts.map((_, host) => guestDigests(part, host)));
    digests.forEach((each, host) => {
      checkPart(each.at(-1)!, kept[host]!.stored);
    });
    const hosts = part.hosts.map((party, host) => {
      const { prefix, meet } = meetByKeyword(context, folder, kept[host]!, host);
      return new HostLink(context, party, prefix, meet);
    });
    return { hosts, normalise: kept[0]!.stored.normalise };
  });
}

async function runHost(context: Context): Promise<void> {
  const { part } = storedHostModel(await context.inputs.model("model"));
  const counting = countingRows(context);
  try {
    await serveAnswers(context, { digest: (await hostDigests(part)).at(-1)! }, counting.add);
  } finally {
    counting.tell();
  }
}
