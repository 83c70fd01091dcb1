/** The guest's part of a selection: its figures of all columns, and its own rules with the label. */
import { TomboloError } from "@tombolo/base";
import { permutationFalls, type Stepwise } from "@tombolo/federated/features/selection";
import { CONTRIBUTION_PREFIX } from "../boosting-predict/explain.ts";
import type { TaskTable } from "../component.ts";
import { labelsOf } from "../labels.ts";
import { hostsOf } from "../tables.ts";
import { goesAcross, judgeAcrossAtGuest, type PartnerFell } from "./across.ts";
import { atLeast, atMost, type Choice } from "./choice.ts";
import { fallenAt, type Known, knownFigures, type PartnerFigure, tellsFallen } from "./figures.ts";
import { selectMessages } from "./messages.ts";
import { type Context, judgeBySteps, judgeOwnLikeness, lacks } from "./own.ts";
import type { Parameters } from "./parameters.ts";

/** What the guest knows beside its own columns. */
export interface Told {
  readonly partners: readonly PartnerFigure[];
  readonly alike: readonly PartnerFell[];
  readonly steps: Stepwise | null;
}

export async function atGuest(context: Context, choice: Choice, data: TaskTable): Promise<Told> {
  const { parameters: given } = context;
  const known = await knownFigures(context);
  judgeKnown(choice, known, given);
  const peers = tellsFallen(given) || goesAcross(given) ? await hostsPeers(context) : [];
  if (tellsFallen(given))
    await Promise.all(peers.map((peer) => peer.send("fallen", fallenAt(peer.party, known.partners))));
  await judgeByPermutation(context, choice);
  const [host] = goesAcross(given) ? peers : [];
  const alike = host === undefined ? [] : await judgeAcrossAtGuest(context, choice, known, host);
  if (host === undefined) judgeOwnLikeness(choice, known.information, given);
  return { partners: known.partners, alike, steps: judgeBySteps(choice, data, given) };
}

function judgeKnown(choice: Choice, { information, importance }: Known, given: Parameters): void {
  for (const { name } of choice.staying) {
    const iv = information.get(name) ?? null;
    choice.judge(name, "information-min", iv, atLeast(given.informationMin));
    choice.judge(name, "information-max", iv, atMost(given.informationMax));
    if (importance !== null) choice.judge(name, "importance", importance.get(name) ?? 0, atLeast(given.importance));
  }
}

const hostsPeers = (context: Context) =>
  Promise.all(hostsOf(context).map(({ party }) => context.peer(selectMessages, "first", "second", party)));

const SHUFFLES = 5;

/** Parts of the margins that a regression's contributions are; the hosts' one is not a column and stays. */
async function judgeByPermutation(context: Context, choice: Choice): Promise<void> {
  const { inputs, sampling, parameters: given } = context;
  if (given.permutation === null) return;
  if (!inputs.has("scored")) throw lacks("permutation", "scored");
  const scored = await inputs.table("scored");
  const parts = scored.columns.flatMap((column) =>
    column.kind === "number" && column.name.startsWith(CONTRIBUTION_PREFIX)
      ? [{ name: column.name.slice(CONTRIBUTION_PREFIX.length), values: column.values }]
      : [],
  );
  if (parts.length === 0)
    throw new TomboloError("input.columns", "the scored table has no contributions", {
      remedy: 'Score it by regression-predict with "contributions".',
    });
  const draws = sampling.fork("permutation");
  const orders = Array.from({ length: SHUFFLES }, () => shuffled(scored.rowCount, (bound) => draws.below(bound)));
  const falls = permutationFalls(labelsOf(scored, "binary").values, parts, orders);
  for (const [i, { name }] of parts.entries()) choice.judge(name, "permutation", falls[i]!, atLeast(given.permutation));
}

/** Fisher and Yates. */
function shuffled(count: number, below: (bound: number) => number): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
