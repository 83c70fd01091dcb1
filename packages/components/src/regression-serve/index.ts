/**
 * Scores single rows as they are asked for, with a regression whose coefficients stay where they are. The guest's node is
 * asked; it alone has scores. Who is asked, and what callers get, is as in boosting-serve.
 * Protocol, leakage and adversary: packages/federated, vertical/serving, guest.ts, and vertical/regression, serving.ts.
 */
import { TomboloError } from "@tombolo/base";
import {
  answerForm,
  classAnswerForm,
  classFamilyOf,
  classHostForm,
  type HostClassModel,
  type HostModel,
  hostBinsForm,
  hostForm,
  openSeal,
  openTotals,
  PARTIES_MAX,
  sealedForm,
  servingDigest,
  servingMessages,
} from "@tombolo/federated/vertical/regression";
import type { HostForm } from "@tombolo/federated/vertical/serving";
import {
  component,
  type Disclosure,
  model,
  one,
  onlyAt,
  optional,
  type Participant,
  type TaskContext,
  type Text,
  table,
} from "../component.ts";
import { learns, namesOf, sidesOf } from "../disclosing.ts";
import { requireAllHosts, requireBinSets, requireColumns } from "../regression-predict/columns.ts";
import { besideSums, binsTold, classTotalsOf, rowSums } from "../regression-predict/disclosure.ts";
import { otherHosts } from "../regression-predict/pairs.ts";
import { type GuestPart, type HostPart, storedGuestPart, storedHostPart } from "../regression-train/model.ts";
import { disclosures, type ModelWords } from "../score-service/disclosure.ts";
import { answeringFaults, POLICIES } from "../score-service/faults.ts";
import { meetHost, serveScores } from "../score-service/guest.ts";
import { type ServedPart, serveRows } from "../score-service/host.ts";
import type { HostLink } from "../score-service/link.ts";
import { type PartyParameters, partyParameters } from "../score-service/parameters.ts";
import { hostsOf } from "../tables.ts";
import { meetAll } from "./meet-all.ts";
import { meetBins } from "./meet-bins.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { servedPart } from "./served.ts";

type Context = TaskContext<Parameters, PartyParameters>;
type Saying = Pick<ServedPart<typeof servingMessages>, "form" | "openSeal">;

export const regressionServe = component({
  name: "regression-serve",
  version: "3.4.0",
  title: { en: "Serve a regression", zh: "回归模型在线打分" },
  summary: {
    en: "Answers single scores as they are asked for, with a joint regression, until an agreed moment; of several hosts the guest learns the sum alone.",
    zh: "在约定时间内，用联合回归模型逐笔返回打分结果；有多个数据方时发起方仅得知其合计。",
  },
  roles: { guest: one, host: { min: 0, max: PARTIES_MAX - 1 } },
  parameters,
  partyParameters,
  inputs: {
    model: model("regression"),
    fallback: optional(onlyAt(model("boosting"), "guest")),
    data: optional(onlyAt(table(), "host")),
  },
  outputs: {},
  faults: ({ parameters: given }) => answeringFaults(given),
  protocol: { name: "regression/serve", messages: servingMessages },
  serves: "score",
  use: "score",
  discloses: ({ participants, parameters: given }) => disclosed(participants, given),
  run: { guest: runGuest, host: runHost },
});

function disclosed(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const sides = sidesOf(participants);
  const several = sides !== undefined && sides.hosts.length > 1 ? sides.hosts : null;
  const told = disclosures(several === null ? ofOne(given) : ofSeveral(several), participants, given);
  if (sides === undefined || several === null) return told;
  const beside = several.flatMap((host) => besideSums(sides.guest, host, several));
  return [...told, ...beside];
}

const ownReasons = () => ({
  en: ", and how much own features moved it, which does not depend on the other parties",
  zh: "，以及自有特征的影响（与其他各方无关）",
});

const ofOne = ({ hostColumnsMin, binSetsMin }: Parameters): ModelWords => ({
  row: (guest, host) => [
    learns(guest, host, "row-totals", classTotalsOf(host, hostColumnsMin)),
    learns(guest, host, "row-bins", servedBins(guest, host, binSetsMin)),
  ],
  hostReasons: ({ party }) => ({
    en: ` and the rounded total of what the columns of ${party} contribute`,
    zh: `，以及 ${party} 各列贡献之和（已舍入）`,
  }),
  ownReasons,
});

/** Rows of a service change, and may be asked for before and after. */
function servedBins(guest: Participant, host: Participant, binSetsMin: number): Text {
  const { en, zh } = binsTold(guest, host, binSetsMin);
  return {
    en: `${en}. Of a row asked for before and after it changed, by how much its total moved: where one column moved to another bin, mostly which, from which bin and to which`,
    zh: `${zh}。若同一行在变更前后都被查询，则得知其合计的变化：仅一列换了分箱时，多半可得知是哪一列、从哪个分箱换到哪个分箱`,
  };
}

const ofSeveral = (hosts: readonly Participant[]): ModelWords => ({
  row: (guest, host) => [rowSums(guest, host, hosts)],
  hostReasons: () => ({
    en: ` and the rounded total of what the columns of ${namesOf(hosts)} contribute together`,
    zh: `，以及 ${namesOf(hosts)} 各列贡献的合计（已舍入）`,
  }),
  ownReasons,
});

async function runGuest(context: Context): Promise<void> {
  const stored = storedGuestPart(await context.inputs.model("model"));
  const { part } = stored;
  requireAnswers(context, part);
  await serveScores(context, servedPart(stored), () => ({
    hosts: hostsMet(context, part),
    normalise: context.parameters.normalise,
  }));
}

function hostsMet(context: Context, part: GuestPart): HostLink[] {
  if (part.kind === "regression/guest-bins") return part.hosts.map((party) => meetBins(context, party, part));
  const met = {
    ...{ modelId: part.modelId, messages: servingMessages },
    form: part.kind === "regression/guest-classes" ? classAnswerForm(part) : answerForm,
    digest: () => servingDigest(part),
  };
  if (part.hosts.length > 1) return [meetAll(context, part.hosts, met)];
  return part.hosts.map((party) => meetHost(context, party, met));
}

async function runHost(context: Context): Promise<void> {
  const { part, pipeline } = storedHostPart(await context.inputs.model("model"));
  requireAllHosts(context, part);
  requireColumns(context, part);
  if (part.kind === "regression/host-bins") requireBinSets(context, part);
  const { openSeal, form } = await sayingOf(context, part);
  await serveRows(context, {
    ...{ modelId: part.modelId, messages: servingMessages },
    ...{ form, openSeal, pipeline },
    digest: await servingDigest(part),
  });
}

/** What a host says of a row: its totals, of several hosts in masks, of shared bins under the guest's key. */
async function sayingOf(context: Context, part: HostPart): Promise<Saying> {
  if (part.kind === "regression/host-bins")
    return { form: hostBinsForm(part), openSeal: (peer) => openTotals(part, peer, context.secrets) };
  if (hostsOf(context).length < 2) return { form: formOf(part) };
  const told = part.kind === "regression/host-classes" ? classFamilyOf(part).toldTotals : 1;
  const { quantum } = part;
  const others = await otherHosts(context, servingMessages);
  const { unit, seal } = await openSeal(others, { quantum, told, secrets: context.secrets });
  return { form: sealedForm(formOf({ ...part, quantum: unit }), unit), openSeal: async () => seal };
}

const formOf = (part: HostModel | HostClassModel): HostForm =>
  part.kind === "regression/host-classes" ? classHostForm(part) : hostForm(part);

/** Throws `input.model` for what such a model does not answer. */
function requireAnswers({ parameters: given }: Context, { kind }: GuestPart): void {
  const refused = (message: string, remedy: string): TomboloError =>
    new TomboloError("input.model", message, { remedy });
  if (kind !== "regression/guest-classes") {
    if (given.output !== "class") return;
    throw refused("a model of one score has no classes", "Answer with the score, its band or a decision.");
  }
  if (given.output === "band" || given.output === "decision")
    throw refused("a model of several classes has no bands", "Answer with the score or the class.");
  if (POLICIES.some((policy) => given[policy] !== "refuse"))
    throw refused("one number cannot stand for the probabilities of several classes", "Let all policies refuse.");
}
