/** The node of one party of a benchmark, as far as tasks need one: transport over mutual TLS, and the runners' socket. */
import { join } from "node:path";
import {
  createPtpTransport,
  type PartnerAddress,
  type PartyCertificate,
  serveRunnerSocket,
} from "@tombolo/transport-ptp";
import type { Capability } from "../../apps/node/src/runner/ipc.ts";

export interface PartyNode {
  readonly kind: "node";
  readonly self: string;
  readonly certificate: PartyCertificate;
  readonly partners: readonly { readonly id: string; readonly fingerprint: string }[];
  readonly folder: string;
  readonly dial: readonly PartnerAddress[];
}

/** What runners of a benchmark show to their node. */
export const RUNNER_TOKEN = "benchmark";
/** The guest, and as many hosts as a task has. */
export const PARTIES = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
  { party: "insurer", role: "host" },
] as const;

/** Answers the port on which it listens for its partners. */
export async function startNode({ self, certificate, partners, folder, dial }: PartyNode): Promise<number> {
  const transport = createPtpTransport({
    self,
    tls: certificate,
    techProviderCode: "tombolo",
    addressPolicy: { allowPrivate: true },
    authorise: (fingerprint) => {
      const partner = partners.find((each) => each.fingerprint === fingerprint);
      return partner === undefined ? null : { partyId: partner.id };
    },
    onRequest: async () => ({ status: 404, body: new Uint8Array(0) }),
    sessionAllowed: () => true,
    listen: { host: "127.0.0.1", port: 0 },
  });
  await serveRunnerSocket(join(folder, "runner.sock"), (hello, local) =>
    transport.attachSession(hello.party, hello.sessionId, RUNNER_TOKEN, local),
  );
  const { port } = await transport.listen();
  for (const address of dial) transport.connect(address);
  return port;
}

/** What all tasks of a party have in common; `folder` is the task's. */
export const commonCapability = (node: PartyNode, folder: string) =>
  ({
    job: "benchmark",
    attempt: 1,
    self: PARTIES.find(({ party }) => party === node.self)!,
    participants: PARTIES.slice(0, node.partners.length + 1),
    partyParameters: {},
    seed: 7,
    minimumRows: 5,
    datasets: {},
    folder,
    checkpointFile: join(folder, "checkpoint.json"),
    link: { socketPath: join(node.folder, "runner.sock"), token: RUNNER_TOKEN },
    deadlineSeconds: 7200,
    awaySeconds: 60,
  }) satisfies Partial<Capability>;
