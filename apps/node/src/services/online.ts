/**
 * The services that answer now. A call is admitted (caller, quota, rate), goes to the champion or, for a share of ids, to
 * a challenger, and is counted; shadows are asked beside it. Nothing is written while a caller waits: counts, usage and
 * traces are kept in memory, bounded, and written every second.
 */
import { createHash } from "node:crypto";
import { TomboloError } from "@tombolo/base";
import type { ServiceKind } from "@tombolo/components";
import type { QuestionCall, ScoreCall, ScoreReply } from "@tombolo/sdk";
import type { Caller } from "../api/handlers.ts";
import { systemActor } from "../context.ts";
import type { Side } from "../partner/side.ts";
import { pause } from "../pause.ts";
import { watchDrift } from "./drift.ts";
import { LiveDeployment } from "./live-deployment.ts";
import { Repeats } from "./repeats.ts";
import { keepCounts, moveOn } from "./roll-outs.ts";
import {
  type DeploymentRow,
  deploymentsOf,
  listServices,
  noSuchService,
  rollOutsOf,
  type ServiceRow,
  serviceByName,
  serviceStopped,
} from "./rows.ts";
import { Traces } from "./traces.ts";
import { Usage } from "./usage.ts";

const FLUSH_MS = 1_000;
const DRIFT_MS = 30_000;
const HOUR_MS = 3_600_000;
const MINUTES_KEPT_MS = 90 * 24 * HOUR_MS;

interface LiveService {
  row: ServiceRow;
  readonly usage: Usage;
  readonly deployments: Map<string, LiveDeployment>;
  /** Rows by caller's id since the journal was last told. */
  readonly untold: Map<string, { name: string; calls: number; rows: number }>;
}

export interface ServiceCall {
  readonly actor: Caller;
  readonly name: string;
  readonly kind: ServiceKind;
  readonly rows: ScoreCall["rows"];
  readonly idempotencyKey: string | undefined;
  readonly traceId: string;
  /** Asks, within what else bounds who asks. */
  within(ask: () => Promise<ScoreReply>): Promise<ScoreReply>;
}

export class OnlineServices {
  readonly traces: Traces;
  readonly #side: Side;
  readonly #services = new Map<string, LiveService>();
  readonly #repeats: Repeats<ScoreReply>;
  #loading: Promise<void> = Promise.resolve();

  constructor(side: Side) {
    this.#side = side;
    this.traces = new Traces(side);
    this.#repeats = new Repeats(side.clock, isLasting);
  }

  async start(): Promise<void> {
    for (const row of await listServices(this.#side)) await this.#load(row);
  }

  /** Follows what was changed; calls from now on see it. */
  refresh(name: string): Promise<void> {
    const loading = this.#loading.then(async () => this.#load(await serviceByName(this.#side, name)));
    this.#loading = loading.catch(() => {});
    return loading;
  }

  /** Until the signal aborts: writes counts, moves plans on, looks for drift, tells the journal who used what. */
  async run(signal: AbortSignal): Promise<void> {
    let [drift, told] = [0, Date.now()];
    while (!signal.aborted) {
      await pause(FLUSH_MS, signal);
      await this.#guarded(() => this.flush());
      await this.#moveRollOuts();
      const now = Date.now();
      if (now - drift > DRIFT_MS) {
        drift = now;
        await this.#guarded(() => this.#watchDrift());
      }
      if (now - told > HOUR_MS || signal.aborted) {
        told = now;
        await this.#guarded(() => this.#tell());
        await this.#guarded(() => this.#forget());
      }
    }
  }

  async call({ actor, name, kind, rows, idempotencyKey, traceId, within }: ServiceCall): Promise<ScoreReply> {
    const service = this.#serviceNamed(name);
    if (service.row.stopped_at !== null) throw serviceStopped(service.row);
    if (service.row.kind !== kind)
      throw new TomboloError("input.service-kind", `the service ${name} does not answer that`, {
        remedy: `Call /api/v1/services/${name}/${service.row.kind}.`,
      });
    service.usage.quotaOf(actor);
    // A repeat is answered from the record whatever limits are used up by now: it asks nothing.
    const work = () => within(() => this.#admitted(service, actor, rows, traceId));
    if (idempotencyKey === undefined) return work();
    return this.#repeats.once(`${name}\n${actor.id}`, idempotencyKey, rows, rows.length, work);
  }

  /** Of one that runs here; for views and promotion. */
  deployment(service: string, id: string): LiveDeployment | undefined {
    return this.#services.get(service)?.deployments.get(id);
  }

  usage(service: string): Usage {
    return this.#serviceNamed(service).usage;
  }

  async flush(): Promise<void> {
    for (const [name, { usage, deployments }] of this.#services) {
      const live = [...deployments.values()];
      const changed = live.some(({ minutes }) => minutes.isChanged);
      for (const { minutes } of live) await minutes.flush();
      for (const each of live) await keepCounts(this.#side, each);
      await usage.flush();
      if (changed) this.#side.events.publish({ kind: "service", id: name, data: null });
    }
    await this.traces.flush();
  }

  // ---- a call

  async #admitted(service: LiveService, actor: Caller, rows: ScoreCall["rows"], traceId: string): Promise<ScoreReply> {
    const giveBack = service.usage.take(actor, rows.length);
    try {
      const reply = await this.#answer(service, rows, traceId);
      await this.#noteAuthorisations(service.row.name, actor, rows, traceId);
      const { calls, rows: before } = service.untold.get(actor.id) ?? { calls: 0, rows: 0 };
      service.untold.set(actor.id, { name: actor.name, calls: calls + 1, rows: before + rows.length });
      return reply;
    } catch (error) {
      giveBack();
      throw error;
    }
  }

  /** By hash, as the partner's node notes them: what came with questions that were asked. */
  async #noteAuthorisations(service: string, actor: Caller, rows: QuestionCall["rows"], trace: string): Promise<void> {
    const hashes = rows.flatMap(({ authorisation }) => authorisation?.hash ?? []);
    if (hashes.length === 0) return;
    await this.#side.journal.append(
      "query.authorised",
      systemActor,
      {
        en: `${actor.name} asked the service ${service} with ${hashes.length} authorisations`,
        zh: `${actor.name} 凭 ${hashes.length} 份授权向服务 ${service} 查询`,
      },
      { service, caller: actor.name, trace, authorisations: hashes },
    );
  }

  async #answer(service: LiveService, rows: ScoreCall["rows"], traceId: string): Promise<ScoreReply> {
    const { deployments, row } = service;
    const champion = deployments.get(row.champion);
    if (champion === undefined) throw noSuchService();
    const chosen = challengerFor(service, rows[0]!.id);
    for (const each of deployments.values()) if (each.row.role === "shadow" && each.isUp) each.shadow(rows);
    // A challenger is on trial: where it cannot answer, the champion does.
    const answered = chosen === undefined ? undefined : await chosen.answer(rows).catch(() => undefined);
    const by = answered === undefined ? champion : chosen!;
    const items = answered ?? (await champion.answer(rows));
    if (by === champion) for (const { trial } of deployments.values()) trial?.beside(items);
    // Only what a model said can be held against what came of it.
    const days = row.kind === "score" ? row.limits.traceDays : 0;
    const until = this.traces.keep(traceId, by.row.id, items, days);
    return {
      ...{ traceId, deployment: by.row.id, modelId: by.row.model_id, rows: [...items] },
      outcomesUntil: until?.toISOString() ?? null,
    };
  }

  #serviceNamed(name: string): LiveService {
    const service = this.#services.get(name);
    if (service === undefined) throw noSuchService();
    return service;
  }

  // ---- keeping up

  async #load(row: ServiceRow): Promise<void> {
    const rows = (await deploymentsOf(this.#side, row.name)).filter(({ role }) => role !== "retired");
    const known = this.#services.get(row.name);
    const service = known ?? {
      row,
      usage: new Usage(this.#side, row.name, row.limits),
      deployments: new Map<string, LiveDeployment>(),
      untold: new Map(),
    };
    if (known === undefined) await service.usage.load();
    else service.usage.limits = row.limits;
    for (const each of rows) await this.#loadDeployment(service, each);
    const plans = await rollOutsOf(this.#side, row.name);
    for (const [id, live] of service.deployments) live.follow(plans.get(id));
    for (const id of service.deployments.keys())
      if (!rows.some((each) => each.id === id)) {
        await service.deployments.get(id)?.minutes.flush();
        service.deployments.delete(id);
      }
    service.row = row;
    this.#services.set(row.name, service);
  }

  async #loadDeployment({ deployments }: LiveService, row: DeploymentRow): Promise<void> {
    const known = deployments.get(row.id);
    if (known !== undefined) {
      // What the deployment learnt by itself may not be written yet.
      known.row = { ...row, reference: known.row.reference ?? row.reference };
      return;
    }
    const live = new LiveDeployment(this.#side, row);
    await live.load();
    deployments.set(row.id, live);
  }

  async #moveRollOuts(): Promise<void> {
    for (const { row, deployments } of this.#services.values()) {
      const champion = deployments.get(row.champion);
      for (const live of deployments.values())
        await this.#guarded(async () => {
          if (await moveOn(this.#side, row, live, champion)) await this.refresh(row.name);
        });
    }
  }

  async #watchDrift(): Promise<void> {
    for (const { row, deployments } of this.#services.values()) {
      if (row.stopped_at !== null) continue;
      for (const live of deployments.values()) {
        await live.look();
        await watchDrift(this.#side, row, live);
      }
    }
  }

  /** Counts, never ids. */
  async #tell(): Promise<void> {
    for (const [name, service] of this.#services) {
      if (service.untold.size === 0) continue;
      const told = [...service.untold];
      const callers = told.map(([id, { name: caller, ...counts }]) => ({ id, caller, ...counts }));
      await this.#side.journal.append(
        "service.used",
        systemActor,
        { en: `Calls of the service ${name}`, zh: `服务 ${name} 的调用统计` },
        { service: name, callers },
      );
      for (const [id, { calls, rows }] of told) {
        const now = service.untold.get(id)!;
        if (now.calls === calls) service.untold.delete(id);
        else service.untold.set(id, { ...now, calls: now.calls - calls, rows: now.rows - rows });
      }
    }
  }

  /** Counts after a while, scores as each service says. */
  async #forget(): Promise<void> {
    const before = new Date(this.#side.clock.now().getTime() - MINUTES_KEPT_MS);
    await this.#side.store.db.deleteFrom("service_minutes").where("at", "<", before).execute();
    for (const { name, limits } of await listServices(this.#side))
      for (const { id } of await deploymentsOf(this.#side, name)) await this.traces.forget(id, limits.traceDays);
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) =>
      this.#side.log.error({ err: error }, "what services did could not be followed or written"),
    );
  }
}

/** By the first id, so that one and the same person is not scored by two models in turn. */
function challengerFor(
  { row, deployments }: LiveService,
  id: ScoreCall["rows"][number]["id"],
): LiveDeployment | undefined {
  const challengers = [...deployments.values()].filter((each) => each.row.role === "challenger" && each.row.share > 0);
  if (challengers.length === 0) return undefined;
  let point = pointOf(row.name, id);
  for (const each of challengers) {
    point -= each.row.share;
    if (point < 0) return each.isUp ? each : undefined;
  }
  return undefined;
}

/** In [0, 1), the same for the same id. */
const pointOf = (service: string, id: string | readonly string[]): number =>
  createHash("sha256")
    .update(JSON.stringify([service, id]))
    .digest()
    .readUInt32BE(0) /
  2 ** 32;

/** A row that a partner away or late could not answer may have its score when it is asked for again. */
const isLasting = ({ rows }: ScoreReply): boolean =>
  !rows.some(({ refusal }) => refusal != null && /^(transport|resource)\./.test(refusal.code));
