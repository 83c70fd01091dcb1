/**
 * Binds contracts to the transport: whom to dial, whose certificate to let in, which sessions exist, and hands
 * incoming requests to the resources. Contracts are mirrored in memory, since TLS asks without waiting.
 */
import { TomboloError } from "@tombolo/base";
import {
  createPtpTransport,
  type EastWestRequest,
  type PartnerAddress,
  type PtpTransport,
} from "@tombolo/transport-ptp";
import type { NodeContext } from "../context.ts";
import { hostPort } from "./address.ts";
import { PATHS } from "./contract-messages.ts";
import { type Contract, findKeys, listContracts } from "./contract-rows.ts";
import { answerRequest, type InboundRequest, type Resources } from "./inbound.ts";
import type { Answered, Side, Wire } from "./side.ts";

const REQUEST_TIMEOUT_MS = 15_000;

interface OpenSession {
  readonly party: string;
  readonly token: string;
}

export class Network implements Wire {
  readonly transport: PtpTransport;
  readonly #context: NodeContext;
  readonly #resources: Resources;
  readonly #sessions = new Map<string, OpenSession>();
  /** By party and path. */
  readonly #answered = new Map<string, Answered>();
  #contracts: readonly Contract[] = [];
  #dialled = new Map<string, string>();
  #side: Side | undefined;

  constructor(context: NodeContext, resources: Resources) {
    this.#context = context;
    this.#resources = resources;
    const { config, keys } = context;
    this.transport = createPtpTransport({
      self: config.party,
      tls: { key: keys.tls.privateKeyPem, cert: keys.tls.certificatePem },
      listen: { host: config.partner.host, port: config.partner.port },
      techProviderCode: "tombolo",
      addressPolicy: { allowPrivate: config.partner.allowPrivateAddresses },
      logger: context.log.child({ area: "transport" }),
      openPaths: [PATHS.apply],
      authorise: (fingerprint, source) => this.#authorise(fingerprint, source),
      onRequest: (request) => this.#onRequest(request),
      sessionAllowed: (party, session, token) => this.#sessionAllowed(party, session, token),
    });
  }

  /** Listens, and dials the partners. Answers the port. */
  async start(side: Side): Promise<number> {
    this.#side = side;
    await this.refresh();
    return (await this.transport.listen()).port;
  }

  async refresh(): Promise<void> {
    const all = await listContracts(this.#context);
    const before = this.#contracts;
    this.#contracts = all.filter(({ status }) => status === "APPLIED" || status === "APPROVED");
    const kept = new Set(this.#contracts.map(({ id }) => id));
    // Also where only the partner dials: what it holds open would carry requests for as long as it likes.
    for (const { id, party_id: party } of before) if (!kept.has(id) && party !== null) this.transport.disconnect(party);
    const addresses = this.#contracts.flatMap((each) => this.addressOf(each) ?? []);
    const wanted = new Map(addresses.map((each) => [each.partyId, each]));
    for (const party of this.#dialled.keys()) if (!wanted.has(party)) this.transport.disconnect(party);
    for (const [party, address] of wanted)
      if (this.#dialled.get(party) !== JSON.stringify(address)) this.transport.connect(address);
    this.#dialled = new Map([...wanted].map(([party, address]) => [party, JSON.stringify(address)]));
  }

  dropCertificate(certificate: string): void {
    this.transport.dropCertificate(certificate);
  }

  async request(...[party, request]: Parameters<Wire["request"]>): ReturnType<Wire["request"]> {
    return this.transport.request(party, { ...request, timeoutMs: REQUEST_TIMEOUT_MS });
  }

  async requestAt(...[, target, request]: Parameters<Wire["requestAt"]>): ReturnType<Wire["requestAt"]> {
    const { address, certificate, proxy } = target;
    const options = { ...request, timeoutMs: REQUEST_TIMEOUT_MS };
    return this.transport.requestUnknown(
      { ...hostPort(address), fingerprint: certificate, ...this.#proxyOf(proxy) },
      options,
    );
  }

  connection(party: string): ReturnType<Wire["connection"]> {
    const { state, since, rttMs, lastError } = this.transport.status(party);
    return { state, since, rttMs, lastError: lastError?.message ?? null };
  }

  /** The partner may open this session's stream from now on. */
  allowSession(party: string, session: string, token: string): void {
    this.#sessions.set(`${party} ${session}`, { party, token });
  }

  endSession(party: string, session: string): void {
    if (this.#sessions.delete(`${party} ${session}`)) this.transport.detachSession(party, session);
  }

  /** Undefined where this side does not dial. */
  addressOf(contract: Contract): PartnerAddress | undefined {
    const { party_id: partyId, address, certificate_fingerprint: fingerprint, direction, proxy } = contract;
    if (partyId === null || address === null || fingerprint === null || direction === "they-dial") return undefined;
    const { next_certificate_fingerprint: next } = contract;
    const pinned = { fingerprint, ...(next === null ? {} : { nextFingerprint: next }) };
    return { partyId, ...hostPort(address), ...pinned, ...this.#proxyOf(proxy) };
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** The contract's own, else the node's. */
  #proxyOf(own: string | null): Pick<PartnerAddress, "proxy"> {
    const proxy = own ?? this.#context.config.partner.proxy;
    return proxy === undefined ? {} : { proxy: hostPort(proxy) };
  }

  /** By the contract of the party that it says it is: another's contract may name the same certificate. */
  #authorise(fingerprint: string, source: string): { partyId: string } | null {
    const known = this.#contracts.some(
      ({ party_id: party, certificate_fingerprint: present, next_certificate_fingerprint: next }) =>
        party === source && (present === fingerprint || next === fingerprint),
    );
    return known ? { partyId: source } : null;
  }

  #sessionAllowed(party: string, session: string, token: string): boolean {
    return this.#sessions.get(`${party} ${session}`)?.token === token;
  }

  answered(): readonly Answered[] {
    return [...this.#answered.values()];
  }

  /** What a partner makes up has no count of its own. */
  #count(partner: string, asked: string): void {
    const path = Object.hasOwn(this.#resources, asked) ? asked : "unknown";
    const key = `${partner} ${path}`;
    this.#answered.set(key, { partner, path, requests: (this.#answered.get(key)?.requests ?? 0) + 1 });
  }

  async #onRequest(request: EastWestRequest) {
    const side = this.#side;
    if (side === undefined) throw new TomboloError("state.starting", "the node is starting");
    if (request.partyId !== null) this.#count(request.partyId, request.path);
    const inbound: InboundRequest = { ...request, party: request.partyId, certificate: request.fingerprint };
    const headers = { "content-type": "application/json" };
    return { headers, ...(await answerRequest(side, this.#resources, (party) => findKeys(side, party), inbound)) };
  }
}
