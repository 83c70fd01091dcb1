/** The guest's part of a service, whatever way its hosts answer. */
import { TomboloError } from "@tombolo/base";
import { type FlatGuest, flatGuest } from "@tombolo/federated/vertical/boosting";
import type { IdRules } from "@tombolo/protocols/psi/ids";
import { storedGuestModel } from "../boosting-train/model.ts";
import type { TaskContext } from "../component.ts";
import { requireHosts } from "../scoring.ts";
import { Renewal, RowsAhead } from "../service.ts";
import { POLICIES } from "./faults.ts";
import type { HostLink } from "./link.ts";
import { Observer } from "./observe.ts";
import type { Answering } from "./parameters.ts";
import { Scorer } from "./scorer.ts";

type Context = TaskContext<Answering, unknown>;

type GuestPart = ReturnType<typeof storedGuestModel>["part"];

/** How the hosts of a model are reached, in its order, and how ids are written for them. */
export interface Reached {
  readonly hosts: readonly HostLink[];
  readonly normalise: IdRules;
}

/** Until the service's end. */
export async function serveScores(
  context: Context,
  reach: (part: GuestPart, guest: FlatGuest) => Promise<Reached>,
): Promise<void> {
  const { part } = storedGuestModel(await context.inputs.model("model"));
  requireHosts(context, part);
  const guest = flatGuest(part);
  const { hosts, normalise } = await reach(part, guest);
  const fallback = await fallbackOf(context);
  const observer = new Observer(guest, context.clock, (counts) => context.observe(counts));
  const scorer = new Scorer({
    ...{ self: context.self.party, parameters: context.parameters, normalise, guest, fallback, hosts },
    rows: new RowsAhead((needed) => context.reserveRows(needed)),
    onScore: (_score, values, at) => observer.add(values, at),
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
