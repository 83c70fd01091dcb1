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
  hostForm,
  openSeal,
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
  table,
} from "../component.ts";
import { learns, namesOf, sidesOf } from "../disclosing.ts";
import { requireAllHosts, requireColumns } from "../regression-predict/columns.ts";
import { besideSums, classTotalsOf, rowSums } from "../regression-predict/disclosure.ts";
import { otherHosts } from "../regression-predict/pairs.ts";
import { plainGuestPart, plainHostPart } from "../regression-train/model.ts";
import { disclosures, type ModelWords } from "../score-service/disclosure.ts";
import { answeringFaults, POLICIES } from "../score-service/faults.ts";
import { meetHost, serveScores } from "../score-service/guest.ts";
import { type ServedPart, serveRows } from "../score-service/host.ts";
import { type PartyParameters, partyParameters } from "../score-service/parameters.ts";
import { hostsOf } from "../tables.ts";
import { meetAll } from "./meet-all.ts";
import { type Parameters, parameters } from "./parameters.ts";
import { servedPart } from "./served.ts";

type Context = TaskContext<Parameters, PartyParameters>;
type PlainHostPart = ReturnType<typeof plainHostPart>["part"];

export const regressionServe = component({
  name: "regression-serve",
  version: "3.3.0",
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

const ofOne = ({ hostColumnsMin }: Parameters): ModelWords => ({
  row: (guest, host) => learns(guest, host, "row-totals", classTotalsOf(host, hostColumnsMin)),
  hostReasons: ({ party }) => ({
    en: ` and the rounded total of what the columns of ${party} contribute`,
    zh: `，以及 ${party} 各列贡献之和（已舍入）`,
  }),
  ownReasons,
});

const ofSeveral = (hosts: readonly Participant[]): ModelWords => ({
  row: (guest, host) => rowSums(guest, host, hosts),
  hostReasons: () => ({
    en: ` and the rounded total of what the columns of ${namesOf(hosts)} contribute together`,
    zh: `，以及 ${namesOf(hosts)} 各列贡献的合计（已舍入）`,
  }),
  ownReasons,
});

async function runGuest(context: Context): Promise<void> {
  const stored = plainGuestPart(await context.inputs.model("model"));
  const { part } = stored;
  requireAnswers(context, part);
  const met = {
    ...{ modelId: part.modelId, messages: servingMessages },
    form: part.kind === "regression/guest-classes" ? classAnswerForm(part) : answerForm,
    digest: () => servingDigest(part),
  };
  await serveScores(context, servedPart(stored), () => ({
    hosts:
      part.hosts.length > 1
        ? [meetAll(context, part.hosts, met)]
        : part.hosts.map((party) => meetHost(context, party, met)),
    normalise: context.parameters.normalise,
  }));
}

async function runHost(context: Context): Promise<void> {
  const { part, pipeline } = plainHostPart(await context.inputs.model("model"));
  requireAllHosts(context, part);
  requireColumns(context, part);
  const { seal, form } = await sayingOf(context, part);
  await serveRows(context, {
    ...{ modelId: part.modelId, messages: servingMessages },
    ...{ form, seal, pipeline },
    digest: await servingDigest(part),
  });
}

/** What a host says of a row: its totals, of several hosts in masks. */
async function sayingOf(context: Context, part: PlainHostPart): Promise<Pick<ServedPart, "form" | "seal">> {
  const formOf = (own: PlainHostPart): HostForm =>
    own.kind === "regression/host-classes" ? classHostForm(own) : hostForm(own);
  if (hostsOf(context).length < 2) return { form: formOf(part) };
  const told = part.kind === "regression/host-classes" ? classFamilyOf(part).toldTotals : 1;
  const { quantum } = part;
  const others = await otherHosts(context, servingMessages);
  const { unit, seal } = await openSeal(others, { quantum, told, secrets: context.secrets });
  return { form: sealedForm(formOf({ ...part, quantum: unit }), unit), seal };
}

/** Throws `input.model` for what such a model does not answer. */
function requireAnswers({ parameters: given }: Context, { kind }: ReturnType<typeof plainGuestPart>["part"]): void {
  const refused = (message: string, remedy: string): TomboloError =>
    new TomboloError("input.model", message, { remedy });
  if (kind === "regression/guest") {
    if (given.output !== "class") return;
    throw refused("a model of one score has no classes", "Answer with the score, its band or a decision.");
  }
  if (given.output === "band" || given.output === "decision")
    throw refused("a model of several classes has no bands", "Answer with the score or the class.");
  if (POLICIES.some((policy) => given[policy] !== "refuse"))
    throw refused("one number cannot stand for the probabilities of several classes", "Let all policies refuse.");
}
