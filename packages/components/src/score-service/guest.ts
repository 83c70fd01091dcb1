/** The guest's part of a service, whatever way its hosts answer. */
import { TomboloError } from "@tombolo/base";
import { type AnswerForm, BATCH_ROWS_MAX, ServingHost, type ServingTable } from "@tombolo/federated/vertical/serving";
import type { IdRules } from "@tombolo/protocols/psi/ids";
import { servedTrees } from "../boosting-serve/served.ts";
import { storedGuestModel } from "../boosting-train/model.ts";
import type { TaskContext } from "../component.ts";
import { requireHosts } from "../scoring.ts";
import { Renewal, RowsAhead } from "../service.ts";
import { POLICIES } from "./faults.ts";
import { digestPrefix } from "./items.ts";
import { HostLink } from "./link.ts";
import { Observer } from "./observe.ts";
import type { Answering } from "./parameters.ts";
import { Scorer } from "./scorer.ts";
import type { ServedModel } from "./served-model.ts";

type Context = TaskContext<Answering, unknown>;

/** How the hosts of a model are reached, in its order, and how ids are written for them. */
export interface Reached {
  readonly hosts: readonly HostLink[];
  readonly normalise: IdRules;
}

/** Until the service's end. */
export async function serveScores(
  context: Context,
  model: ServedModel,
  reach: () => Promise<Reached> | Reached,
): Promise<void> {
  requireHosts(context, model);
  const { hosts, normalise } = await reach();
  const fallback = await fallbackOf(context);
  const observer = new Observer(model.watched, context.clock, (counts) =>
    context.observe({ ...counts, ...scorer.observed }),
  );
  const scorer = new Scorer({
    ...{ self: context.self.party, parameters: context.parameters, normalise, model, fallback, hosts },
    rows: new RowsAhead((needed) => context.reserveRows(needed)),
    onScore: (values, at) => observer.add(values, at),
  });
  const renewal = new Renewal(() => Math.max(0, ...hosts.map(({ wear }) => wear)));
  const serving = context.serve((batch) =>
    renewal.run(async () => {
      const answers = await scorer.answer(batch);
      observer.tell();
      return answers;
    }),
  );
  // A host that is gone does not end it; one that broke the protocol does.
  const { promise: broken, reject } = Promise.withResolvers<never>();
  for (const { done } of hosts) done.catch(reject);
  await Promise.race([serving, broken, renewal.due]);
  await Promise.all(hosts.map((host) => host.end()));
}

/** What the guest knows of a host's part. */
export interface MetPart {
  readonly modelId: string;
  /** As the host's part has it too. */
  readonly digest: () => Promise<string>;
  readonly form: AnswerForm;
  readonly messages: ServingTable;
}

/** A host that is asked by id, over a session that stays open. */
export function meetHost(context: Context, party: string, { modelId, digest, form, messages }: MetPart): HostLink {
  return new HostLink(context, party, digestPrefix(modelId), async () => {
    const peer = await context.peer(messages, "guest", "host", party);
    return async () => {
      const opened = await ServingHost.open(await digest(), form, peer);
      if (opened.rowsMax < BATCH_ROWS_MAX) throw tooLarge();
      return opened;
    };
  });
}

const tooLarge = (): TomboloError =>
  new TomboloError("input.model", "the model has too many splits to be served", {
    remedy: "Train fewer or shallower trees.",
  });

async function fallbackOf(context: Context): Promise<ServedModel | null> {
  if (!context.inputs.has("fallback")) {
    if (POLICIES.every((policy) => context.parameters[policy] !== "fallback")) return null;
    throw new TomboloError("input.model", "the policy falls back on a model, and there is none", {
      remedy: "Connect a model of the guest's columns alone to the input fallback.",
    });
  }
  const stored = storedGuestModel(await context.inputs.model("fallback"));
  if (stored.part.hosts.length === 0) return servedTrees(stored);
  throw new TomboloError("input.model", "the model to fall back on has hosts of its own", {
    remedy: "Choose a model of the guest's columns alone.",
  });
}
