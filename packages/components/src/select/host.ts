/** A host's part of a selection: its own rules, and what the guest says of its columns by number. */
import { TomboloError } from "@tombolo/base";
import type { Peer } from "@tombolo/channel";
import { hostFeatureUse } from "@tombolo/federated/vertical/boosting";
import { storedHostModel } from "../boosting-train/model.ts";
import { guestOf } from "../tables.ts";
import { goesAcross, judgeAcrossAtHost } from "./across.ts";
import type { Choice, Rule } from "./choice.ts";
import { binningOf, tellsFallen, wantsInformation } from "./figures.ts";
import type { Told } from "./guest.ts";
import { selectMessages } from "./messages.ts";
import { type Context, judgeOwnLikeness, lacks } from "./own.ts";

export async function atHost(context: Context, choice: Choice): Promise<Told> {
  const { parameters: given } = context;
  const numberOf = await numbersOf(context);
  if (tellsFallen(given) || goesAcross(given)) {
    const peer = await context.peer(selectMessages, "second", "first", guestOf(context).party);
    if (tellsFallen(given)) await hearFallen(context, choice, numberOf, peer);
    if (goesAcross(given)) await judgeAcrossAtHost(context, choice, numberOf, peer);
  }
  if (!goesAcross(given)) judgeOwnLikeness(choice, new Map(), given);
  return { partners: [], alike: [], steps: null };
}

/** What the guest knows binned columns by. */
async function numbersOf(context: Context): Promise<ReadonlyMap<string, number>> {
  if (!context.inputs.has("binning")) return new Map();
  const { columns } = await binningOf(context);
  return new Map(columns.map(({ id, fine }) => [fine.name, id]));
}

async function hearFallen(
  context: Context,
  choice: Choice,
  numberOf: ReadonlyMap<string, number>,
  peer: Peer<typeof selectMessages, "second">,
): Promise<void> {
  const { parameters: given, inputs } = context;
  if (wantsInformation(given) && !inputs.has("binning")) throw lacks("informationMin", "binning");
  const told = await peer.receive("fallen");
  const fall = (names: ReadonlyMap<string, number>, rule: Rule, numbers: readonly number[], limit: number | null) => {
    for (const number of numbers) {
      const name = [...names].find(([, each]) => each === number)?.[0];
      if (name === undefined)
        throw new TomboloError("protocol.malformed", "a column is to fall that is not there", { blame: peer.party });
      choice.fall(name, { rule, limit, value: null, with: null });
    }
  };
  fall(numberOf, "information-min", told.informationMin, given.informationMin);
  fall(numberOf, "information-max", told.informationMax, given.informationMax);
  if (given.importance === null) return;
  if (!inputs.has("trees")) throw lacks("importance", "trees");
  const uses = hostFeatureUse(storedHostModel(await inputs.model("trees")).part);
  const used = new Map(uses.flatMap(({ feature, number, count }) => (count > 0 ? [[feature, number]] : [])));
  fall(used, "importance", told.importance, given.importance);
  // A column of no split has no gain, which nobody needs to say.
  if (given.importance > 0)
    for (const { name } of choice.staying)
      if (!used.has(name)) choice.fall(name, { rule: "importance", value: 0, limit: given.importance, with: null });
}
