/** The host of a model on shared bins: it says totals under a key of the guest's. */

import { type GuestBinsModel, servingMessages, TotalsOfBins } from "@tombolo/federated/vertical/regression";
import type { TaskContext } from "../component.ts";
import { digestPrefix } from "../score-service/items.ts";
import { HostLink } from "../score-service/link.ts";
import type { Answering } from "../score-service/parameters.ts";

export const meetBins = (context: TaskContext<Answering, unknown>, party: string, model: GuestBinsModel): HostLink =>
  new HostLink(context, party, digestPrefix(model.modelId), async () => {
    const peer = await context.peer(servingMessages, "guest", "host", party);
    return () => TotalsOfBins.open(model, peer, context.secrets);
  });
