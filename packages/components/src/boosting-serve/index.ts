/**
 * Scores single rows as they are asked for, with a boosted model whose parts stay where they are. The guest's node is
 * asked; it alone has scores. While a host is away, the agreed policy answers in its place.
 * Protocol, leakage and adversary: packages/federated, vertical/serving, guest.ts.
 */
import {
  answerForm,
  flatGuest,
  flatHost,
  guestDigests,
  hostDigests,
  hostForm,
  servingMessages,
} from "@tombolo/federated/vertical/boosting";
import { storedGuestModel, storedHostModel } from "../boosting-train/model.ts";
import { anyNumber, component, model, one, onlyAt, optional, type TaskContext, table } from "../component.ts";
import { disclosures, treeWords } from "../score-service/disclosure.ts";
import { answeringFaults } from "../score-service/faults.ts";
import { meetHost, serveScores } from "../score-service/guest.ts";
import { serveRows } from "../score-service/host.ts";
import { type Parameters, type PartyParameters, parameters, partyParameters } from "../score-service/parameters.ts";
import { servedTrees } from "./served.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const boostingServe = component({
  name: "boosting-serve",
  version: "3.0.0",
  title: { en: "Serve boosted trees", zh: "提升树在线打分" },
  summary: {
    en: "Answers single scores as they are asked for, with a joint model, until an agreed moment.",
    zh: "在约定时间内，用联合模型逐笔返回打分结果。",
  },
  roles: { guest: one, host: anyNumber },
  parameters,
  partyParameters,
  inputs: {
    model: model("boosting"),
    fallback: optional(onlyAt(model("boosting"), "guest")),
    data: optional(onlyAt(table(), "host")),
  },
  outputs: {},
  faults: ({ parameters: given }) => answeringFaults(given),
  protocol: { name: "boosting/serve", messages: servingMessages },
  serves: "score",
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosures(treeWords, participants, given),
  run: { guest: runGuest, host: runHost },
});

async function runGuest(context: Context): Promise<void> {
  const stored = storedGuestModel(await context.inputs.model("model"));
  const { part } = stored;
  const { hostSplits } = flatGuest(part);
  await serveScores(context, servedTrees(stored), () => ({
    hosts: part.hosts.map((party, host) => {
      const form = answerForm(hostSplits[host]!);
      const digest = async (): Promise<string> => (await guestDigests(part, host)).at(-1)!;
      return meetHost(context, party, { modelId: part.modelId, messages: servingMessages, form, digest });
    }),
    normalise: context.parameters.normalise,
  }));
}

async function runHost(context: Context): Promise<void> {
  const { part, pipeline } = storedHostModel(await context.inputs.model("model"));
  const digest = (await hostDigests(part)).at(-1)!;
  await serveRows(context, {
    ...{ modelId: part.modelId, digest, messages: servingMessages },
    form: hostForm(flatHost(part)),
    pipeline,
  });
}
