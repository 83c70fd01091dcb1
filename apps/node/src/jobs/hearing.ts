/**
 * What the initiator hears of a job's participants: polls that carry all lanes both ways, calls that are retried while
 * the partner may come back, and who has been silent for too long.
 */
import { isDeepStrictEqual } from "node:util";
import { TomboloError } from "@tombolo/base";
import { z } from "zod";
import { callPartner } from "../partner/calls.ts";
import { isTransient } from "../partner/outbox.ts";
import type { Side } from "../partner/side.ts";
import { toJson } from "../store/columns.ts";
import type { Attempts } from "./attempts.ts";
import { laneFromPartner } from "./border.ts";
import type { Lease } from "./lease.ts";
import { failureOf, tasksOf } from "./rows.ts";
import type { JobEnd } from "./run.ts";
import type { Lane } from "./views.ts";
import { type AttemptReport, PATHS, type PollAnswer, pollAnswer } from "./wire.ts";

const RETRY_MS = 300;
/** How old the figures of a service's lanes may be. */
const CALM_SAVE_MS = 30_000;

export interface Listener {
  /** Something is new. */
  wake(): void;
  end(end: JobEnd): void;
  /** The job ends or the node closes: no use in trying on. */
  isOver(): boolean;
  /** The job goes on without its partners for a while: a service that has a policy for it. */
  isPatient(): boolean;
  /** Nothing of the task needs to be written but now and then. */
  isCalm(task: string): boolean;
}

export class Hearing {
  readonly partners: readonly string[];
  readonly #side: Side;
  readonly #attempts: Attempts;
  readonly #lease: Lease;
  readonly #listener: Listener;
  readonly #reports = new Map<string, readonly AttemptReport[]>();
  readonly #heard = new Map<string, number>();
  readonly #polls = new Map<string, Promise<void>>();
  /** To be asked once more after the poll under way. */
  readonly #again = new Set<string>();
  readonly #since = Date.now();
  /** By task. */
  readonly #savedAt = new Map<string, number>();

  constructor(side: Side, attempts: Attempts, lease: Lease, partners: readonly string[], listener: Listener) {
    this.#side = side;
    this.#attempts = attempts;
    this.#lease = lease;
    this.partners = partners;
    this.#listener = listener;
  }

  pollAll(): void {
    for (const party of this.partners) if (!this.#polls.has(party)) this.#begin(party);
  }

  /** A participant has news: what is being answered may be of before. */
  pollNow(): void {
    for (const party of this.#polls.keys()) this.#again.add(party);
    this.pollAll();
  }

  #begin(party: string): void {
    const poll = this.poll(party).finally(() => {
      this.#polls.delete(party);
      if (this.#again.delete(party) && !this.#listener.isOver()) this.#begin(party);
    });
    this.#polls.set(party, poll);
  }

  async poll(party: string): Promise<void> {
    const body = { job_id: this.#lease.jobId, fence: this.#lease.fence, tasks: await this.#lease.taskStates() };
    const answer = await callPartner(this.#side, party, PATHS.taskPoll, body, pollAnswer).catch((error: unknown) =>
      TomboloError.from(error),
    );
    if (answer instanceof TomboloError) {
      if (!isTransient(answer)) this.#listener.end({ status: "FAILED", failure: failureOf(answer, party, null) });
      else if (this.isLost(party))
        this.#listener.end({ status: "FAILED", failure: failureOf(this.away(party), party, null) });
      return;
    }
    this.#heard.set(party, Date.now());
    this.#side.outbox.nudge(party);
    const exchanged = await this.#attempts.exchanged(this.#side, this.#lease.jobId);
    // A partner speaks of its own lane, whatever name it puts on it.
    const reports = answer.attempts.map((each) => ({
      ...each,
      lane: laneFromPartner({ ...each.lane, party }, exchanged(each.task, each.attempt)),
    }));
    const before = this.#reports.get(party) ?? [];
    this.#reports.set(party, reports);
    this.#takeOverEnd(party, answer);
    await this.#saveLanes();
    // Not for figures that have moved on: who is woken polls again, and one poll would follow the other without a pause.
    if (statusesOf(reports) !== statusesOf(before)) this.#listener.wake();
  }

  async reportOf(party: string, task: string, attempt: number): Promise<AttemptReport | undefined> {
    const reports =
      party === this.#side.config.party
        ? await this.#attempts.reports(this.#side, this.#lease.jobId)
        : (this.#reports.get(party) ?? []);
    return reports.find((each) => each.task === task && each.attempt === attempt);
  }

  isAway(party: string): boolean {
    if (party === this.#side.config.party) return false;
    const heard = this.#heard.get(party) ?? this.#since;
    return Date.now() - heard > this.#side.config.jobs.partnerAwaySeconds * 1000;
  }

  /** Away, and the job cannot do without. */
  isLost(party: string): boolean {
    return this.isAway(party) && !this.#listener.isPatient();
  }

  away(party: string): TomboloError {
    return new TomboloError(
      "transport.partner-away",
      `${party} was not heard of for ${this.#side.config.jobs.partnerAwaySeconds} s`,
      {
        blame: party,
        remedy: `Ask ${party} whether its node runs, check the path with \`tombolo doctor\`, then rerun the job.`,
      },
    );
  }

  /** Retries what the network lost until the partner counts as away. Null: done. */
  async call(party: string, path: string, body: unknown, hopeless: () => boolean): Promise<TomboloError | null> {
    for (;;) {
      const error = await callPartner(this.#side, party, path, body, z.unknown()).then(
        () => null,
        (cause: unknown) => TomboloError.from(cause),
      );
      if (error === null) {
        this.#heard.set(party, Date.now());
        return null;
      }
      if (!isTransient(error)) return error;
      if (this.isLost(party)) return this.away(party);
      if (this.#listener.isOver() || hopeless()) return error;
      await sleep(RETRY_MS);
    }
  }

  /** Own first, then partners, whoever was heard last. */
  #placeOf({ party }: Lane): number {
    return this.partners.indexOf(party);
  }

  /** The partner gave up for reasons of its own. */
  #takeOverEnd(party: string, { status, failure }: PollAnswer): void {
    if (status !== "FAILED" && status !== "CANCELLED") return;
    const unknown = {
      code: "aborted.partner",
      message: `${party} ended the job`,
      party,
      task: null,
      stage: null,
      remedy: null,
      detail: null,
    };
    this.#listener.end({ status, failure: failure ?? unknown });
  }

  /** Of all parties as they were last heard: partners are asked at once, and no answer puts back what another brought. */
  async #saveLanes(): Promise<void> {
    const own = await this.#attempts.reports(this.#side, this.#lease.jobId);
    for (const task of await tasksOf(this.#side, this.#lease.jobId)) {
      if (task.status !== "RUNNING") continue;
      const fresh = [...own, ...[...this.#reports.values()].flat()]
        .filter((each) => each.task === task.name && each.attempt === task.attempt)
        .map(({ lane }) => lane);
      const kept = task.lanes.filter(({ party }) => !fresh.some((lane) => lane.party === party));
      const lanes = [...kept, ...fresh].sort((a, b) => this.#placeOf(a) - this.#placeOf(b));
      if (isDeepStrictEqual(lanes, task.lanes)) continue;
      const sinceMs = Date.now() - (this.#savedAt.get(task.name) ?? 0);
      if (this.#listener.isCalm(task.name) && sinceMs < CALM_SAVE_MS && stagesOf(lanes) === stagesOf(task.lanes))
        continue;
      this.#savedAt.set(task.name, Date.now());
      await this.#lease.setTask(task.name, { lanes }, task.attempt);
    }
  }
}

const statusesOf = (reports: readonly AttemptReport[]): string =>
  toJson(reports.map(({ task, attempt, status }) => [task, attempt, status]));

const stagesOf = (lanes: readonly Lane[]): string =>
  toJson(lanes.map(({ party, status, stage }) => [party, status, stage]));

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
