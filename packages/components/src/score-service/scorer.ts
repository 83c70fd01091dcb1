/** Scores batches of rows: asks the hosts, lets the model score, and applies the policy where a host's part is missing. */
import { AWAY, type HostAnswer, KNOWN, STALE } from "@tombolo/federated/vertical/serving";
import type { IdRules } from "@tombolo/protocols/psi/ids";
import type { ItemRefusal, Observed, RowsAhead } from "../service.ts";
import {
  digestsOf,
  encodedId,
  type PolicyApplied,
  refusal,
  type ScoreAnswer,
  type ScoreItem,
  type ScoreReason,
} from "./items.ts";
import type { HostLink } from "./link.ts";
import type { Answering, Instead } from "./parameters.ts";
import { RowReader } from "./row-reader.ts";
import { OWN_STEP, type ServedBatch, type ServedModel } from "./served-model.ts";

type Answer = ScoreAnswer | ItemRefusal;
type Cause = PolicyApplied["cause"];

export interface ScorerOptions {
  readonly self: string;
  readonly parameters: Answering;
  readonly normalise: IdRules;
  readonly model: ServedModel;
  /** Of the guest's columns alone. */
  readonly fallback: ServedModel | null;
  /** In the order of the model. */
  readonly hosts: readonly HostLink[];
  /** Drawn on before anything is asked. */
  readonly rows: RowsAhead;
  /** A row that the model scores, and no rule. */
  readonly onScore: (values: Float64Array, at: number) => void;
}

const MESSAGES: Readonly<Record<Cause, { readonly code: string; readonly text: string }>> = {
  "unknown-id": { code: "state.unknown-id", text: "does not know the id" },
  "stale-feature": { code: "state.stale-feature", text: "has only features that are too old" },
  "missing-host": { code: "transport.missing-host", text: "is not there" },
  "time-out": { code: "transport.timeout", text: "did not answer in time" },
};

/** Rows of a batch that can be scored. */
interface Rows {
  /** Place among the batch's items. */
  readonly places: number[];
  readonly ids: Uint8Array[];
  readonly values: Float64Array;
}

export class Scorer {
  readonly #options: ScorerOptions;
  readonly #instead: Readonly<Record<Cause, Instead>>;
  readonly #reader: RowReader;
  readonly #fallbackReader: RowReader | null;

  constructor(options: ScorerOptions) {
    this.#options = options;
    const { model, fallback } = options;
    this.#reader = new RowReader(model.columns, model.pipeline);
    this.#fallbackReader = fallback === null ? null : new RowReader(fallback.columns, fallback.pipeline);
    const { unknownId, staleFeature, missingHost, timeOut } = options.parameters;
    this.#instead = {
      "unknown-id": unknownId,
      "stale-feature": staleFeature,
      "missing-host": missingHost,
      "time-out": timeOut,
    };
  }

  /** Counts of what rows held that the steps of the pipeline had not seen. */
  get observed(): Observed {
    return this.#reader.observed;
  }

  async answer(batch: readonly unknown[]): Promise<readonly Answer[]> {
    const { model, hosts } = this.#options;
    const answers: Answer[] = new Array(batch.length);
    const rows = this.#read(batch, answers);
    if (rows.places.length === 0) return answers;
    await this.#options.rows.take(rows.places.length);
    let unscored = 0;
    const digests = new Map<Uint8Array, Promise<Uint8Array>>();
    for (const { prefix } of hosts) if (!digests.has(prefix)) digests.set(prefix, digestsOf(prefix, rows.ids));
    const heard = await Promise.all(hosts.map(async (host) => host.ask(await digests.get(host.prefix)!)));
    const there = heard.filter((each): each is HostAnswer => typeof each !== "string");
    const whole = there.length === heard.length;
    const scored = whole ? model.batch(there) : null;
    rows.places.forEach((place, i) => {
      const lack = this.#lack(heard, i);
      if (lack !== null) {
        unscored += 1;
        answers[place] = this.#applied(lack, batch[place] as ScoreItem);
      } else {
        const at = i * model.columns.length;
        this.#options.onScore(rows.values, at);
        answers[place] = this.#shown(scored!, i, rows.values, at);
      }
    });
    this.#options.rows.giveBack(unscored);
    return answers;
  }

  #read(batch: readonly unknown[], answers: Answer[]): Rows {
    const asked = batch.map((value) => {
      const item = asItem(value);
      return { item, id: item === null ? null : encodedId(item.id, this.#options.normalise) };
    });
    const width = this.#options.model.columns.length;
    const { values, refused } = this.#reader.read(asked.map(({ item }) => item?.features ?? {}));
    const rows: Rows = { places: [], ids: [], values: new Float64Array(values.length) };
    for (const [place, { id }] of asked.entries()) {
      if (id === null || refused[place] !== null) {
        answers[place] = id === null ? refusal("input.id", "the row has no usable id") : refused[place]!;
        continue;
      }
      rows.values.set(values.subarray(place * width, (place + 1) * width), rows.places.length * width);
      rows.places.push(place);
      rows.ids.push(id);
    }
    return rows;
  }

  /** What keeps a row from its score: of the first host that lacks something. */
  #lack(heard: readonly (HostAnswer | "missing" | "late")[], row: number): { cause: Cause; party: string } | null {
    for (let host = 0; host < heard.length; host++) {
      const answer = heard[host]!;
      const { party } = this.#options.hosts[host]!;
      if (answer === "missing") return { cause: "missing-host", party };
      if (answer === "late") return { cause: "time-out", party };
      if (answer.status[row] === KNOWN) continue;
      if (answer.status[row] === AWAY) return { cause: "missing-host", party };
      return { cause: answer.status[row] === STALE ? "stale-feature" : "unknown-id", party };
    }
    return null;
  }

  #applied({ cause, party }: { cause: Cause; party: string }, item: ScoreItem): Answer {
    const { fallback, parameters } = this.#options;
    const instead = this.#instead[cause];
    const { code, text } = MESSAGES[cause];
    if (instead === "refuse") return refusal(code, `${party} ${text}`);
    const policy = { cause, party, instead };
    if (instead === "default") return { ...this.#form(parameters.defaultScore!), policy };
    const {
      values,
      refused: [refused],
    } = this.#fallbackReader!.read([item.features ?? {}]);
    if (refused != null) return refused;
    return { ...this.#shown(fallback!.batch([]), 0, values, 0), policy };
  }

  #shown(scored: ServedBatch, row: number, values: Float64Array, at: number): ScoreAnswer {
    const score = scored.score(row, values, at);
    const form = typeof score === "number" ? this.#form(score) : this.#classForm(score);
    return this.#options.parameters.reasons === 0 ? form : { ...form, reasons: this.#reasons(scored, row, values, at) };
  }

  #form(score: number): ScoreAnswer {
    const { output, bands } = this.#options.parameters;
    if (output === "score") return { score };
    const { name } = bands.find(({ below }) => below === null || score < below)!;
    return output === "band" ? { band: name } : { decision: name };
  }

  #classForm(shares: readonly number[]): ScoreAnswer {
    const names = this.#options.model.classes!;
    const likeliest = names[shares.indexOf(Math.max(...shares))]!;
    if (this.#options.parameters.output === "class") return { class: likeliest };
    return { class: likeliest, probabilities: Object.fromEntries(names.map((name, c) => [name, shares[c]!])) };
  }

  #reasons(scored: ServedBatch, row: number, values: Float64Array, at: number): ScoreReason[] {
    const { self, hosts, parameters } = this.#options;
    const steps = new Map<string, { feature: string | number; party: string; contribution: number }>();
    for (const { owner, feature, contribution } of scored.steps(row, values, at)) {
      if (owner !== OWN_STEP && !parameters.hostReasons) continue;
      const party = owner === OWN_STEP ? self : hosts[owner]!.party;
      const key = `${owner} ${feature}`;
      const known = steps.get(key) ?? { feature, party, contribution: 0 };
      known.contribution += contribution;
      steps.set(key, known);
    }
    return [...steps.values()]
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
      .slice(0, parameters.reasons);
  }
}

function asItem(value: unknown): ScoreItem | null {
  if (typeof value !== "object" || value === null || !("id" in value)) return null;
  const { features } = value as { features?: unknown };
  if (features !== undefined && (typeof features !== "object" || features === null)) return null;
  return value as ScoreItem;
}
