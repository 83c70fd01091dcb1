/** Puts the partner side together: network, outbox, jobs, the runners' socket. Started and closed by main.ts. */
import { type RunnerSocket, serveRunnerSocket } from "@tombolo/transport-ptp";
import type { NodeContext } from "../context.ts";
import { Attempts } from "../jobs/attempts.ts";
import { JobDriver } from "../jobs/driver.ts";
import { Network } from "./network.ts";
import { Outbox } from "./outbox.ts";
import { onRefused, resources } from "./resources.ts";
import type { Side } from "./side.ts";

export interface Services {
  readonly side: Side;
  readonly network: Network;
  /** The port on which partners reach this node. */
  readonly partnerPort: number;
  close(): Promise<void>;
}

export async function startServices(context: NodeContext): Promise<Services> {
  const network = new Network(context, resources);
  const attempts = new Attempts(network);
  const driver = new JobDriver(attempts);
  const outbox = new Outbox();
  const side: Side = { ...context, wire: network, outbox, driver };
  const runnerSocket: RunnerSocket = await serveRunnerSocket(context.paths.runnerSocket, (hello, local) =>
    attempts.onRunner(hello, local),
  );
  const partnerPort = await network.start(side);
  await driver.start(side);
  await outbox.start(side, onRefused);
  return {
    side,
    network,
    partnerPort,
    async close() {
      await driver.close();
      await network.close();
      await outbox.close();
      await runnerSocket.close();
    },
  };
}
