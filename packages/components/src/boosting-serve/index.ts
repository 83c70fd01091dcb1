/**
 * Scores single rows as they are asked for, with a boosted model whose parts stay where they are. The guest's node is
 * asked; it alone has scores. While a host is away, the agreed policy answers in its place.
 * Protocol, leakage and adversary: packages/federated, vertical/boosting, serve-guest.ts.
 */
import { TomboloError } from "@tombolo/base";
import { BATCH_ROWS_MAX, ServingHost, servingMessages } from "@tombolo/federated/vertical/boosting";
import { any, component, model, one, onlyAt, optional, type TaskContext, table } from "../component.ts";
import { disclosures } from "./disclosure.ts";
import { answeringFaults } from "./faults.ts";
import { serveScores } from "./guest.ts";
import { runHost } from "./host.ts";
import { digestPrefix } from "./items.ts";
import { HostLink } from "./link.ts";
import { type Parameters, type PartyParameters, parameters, partyParameters } from "./parameters.ts";

type Context = TaskContext<Parameters, PartyParameters>;

export const boostingServe = component({
  name: "boosting-serve",
  version: "2.0.0",
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
  faults: ({ parameters: given }) => answeringFaults(given),
  protocol: { name: "boosting/serve", messages: servingMessages },
  serves: "score",
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

function runGuest(context: Context): Promise<void> {
  return serveScores(context, async (part, guest) => {
    const prefix = digestPrefix(part.modelId);
    const meet = (party: string, host: number) => async () => {
      const peer = await context.peer(servingMessages, "guest", "host", party);
      return async () => {
        const opened = await ServingHost.open(part, guest, host, peer);
        if (opened.rowsMax < BATCH_ROWS_MAX) throw tooManySplits();
        return opened;
      };
    };
    const hosts = part.hosts.map((party, host) => new HostLink(context, party, prefix, meet(party, host)));
    return { hosts, normalise: context.parameters.normalise };
  });
}

const tooManySplits = (): TomboloError =>
  new TomboloError("input.model", "the model has too many splits to be served", {
    remedy: "Train fewer or shallower trees.",
  });
