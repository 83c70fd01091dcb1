/** Scores batches of rows: asks the hosts, walks the trees, and applies the policy where a host's part is missing. */
import {
  AWAY,
  type FlatGuest,
  type HostAnswer,
  KNOWN,
  LEAF,
  leafOf,
  OWN,
  placeRow,
  predictionOf,
  type RowBits,
  rowBits,
  STALE,
  servedMargins,
} from "@tombolo/federated/vertical/boosting";
import type { IdRules } from "@tombolo/protocols/psi/ids";
import type { ItemRefusal, RowsAhead } from "../service.ts";
import {
  digestsOf,
  encodedId,
  type PolicyApplied,
  readFeatures,
  refusal,
  type ScoreAnswer,
  type ScoreItem,
  type ScoreReason,
} from "./items.ts";
import type { HostLink } from "./link.ts";
import type { Answering, Instead } from "./parameters.ts";

type Answer = ScoreAnswer | ItemRefusal;
type Cause = PolicyApplied["cause"];

export interface ScorerOptions {
  readonly self: string;
  readonly parameters: Answering;
  readonly normalise: IdRules;
  readonly guest: FlatGuest;
  /** Of the guest's columns alone. */
  readonly fallback: FlatGuest | null;
  /** In the order of the model. */
  readonly hosts: readonly HostLink[];
  /** Drawn on before anything is asked. */
  readonly rows: RowsAhead;
  readonly onScore: (score: number, values: Float64Array, at: number) => void;
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

  constructor(options: ScorerOptions) {
    this.#options = options;
    const { unknownId, staleFeature, missingHost, timeOut } = options.parameters;
    this.#instead = {
      "unknown-id": unknownId,
      "stale-feature": staleFeature,
      "missing-host": missingHost,
      "time-out": timeOut,
    };
  }

  async answer(batch: readonly unknown[]): Promise<readonly Answer[]> {
    const { guest, hosts } = this.#options;
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
    const margins = whole ? servedMargins(guest, rows.values, rows.places.length, there) : null;
    const row = whole ? rowBits(there) : null;
    rows.places.forEach((place, i) => {
      const lack = this.#lack(heard, i);
      if (lack !== null) {
        unscored += 1;
        answers[place] = this.#applied(lack, batch[place] as ScoreItem);
      } else {
        placeRow(row!, there, i);
        answers[place] = this.#shown(guest, margins![i]!, rows.values, i * guest.splits.columns.length, row!);
      }
    });
    this.#options.rows.giveBack(unscored);
    return answers;
  }

  #read(batch: readonly unknown[], answers: Answer[]): Rows {
    const { guest, normalise } = this.#options;
    const used = guest.splits.columns;
    const rows: Rows = { places: [], ids: [], values: new Float64Array(batch.length * used.length) };
    batch.forEach((value, place) => {
      const item = asItem(value);
      const id = item === null ? null : encodedId(item.id, normalise);
      if (item === null || id === null) {
        answers[place] = refusal("input.id", "the row has no usable id");
        return;
      }
      const fault = readFeatures(used, item.features ?? {}, rows.values, rows.places.length * used.length);
      if (fault !== null) answers[place] = refusal("input.features", `the row has no usable value of "${fault}"`);
      else {
        rows.places.push(place);
        rows.ids.push(id);
      }
    });
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
    const values = new Float64Array(fallback!.splits.columns.length);
    const fault = readFeatures(fallback!.splits.columns, item.features ?? {}, values, 0);
    if (fault !== null) return refusal("input.features", `the row has no usable value of "${fault}"`);
    const [margin] = servedMargins(fallback!, values, 1, []);
    return { ...this.#shown(fallback!, margin!, values, 0, rowBits([])), policy };
  }

  #shown(guest: FlatGuest, margin: number, values: Float64Array, at: number, row: RowBits): ScoreAnswer {
    const { reasons } = this.#options.parameters;
    const score = predictionOf(guest.objective, margin);
    if (guest === this.#options.guest) this.#options.onScore(score, values, at);
    if (reasons === 0) return this.#form(score);
    return { ...this.#form(score), reasons: this.#reasons(guest, values, at, row) };
  }

  #form(score: number): ScoreAnswer {
    const { output, bands } = this.#options.parameters;
    if (output === "score") return { score };
    const { name } = bands.find(({ below }) => below === null || score < below)!;
    return output === "band" ? { band: name } : { decision: name };
  }

  /**
   * What each feature moved the margin by: along the row's path, the step from the mean weight below a split to that below
   * the branch taken (Saabas's decomposition, with leaves that count alike). The steps and the means of the roots add up
   * to the margin.
   */
  #reasons(guest: FlatGuest, values: Float64Array, at: number, row: RowBits): ScoreReason[] {
    const { self, hosts, parameters } = this.#options;
    const steps = new Map<string, { feature: string | number; party: string; contribution: number }>();
    for (const root of guest.roots)
      eachStep(guest, root, values, at, row, (node, next) => {
        const owner = guest.owner[node]!;
        if (owner !== OWN && !parameters.hostReasons) return;
        const feature =
          owner === OWN ? guest.splits.columns[guest.splits.column[guest.split[node]!]!]!.name : guest.feature[node]!;
        const party = owner === OWN ? self : hosts[owner]!.party;
        const key = `${owner} ${feature}`;
        const known = steps.get(key) ?? { feature, party, contribution: 0 };
        known.contribution += guest.weight[next]! - guest.weight[node]!;
        steps.set(key, known);
      });
    return [...steps.values()]
      .sort((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution))
      .slice(0, parameters.reasons);
  }
}

/** Along a row's path, from each split to the node that follows. */
function eachStep(
  guest: FlatGuest,
  root: number,
  values: Float64Array,
  at: number,
  row: RowBits,
  take: (node: number, next: number) => void,
): void {
  const leaf = leafOf(guest, root, values, at, row);
  // Nodes of a tree stand in order, the left branch before the right: the leaf tells the way.
  for (let node = root; guest.owner[node] !== LEAF; ) {
    const next = leaf < guest.right[node]! ? guest.left[node]! : guest.right[node]!;
    take(node, next);
    node = next;
  }
}

function asItem(value: unknown): ScoreItem | null {
  if (typeof value !== "object" || value === null || !("id" in value)) return null;
  const { features } = value as { features?: unknown };
  if (features !== undefined && (typeof features !== "object" || features === null)) return null;
  return value as ScoreItem;
}
