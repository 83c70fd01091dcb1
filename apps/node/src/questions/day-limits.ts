/**
 * How many ids the owner of a query table lets this party ask in a day (UTC): kept here too, so that callers read why
 * and when it goes on. At the owner's a question beyond it ends the service. Counted from above, as if every call were
 * padded by itself; calls that are answered together take less there.
 */
import { TomboloError } from "@tombolo/base";
import type { NodeContext } from "../context.ts";
import { grantsBehind } from "../grants/derivation.ts";
import { findJob, flowOf } from "../jobs/rows.ts";
import { type DeploymentRow, deploymentById, serviceByName } from "../services/rows.ts";
import { OTHER_CODES } from "./log.ts";

export interface DayLimit {
  /** Asked today, padding included. */
  readonly ids: number;
  readonly idsMax: number;
}

/** How soon a new champion is noticed; its limits are its own. */
const LOOK_MS = 10_000;
/** Failures of calls that were not asked. */
const NOT_ASKED = ["auth.", "input.", "state.", "resource.busy"];
/** Rows so refused were not asked either: by the own limits and guards, or by an owner who counts nothing for them. */
const ROW_NOT_ASKED = [...NOT_ASKED, "consent."];

/** Of a call, what is counted. */
interface Given {
  readonly params: { readonly name: string };
  readonly body: { readonly rows: readonly unknown[] };
}

interface Kept {
  readonly deployment: string;
  /** null: as many as they like. */
  readonly idsMax: number | null;
  readonly padTo: number;
  day: string;
  ids: number;
}

export class DayLimits {
  readonly #side: NodeContext;
  readonly #kept = new Map<string, { readonly at: number; readonly kept: Promise<Kept> }>();

  constructor(side: NodeContext) {
    this.#side = side;
  }

  /** Takes the keys of a call before it is made, or throws `consent.day`; what was not asked is given back. */
  async within<T>({ params, body }: Given, ask: () => Promise<T>): Promise<T> {
    const kept = await this.#of(params.name);
    if (kept.idsMax === null) return ask();
    const ids = Math.ceil(body.rows.length / kept.padTo) * kept.padTo;
    const { day } = kept;
    if (kept.ids + ids > kept.idsMax)
      throw new TomboloError(
        "consent.day",
        `the data's owner lets ${kept.idsMax} ids be asked a day, padding included`,
        {
          remedy: "Ask again tomorrow (UTC), or ask the owner for more.",
        },
      );
    kept.ids += ids;
    try {
      return await ask();
    } catch (error) {
      // What may have been asked counts there.
      const { code } = TomboloError.from(error);
      if (kept.day === day && NOT_ASKED.some((each) => code.startsWith(each))) kept.ids -= ids;
      throw error;
    }
  }

  async today(service: string): Promise<DayLimit | null> {
    const { idsMax, ids } = await this.#of(service);
    return idsMax === null ? null : { ids, idsMax };
  }

  async #of(service: string): Promise<Kept> {
    const now = Date.now();
    const last = this.#kept.get(service);
    const kept = last !== undefined && now - last.at < LOOK_MS ? await last.kept : await this.#look(service, now);
    const day = this.#today();
    if (kept.day !== day) Object.assign(kept, { day, ids: 0 });
    return kept;
  }

  #look(service: string, at: number): Promise<Kept> {
    const before = this.#kept.get(service)?.kept;
    const kept = (async () => {
      const { champion } = await serviceByName(this.#side, service);
      const known = await before;
      return known?.deployment === champion ? known : this.#read(await deploymentById(this.#side, service, champion));
    })();
    this.#kept.set(service, { at, kept });
    kept.catch(() => this.#kept.delete(service));
    return kept;
  }

  async #read(row: DeploymentRow): Promise<Kept> {
    const { store, config } = this.#side;
    const behind = [...(await grantsBehind(this.#side, row.job_id))];
    const grants =
      behind.length === 0
        ? []
        : await store.db.selectFrom("grants").select(["owner", "terms"]).where("id", "in", behind).execute();
    const limits = grants.flatMap(({ owner, terms }) => (owner === config.party ? [] : (terms.query?.idsPerDay ?? [])));
    const job = await findJob(this.#side, row.job_id);
    const parameters = (job === undefined ? {} : (flowOf(job).tasks[row.task]?.parameters ?? {})) as { padTo?: number };
    const padTo = parameters.padTo ?? 1;
    const day = this.#today();
    const idsMax = limits.length === 0 ? null : Math.min(...limits);
    return { deployment: row.id, idsMax, padTo, day, ids: idsMax === null ? 0 : await this.#before(row, padTo, day) };
  }

  /** What was asked today before the node was started. */
  async #before({ service }: DeploymentRow, padTo: number, day: string): Promise<number> {
    const entries = await this.#side.store.db
      .selectFrom("question_log")
      .select(["calls", "rows", "refused"])
      .where("service", "=", service)
      .where("at", ">=", new Date(`${day}T00:00:00Z`))
      .execute();
    return entries.reduce((sum, { calls, rows, refused }) => {
      const asked = rows - notAsked(refused);
      // Of the calls that were asked, each had a row that was.
      return sum + asked + Math.min(calls, asked) * (padTo - 1);
    }, 0);
  }

  #today = (): string => this.#side.clock.now().toISOString().slice(0, 10);
}

const notAsked = (refused: Readonly<Record<string, number>>): number =>
  Object.entries(refused).reduce((sum, [code, rows]) => {
    const wasAsked = code === OTHER_CODES || !ROW_NOT_ASKED.some((each) => code.startsWith(each));
    return wasAsked ? sum : sum + rows;
  }, 0);
