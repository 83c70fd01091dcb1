/**
 * Runs all parties of a protocol in one process over a memory network, replayed by one seed.
 *
 *   const world = await runWorld(["bank", "telco"], { seed: 7 }, async (me) =>
 *     me.id === "bank"
 *       ? receiver(ids, await me.peer(messages, "receiver", "telco", "sender"), me.secrets)
 *       : sender(ids, await me.peer(messages, "sender", "bank", "receiver"), me.secrets));
 *   expect(world.result("bank")).toEqual(...); expect(world.cost.rounds).toBe(3);
 *
 * The first party to fail ends every session of every party, as the runner does. A failing test prints the seed.
 */
import { type Sampling, type Secrets, seededSampling, TomboloError } from "@tombolo/base";
import {
  createMeter,
  type Link,
  type MessageTable,
  openPeer,
  type Peer,
  type Session,
  type SessionBinding,
  type SessionLimits,
} from "@tombolo/channel";
import { type MemoryNetwork, memoryNetwork, type Tamper } from "@tombolo/transport-memory";
import { type Cost, CostMeter } from "./cost-meter.ts";
import { printSeedOnFailure } from "./print-seed.ts";
import { seededSecrets } from "./seeded-secrets.ts";

export interface WorldOptions {
  /** Default: random, or TOMBOLO_SEED; printed when the test fails. */
  readonly seed?: number;
  /** Frames each direction holds before a sender waits; default 8. Protocols must also run at 1. */
  readonly window?: number;
  readonly delayMsMax?: number;
  /** Time on the way of every frame; tests of rounds need it where both sides send at once. */
  readonly latencyMs?: number;
  readonly cutAfterFrames?: number;
  readonly tamper?: Tamper;
  /** Default 20 s: a deadlock ends as `transport.timeout`, not as a hung test. */
  readonly deadlineMs?: number;
  readonly limits?: SessionLimits;
  /** The flow's seed for `me.sampling`, the same at all parties; default: the seed. */
  readonly samplingSeed?: number;
  readonly binding?: Partial<SessionBinding>;
}

export interface Me {
  readonly id: string;
  readonly parties: readonly string[];
  /** Deterministic per seed and party: another stream at every party. */
  readonly secrets: Secrets;
  /** The same stream at every party. */
  readonly sampling: Sampling;
  readonly signal: AbortSignal;
  /** Opens a session with a partner; both must call it with the same table. Several sessions of a pair pair up in order. */
  peer<M extends MessageTable, Role extends string>(
    table: M,
    role: Role,
    party: string,
    peerRole: string,
  ): Promise<Peer<M, Role>>;
}

export type Outcome<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly error: TomboloError };

export interface World<R> {
  readonly seed: number;
  readonly outcomes: Readonly<Record<string, Outcome<R>>>;
  /** The party's result; throws its error, with the seed, if it failed. */
  result(party: string): R;
  /** The party's error; throws if it did not fail. */
  error(party: string): TomboloError;
  readonly cost: Cost;
}

export async function runWorld<R>(
  parties: readonly string[],
  options: WorldOptions,
  run: (me: Me) => Promise<R>,
): Promise<World<R>> {
  const seed = options.seed ?? freshSeed();
  printSeedOnFailure(seed);
  const setting = new Setting(parties, seed, options);
  const entries = await Promise.all(parties.map(async (id) => [id, await setting.runParty(id, run)] as const));
  return new FinishedWorld(seed, Object.fromEntries(entries), setting.costs.cost());
}

/** Each party with its own function and so its own type of result. */
export async function runParties<A, B>(
  options: WorldOptions,
  first: readonly [string, (me: Me) => Promise<A>],
  second: readonly [string, (me: Me) => Promise<B>],
): Promise<{ readonly results: readonly [A, B]; readonly world: World<A | B> }> {
  const world = await runWorld<A | B>([first[0], second[0]], options, (me) =>
    me.id === first[0] ? first[1](me) : second[1](me),
  );
  return { results: [world.result(first[0]) as A, world.result(second[0]) as B], world };
}

function freshSeed(): number {
  const given = Number.parseInt(process.env.TOMBOLO_SEED ?? "", 10);
  return Number.isNaN(given) ? Math.floor(Math.random() * 2 ** 31) : given;
}

class FinishedWorld<R> implements World<R> {
  readonly seed: number;
  readonly outcomes: Readonly<Record<string, Outcome<R>>>;
  readonly cost: Cost;

  constructor(seed: number, outcomes: Readonly<Record<string, Outcome<R>>>, cost: Cost) {
    this.seed = seed;
    this.outcomes = outcomes;
    this.cost = cost;
  }

  result(party: string): R {
    const outcome = this.#outcome(party);
    if (outcome.ok) return outcome.value;
    throw new Error(`${party}: ${outcome.error.code}: ${outcome.error.message} (seed ${this.seed})`, {
      cause: outcome.error,
    });
  }

  error(party: string): TomboloError {
    const outcome = this.#outcome(party);
    if (!outcome.ok) return outcome.error;
    throw new Error(`${party} did not fail (seed ${this.seed})`);
  }

  #outcome(party: string): Outcome<R> {
    const outcome = this.outcomes[party];
    if (outcome === undefined) throw new Error(`no party ${party} in this world`);
    return outcome;
  }
}

/** An end of a connection, and the connection's name. */
interface Claimed {
  readonly link: Link;
  readonly connection: string;
}

class Setting {
  readonly costs = new CostMeter();
  readonly #parties: readonly string[];
  readonly #seed: number;
  readonly #options: WorldOptions;
  readonly #network: MemoryNetwork;
  /** Ends of connections that the partner has not claimed yet. */
  readonly #unclaimed = new Map<string, Claimed[]>();
  readonly #links: Link[] = [];
  readonly #failed = new AbortController();
  #connections = 0;

  constructor(parties: readonly string[], seed: number, options: WorldOptions) {
    this.#parties = parties;
    this.#seed = seed;
    this.#options = options;
    this.#network = memoryNetwork({
      seed,
      ...(options.window === undefined ? {} : { windowFrames: options.window }),
      ...(options.delayMsMax === undefined ? {} : { delayMsMax: options.delayMsMax }),
      ...(options.latencyMs === undefined ? {} : { latencyMs: options.latencyMs }),
      ...(options.cutAfterFrames === undefined ? {} : { cutAfterFrames: options.cutAfterFrames }),
      ...(options.tamper === undefined ? {} : { tamper: options.tamper }),
    });
  }

  async runParty<R>(id: string, run: (me: Me) => Promise<R>): Promise<Outcome<R>> {
    const sessions: Session<MessageTable, string>[] = [];
    try {
      const value = await run(this.#me(id, sessions));
      await Promise.all(sessions.map((session) => session.close()));
      return { ok: true, value };
    } catch (caught) {
      const error = TomboloError.from(caught, "state.internal", messageOf(caught));
      for (const link of this.#links) link.abort(error.toPublic());
      this.#failed.abort(error);
      return { ok: false, error };
    }
  }

  #me(id: string, sessions: Session<MessageTable, string>[]): Me {
    return {
      id,
      parties: this.#parties,
      secrets: seededSecrets(this.#seed, id),
      sampling: seededSampling(this.#options.samplingSeed ?? this.#seed),
      signal: this.#failed.signal,
      peer: async (table, role, party, peerRole) => {
        const { link, connection } = this.#claim(id, party, table);
        const session = await openPeer(link, table, {
          role,
          peerRole,
          self: id,
          party,
          binding: { ...BINDING, ...this.#options.binding },
          meter: createMeter(),
          deadlineMs: this.#options.deadlineMs ?? 20_000,
          openLane: async (lane) => this.#claim(id, party, table, `${connection}.${lane}`).link,
          ...(this.#options.limits === undefined ? {} : { limits: this.#options.limits }),
        });
        sessions.push(session);
        return session;
      },
    };
  }

  /** The partner's open end if it came first, else a new connection; of a lane by its name. */
  #claim(self: string, partner: string, table: MessageTable, lane?: string): Claimed {
    this.#failed.signal.throwIfAborted();
    const waiting = this.#unclaimed.get(`${self} ${partner} ${lane}`)?.shift();
    if (waiting !== undefined) return this.#observed(waiting, table, self, partner);
    const connection = lane ?? String(this.#connections++);
    const [here, there] = this.#network.connect(self, partner);
    this.#links.push(here, there);
    const key = `${partner} ${self} ${lane}`;
    this.#unclaimed.set(key, [...(this.#unclaimed.get(key) ?? []), { link: there, connection }]);
    return this.#observed({ link: here, connection }, table, self, partner);
  }

  #observed({ link, connection }: Claimed, table: MessageTable, self: string, partner: string): Claimed {
    return { link: this.costs.observe(link, table, connection, self, partner), connection };
  }
}

/** Failures of the test's own code keep their text: in a test everything may be seen. */
const messageOf = (caught: unknown): string => (caught instanceof Error ? caught.message : String(caught));

const BINDING: SessionBinding = {
  consentHash: new Uint8Array(32),
  job: "job",
  task: "task",
  attempt: 1,
  componentVersion: "1.0.0",
  protocol: "test",
  suite: "international",
};
