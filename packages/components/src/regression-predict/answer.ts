/** What the guest gets of each row, and how: by the kind of model, how many hosts it has, and what is asked for. */
import { TomboloError } from "@tombolo/base";
import type { RowSource } from "@tombolo/federated/vertical/boosting";
import {
  bandsBinsGuest,
  bandsGuest,
  columnsOf,
  decideGuest,
  type GuestBinsModel,
  type GuestClassModel,
  type GuestModel,
  predictBinsGuest,
  predictClassesGuest,
  predictClassSumsGuest,
  predictGuest,
  predictionMessages,
  predictSumGuest,
} from "@tombolo/federated/vertical/regression";
import type { TaskContext } from "../component.ts";
import type { GuestPart, HostPart, StoredRegression } from "../regression-train/model.ts";
import { SCORE_COLUMN } from "../scoring.ts";
import { hostsOf } from "../tables.ts";
import { type Explained, explainedBy } from "./explain.ts";
import type { Parameters } from "./parameters.ts";

type Context = TaskContext<Parameters, unknown>;

export interface Answer {
  /** Columns of its own that are needed. */
  readonly needed: readonly string[];
  /** Columns that it gets, of numbers, or of texts that these are places of. */
  readonly names: readonly string[];
  readonly texts: readonly string[] | null;
  /** Null: not asked for. */
  readonly explained: Explained | null;
  run(input: AnswerInput): Promise<void>;
}

export interface AnswerInput {
  readonly rows: RowSource;
  readonly first: number;
  readonly take: (scores: Float64Array, moved: Float64Array | null) => Promise<void>;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number) => void;
}

/** Throws `input.model` for what such a model does not tell. */
export const answerOf = (context: Context, { part, classes }: StoredRegression<GuestPart>): Answer =>
  part.kind === "regression/guest-classes"
    ? classAnswer(context, part, classes ?? part.intercepts.map((_, place) => String(place + 1)))
    : scoreAnswer(context, part);

function scoreAnswer(context: Context, part: GuestModel | GuestBinsModel): Answer {
  const { output, bands, contributions } = context.parameters;
  requireFitting(part, output);
  const explained = contributions ? explainedBy(part, context.self.party) : null;
  const below = boundsOf(bands);
  return {
    needed: [...columnsOf(part), ...(part.offset === null ? [] : [part.offset])],
    names: [output, ...(explained?.names ?? [])],
    texts: output === "score" ? null : bands.map(({ name }) => name),
    explained,
    async run(rest) {
      const [first = null, ...further] = await peersOf(context);
      const more = { explained: explained !== null, ...rest };
      if (part.kind === "regression/guest-bins") {
        const given = { model: part, secrets: context.secrets, ...more };
        await (output === "score" ? predictBinsGuest(given, first!) : bandsBinsGuest({ ...given, below }, first!));
        return;
      }
      const input = { model: part, ...more };
      if (output === "score")
        await (further.length > 0 ? predictSumGuest(input, [first!, ...further]) : predictGuest(input, first));
      else if (first !== null) await bandsGuest({ ...input, below, secrets: context.secrets }, first, further);
      else await predictGuest({ ...input, take: (scores) => rest.take(bandsIn(scores, below), null) }, null);
    },
  };
}

function classAnswer(context: Context, part: GuestClassModel, names: readonly string[]): Answer {
  const { output, contributions } = context.parameters;
  requireFitting(part, output);
  const explained = contributions ? explainedBy(part, context.self.party) : null;
  return {
    needed: columnsOf(part),
    names: output === "class" ? ["class"] : names.map((each) => `${SCORE_COLUMN}_${each}`),
    texts: output === "class" ? names : null,
    explained,
    async run({ take, ...rest }) {
      const [first = null, ...further] = await peersOf(context);
      const input = { model: part, ...rest, take: (scores: Float64Array) => take(scores, null) };
      if (output === "score")
        await (further.length > 0
          ? predictClassSumsGuest(input, [first!, ...further])
          : predictClassesGuest(input, first));
      else if (first !== null) await decideGuest({ ...input, secrets: context.secrets }, first, further);
      else
        await predictClassesGuest({ ...input, take: (shares) => input.take(likeliestIn(shares, names.length)) }, null);
    },
  };
}

/** In the order that hosts know: the first computes with the guest. */
const peersOf = (context: Context) =>
  Promise.all(hostsOf(context).map(({ party }) => context.peer(predictionMessages, "guest", "host", party)));

/** Of scores that the guest may see: the number of each one's band. */
const bandsIn = (scores: Float64Array, below: readonly number[]): Float64Array =>
  scores.map((score) => below.filter((bound) => score >= bound).length);

/** Of each row's probabilities the place of the largest. */
const likeliestIn = (shares: Float64Array, classes: number): Float64Array =>
  Float64Array.from({ length: shares.length / classes }, (_, row) => {
    const own = shares.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });

/** At both sides. Throws `input.model` for what such a model does not tell. */
export function requireFitting({ kind }: GuestPart | HostPart, output: Parameters["output"]): void {
  const several = kind.endsWith("-classes");
  if (output === "score" || several === (output === "class")) return;
  throw new TomboloError(
    "input.model",
    several ? "a model of several classes has no bands" : "a model of one score has no classes",
    { remedy: several ? "Ask for the score or the class." : "Ask for the score, its band or a decision." },
  );
}

export const boundsOf = (bands: Parameters["bands"]): number[] => bands.flatMap(({ below }) => below ?? []);
