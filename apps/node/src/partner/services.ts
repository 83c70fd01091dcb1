/** Puts the partner side together: network, outbox, jobs, the runners' socket. Started and closed by main.ts. */

import type { DoctorReport } from "@tombolo/sdk";
import { type RunnerSocket, serveRunnerSocket } from "@tombolo/transport-ptp";
import type { Actor, NodeContext } from "../context.ts";
import { Attempts } from "../jobs/attempts.ts";
import { JobDriver } from "../jobs/driver.ts";
import { jobsUsing } from "../jobs/rows.ts";
import { sealUnsigned } from "../models/sealing.ts";
import { checkPartners } from "./doctor.ts";
import { announceKeys, type Rotation, rotateKeys, takeNewKeys } from "./key-rotation.ts";
import { Network } from "./network.ts";
import { Outbox } from "./outbox.ts";
import { onDelivered, onRefused, resources } from "./resources.ts";
import type { Side } from "./side.ts";

export interface Services {
  readonly side: Side;
  readonly network: Network;
  /** The port on which partners reach this node. */
  readonly port: number;
  /** The paths to all partners, tested from both ends. */
  partnerReports(): Promise<readonly DoctorReport[]>;
  /** Prepares the next keys of this party, and tells partners. */
  rotateKeys(actor: Actor): Promise<Rotation>;
  /** Jobs under way that draw on an own dataset. */
  jobsUsing(datasetId: string): Promise<readonly string[]>;
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
  // It may be dialling partners already when its own port turns out to be taken.
  const port = await network.start(side).catch(async (error: unknown) => {
    await network.close();
    await runnerSocket.close();
    throw error;
  });
  await driver.start(side);
  await outbox.start(side, onRefused, onDelivered);
  await takeNewKeys(side);
  await announceKeys(side);
  await sealUnsigned(side);
  const services: Services = {
    side,
    network,
    port,
    partnerReports: () => checkPartners(services),
    rotateKeys: (actor) => rotateKeys(side, actor, process.env),
    jobsUsing: (datasetId) => jobsUsing(side, datasetId),
    async close() {
      await driver.close();
      await network.close();
      await outbox.close();
      await runnerSocket.close();
    },
  };
  return services;
}
