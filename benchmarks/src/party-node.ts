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
  readonly partner: { readonly id: string; readonly fingerprint: string };
  readonly folder: string;
  readonly dial: PartnerAddress | null;
}

const TOKEN = "benchmark";
export const PARTIES = [
  { party: "bank", role: "guest" },
  { party: "telco", role: "host" },
] as const;

/** Answers the port on which it listens for its partner. */
export async function startNode({ self, certificate, partner, folder, dial }: PartyNode): Promise<number> {
  const transport = createPtpTransport({
    self,
    tls: certificate,
    techProviderCode: "tombolo",
    addressPolicy: { allowPrivate: true },
    authorise: (fingerprint) => (fingerprint === partner.fingerprint ? { partyId: partner.id } : null),
    onRequest: async () => ({ status: 404, body: new Uint8Array(0) }),
    sessionAllowed: () => true,
    listen: { host: "127.0.0.1", port: 0 },
  });
  await serveRunnerSocket(join(folder, "runner.sock"), (hello, local) =>
    transport.attachSession(hello.party, hello.sessionId, TOKEN, local),
  );
  const { port } = await transport.listen();
  if (dial !== null) transport.connect(dial);
  return port;
}

/** What all tasks of a party have in common; `folder` is the task's. */
export const commonCapability = (node: PartyNode, role: "guest" | "host", folder: string) =>
  ({
    job: "benchmark",
    attempt: 1,
    self: PARTIES.find((each) => each.role === role)!,
    participants: PARTIES,
    partyParameters: {},
    seed: 7,
    minimumRows: 5,
    datasets: {},
    folder,
    checkpointFile: join(folder, "checkpoint.json"),
    link: { socketPath: join(node.folder, "runner.sock"), token: TOKEN },
    deadlineSeconds: 7200,
    awaySeconds: 60,
  }) satisfies Partial<Capability>;
