/**
 * One party in a process of its own, for tests that put each party into its own network namespace: its node and a
 * runner's link. Argument: JSON of `LoneParty`. The guest sends its text and prints what comes back; the host echoes.
 */
import { join } from "node:path";
import { fromUtf8, utf8 } from "@tombolo/base";
import { createPtpTransport, type PartnerAddress, type PartyCertificate, serveRunnerSocket } from "../index.ts";
import { connectRunnerLink } from "../runner-link.ts";

export interface LoneParty {
  readonly self: string;
  readonly folder: string;
  readonly certificate: PartyCertificate;
  readonly partner: { readonly id: string; readonly fingerprint: string };
  readonly listen: { readonly host: string; readonly port: number } | null;
  readonly dial: PartnerAddress | null;
  readonly sends: string | null;
}

const { self, folder, certificate, partner, listen, dial, sends } = JSON.parse(process.argv[2]!) as LoneParty;
const transport = createPtpTransport({
  self,
  tls: certificate,
  techProviderCode: "tombolo",
  addressPolicy: { allowPrivate: true },
  authorise: (fingerprint) => (fingerprint === partner.fingerprint ? { partyId: partner.id } : null),
  onRequest: async ({ body }) => ({ status: 200, body }),
  sessionAllowed: (party, session) => party === partner.id && session === "s",
  ...(listen === null ? {} : { listen }),
});
const socketPath = join(folder, `${self}.sock`);
const runners = await serveRunnerSocket(socketPath, (hello, local) =>
  transport.attachSession(hello.party, hello.sessionId, "token", local),
);
if (listen !== null) await transport.listen();
if (dial !== null) transport.connect(dial);
const link = await connectRunnerLink({
  socketPath,
  token: "t",
  sessionId: "s",
  party: partner.id,
  deadlineMs: 20_000,
});
if (sends === null) await link.send((await link.receive())!);
else await link.send(utf8(sends));
const echoed = sends === null ? "" : fromUtf8((await link.receive())!);
// The side that cannot be dialled is also asked from the other side, over the connection that it keeps.
const request = { method: "POST", path: "/v1/interconn/x", body: utf8(self), timeoutMs: 10_000 };
const answer = fromUtf8((await transport.request(partner.id, request)).body);
await link.close();
console.log(JSON.stringify({ echoed, answer, direction: transport.status(partner.id).direction }));
await new Promise((resolve) => setTimeout(resolve, 500));
await transport.close();
await runners.close();
process.exit();
