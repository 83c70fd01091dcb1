/** The processes of a benchmark's parties: each does one order after another. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createPartyCertificate, type PartnerAddress } from "@tombolo/transport-ptp";
import { memoryFlags } from "../../apps/node/src/runner/memory.ts";
import { PARTIES, type PartyNode } from "./party-node.ts";
import { type LinkSpeed, type SlowLink, slowLink } from "./slow-link.ts";

export class PartyProcess<Order extends object> {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;

  constructor(program: URL, name: string, environment: Readonly<Record<string, string>> = {}) {
    this.name = name;
    this.#child = fork(program, [], {
      serialization: "advanced",
      env: { ...process.env, ...environment },
      execArgv: ["--disable-warning=ExperimentalWarning", ...memoryFlags(), ...profile()],
    });
    this.#ended = new Promise((resolve) => this.#child.once("exit", () => resolve()));
  }

  async do(order: Order | PartyNode): Promise<unknown> {
    const answer = new Promise((resolve) => this.#child.once("message", resolve));
    this.#child.send(order);
    const { result, error } = (await Promise.race([answer, this.#gone()])) as { result?: unknown; error?: string };
    if (error !== undefined) throw new Error(error);
    return result;
  }

  async end(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#ended;
  }

  async #gone(): Promise<never> {
    await this.#ended;
    throw new Error(`the process of ${this.name} has ended`);
  }
}

/** The guest's process first. */
export type Parties<Order extends object> = readonly [
  PartyProcess<Order>,
  PartyProcess<Order>,
  ...PartyProcess<Order>[],
];

export interface PartiesOptions {
  /** Of processes, at least 2. */
  readonly count?: number;
  /** What they leave on disk is in a new folder there, which is gone afterwards. */
  readonly parent?: string;
  /** Between any two of them. Default: loopback as it is. */
  readonly link?: LinkSpeed | undefined;
}

/** Processes of that program with their nodes up and connected, for as long as they are used. */
export async function withParties<Order extends object, T>(
  program: URL,
  use: (parties: Parties<Order>) => Promise<T>,
  { count = 2, parent = tmpdir(), link }: PartiesOptions = {},
): Promise<T> {
  const folder = await mkdtemp(join(parent, "tombolo-bench-"));
  const start = ({ party }: { readonly party: string }) => new PartyProcess<Order>(program, party);
  const [guest, host, ...others] = PARTIES;
  const parties = [start(guest), start(host), ...others.slice(0, count - 2).map(start)] as const;
  const links: SlowLink[] = [];
  try {
    await connect(folder, parties, async (port) => {
      if (link === undefined) return port;
      const slow = await slowLink(port, link);
      links.push(slow);
      return slow.port;
    });
    return await use(parties);
  } finally {
    await Promise.all(parties.map((party) => party.end()));
    for (const link of links) link.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The last first: each dials those that are up. */
async function connect<Order extends object>(
  folder: string,
  parties: readonly PartyProcess<Order>[],
  reached: (port: number) => Promise<number>,
): Promise<void> {
  const certificates = await Promise.all(parties.map(({ name }) => createPartyCertificate(name, [])));
  const partners = parties.map(({ name }, i) => ({ id: name, fingerprint: certificates[i]!.fingerprint }));
  const dial: PartnerAddress[] = [];
  for (const [i, party] of [...parties.entries()].reverse()) {
    await mkdir(join(folder, party.name));
    const port = (await party.do({
      kind: "node",
      self: party.name,
      certificate: certificates[i]!,
      partners: partners.filter(({ id }) => id !== party.name),
      folder: join(folder, party.name),
      dial,
    })) as number;
    dial.push({
      partyId: party.name,
      host: "127.0.0.1",
      port: await reached(port),
      fingerprint: certificates[i]!.fingerprint,
    });
  }
}

/** TOMBOLO_PROFILE=<folder> leaves a CPU profile of each process there. */
function profile(): string[] {
  const folder = process.env.TOMBOLO_PROFILE;
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${folder}`];
}
