/** Several hosts met as one: they are asked together, and say the sum of their totals. */

import type { Peer } from "@tombolo/channel";
import { SummedHosts, sealedAnswerForm } from "@tombolo/federated/vertical/regression";
import { ServingHost, type ServingTable } from "@tombolo/federated/vertical/serving";
import type { TaskContext } from "../component.ts";
import type { MetPart } from "../score-service/guest.ts";
import { digestPrefix } from "../score-service/items.ts";
import { HostLink } from "../score-service/link.ts";
import type { Answering } from "../score-service/parameters.ts";

/** Under all their names. Who is there already waits for the others. */
export function meetAll(
  context: TaskContext<Answering, unknown>,
  hosts: readonly string[],
  { modelId, digest, form, messages }: MetPart,
): HostLink {
  const peers = new Map<string, Peer<ServingTable, "guest">>();
  const meet = async (party: string): Promise<void> => {
    if (!peers.has(party)) peers.set(party, await context.peer(messages, "guest", "host", party));
  };
  return new HostLink(context, hosts.join(", "), digestPrefix(modelId), async () => {
    await Promise.all(hosts.map(meet));
    return async () => {
      const own = await digest();
      const sealed = sealedAnswerForm(form);
      return new SummedHosts(
        await Promise.all(
          hosts.map(async (party) => ({ party, session: await ServingHost.open(own, sealed, peers.get(party)!) })),
        ),
      );
    };
  });
}
