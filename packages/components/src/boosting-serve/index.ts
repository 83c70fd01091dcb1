/**
 * Scores single rows as they are asked for, with a boosted model whose parts stay where they are. The guest's node is
 * asked; it alone has scores. While a host is away, the agreed policy answers in its place.
 * Protocol, leakage and adversary: packages/federated, vertical/boosting, serve-guest.ts.
 */
import { TomboloError } from "@tombolo/base";
import { type FlatGuest, flatGuest, servingMessages } from "@tombolo/federated/vertical/boosting";
import { requireHosts } from "../boosting-predict/index.ts";
import { storedGuestModel } from "../boosting-train/model.ts";
import {
  any,
  component,
  model,
  one,
  onlyAt,
  optional,
  type ParameterFault,
  type TaskContext,
  table,
} from "../component.ts";
import { disclosures } from "./disclosure.ts";
import { runHost } from "./host.ts";
import { digestPrefix } from "./items.ts";
import { HostLink } from "./link.ts";
import { Observer } from "./observe.ts";
import { type Parameters, type PartyParameters, parameters, partyParameters } from "./parameters.ts";
import { Scorer } from "./scorer.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const boostingServe = component({
  name: "boosting-serve",
  version: "1.0.0",
  title: { en: "Serve boosted trees", zh: "提升树在线打分" },
  summary: {
    en: "Answers single scores as they are asked for, with a joint model, until an agreed moment.",
    zh: "在约定时间内，用联合模型逐笔返回打分结果。",
  },
  roles: { guest: one, host: any },
  parameters,
  partyParameters,
  inputs: {
    model: model(),
    fallback: optional(onlyAt(model(), "guest")),
    data: optional(onlyAt(table(), "host")),
  },
  outputs: {},
  faults: ({ parameters: given }) => [...bandFaults(given), ...policyFaults(given)],
  protocol: { name: "boosting/serve", messages: servingMessages },
  serves: "score",
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function bandFaults({ output, bands }: Parameters): ParameterFault[] {
  const fault = (message: string, zh: string): ParameterFault[] => [
    {
      parameter: "bands",
      message,
      remedy: "Give every band a bound above the one before, and the last one none.",
      zh: { message: zh, remedy: "每个分段的上界须高于前一段，最后一段不设上界。" },
    },
  ];
  if (output === "score" && bands.length === 0) return [];
  if (bands.length < 2) return fault("a band or a decision needs two or more to tell apart", "分段或决策至少需要两段");
  const bounds = bands.map(({ below }) => below);
  const ordered = bounds.every((below, i) =>
    i === bounds.length - 1 ? below === null : below !== null && (i === 0 || below > bounds[i - 1]!),
  );
  return ordered ? [] : fault("the bands are not in order", "分段未按顺序排列");
}

const POLICIES = ["unknownId", "staleFeature", "missingHost", "timeOut"] as const;

function policyFaults(given: Parameters): ParameterFault[] {
  const asking = POLICIES.find((policy) => given[policy] === "default");
  if (asking === undefined || given.defaultScore !== null) return [];
  return [
    {
      parameter: "defaultScore",
      message: `${asking} gives a default score, and there is none`,
      remedy: "Set the default score, or refuse.",
      zh: { message: `${asking} 使用默认分，但未设默认分`, remedy: "请设置默认分，或改为拒绝。" },
    },
  ];
}

async function runGuest(context: Context): Promise<void> {
  const { part } = storedGuestModel(await context.inputs.model("model"));
  requireHosts(context, part);
  const guest = flatGuest(part);
  const fallback = await fallbackOf(context);
  const observer = new Observer(guest, context.clock, (counts) => context.observe(counts));
  const hosts = part.hosts.map((_, host) => new HostLink(context, part, guest, host));
  const scorer = new Scorer({
    self: context.self.party,
    parameters: context.parameters,
    guest,
    fallback,
    hosts,
    prefix: digestPrefix(part.modelId),
    onScore: (score, values, at) => observer.add(score, values, at),
  });
  const serving = context.serve(async (batch) => {
    const answers = await scorer.answer(batch);
    observer.tell();
    return answers;
  });
  // A host that is gone does not end it; one that broke the protocol does.
  const { promise: broken, reject } = Promise.withResolvers<never>();
  for (const { done } of hosts) done.catch(reject);
  await Promise.race([serving, broken]);
  await Promise.all(hosts.map((host) => host.end()));
}

async function fallbackOf(context: Context): Promise<FlatGuest | null> {
  if (!context.inputs.has("fallback")) {
    if (POLICIES.every((policy) => context.parameters[policy] !== "fallback")) return null;
    throw new TomboloError("input.model", "the policy falls back on a model, and there is none", {
      remedy: "Connect a model of the guest's columns alone to the input fallback.",
    });
  }
  const { part } = storedGuestModel(await context.inputs.model("fallback"));
  if (part.hosts.length === 0) return flatGuest(part);
  throw new TomboloError("input.model", "the model to fall back on has hosts of its own", {
    remedy: "Choose a model of the guest's columns alone.",
  });
}
