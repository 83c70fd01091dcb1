/**
 * Verification as a service: do these values (name, id number, phone) stand together in one row of the partner's table:
 * yes or no, one after another. Protocol, leakage and adversary: packages/protocols, query/keyword.
 */
import { accompaniedMessages as messages } from "@tombolo/protocols/query/keyword";
import { z } from "zod";
import { paddingFaults, referenceLearnt, referencesLearnt } from "../authorisation.ts";
import { holdsRecords, REFUSED } from "../catalogue/asking.ts";
import { type LineForm, serveAnswers, serveQuestions, serviceOfQuestions } from "../catalogue/serving.ts";
import { component, type Disclosure, model, one, type Participant, type TaskContext } from "../component.ts";
import { betweenTwo, earlyEnds, learns } from "../disclosing.ts";

const parameters = z.strictObject({
  ...serviceOfQuestions,
});
type Parameters = z.output<typeof parameters>;
type Context = TaskContext<Parameters, Record<string, never>>;

export const verifyServe = component({
  name: "verify-serve",
  version: "2.0.0",
  title: { en: "Serve verification", zh: "要素核验服务" },
  summary: {
    en: "Says whether values belong together in a partner's table, yes or no, as it is asked, until an agreed moment; the partner learns only how many and when.",
    zh: "在约定时间内逐笔核验各要素是否与合作方同一条记录一致；合作方只知道核验数量与时间。",
  },
  roles: { guest: one, host: one },
  parameters,
  partyParameters: z.strictObject({}),
  inputs: { catalogue: model() },
  outputs: {},
  protocol: { name: "query/keyword", messages },
  serves: "verify",
  use: "both",
  faults: paddingFaults,
  discloses: ({ participants, parameters: given }) => disclosures(participants, given),
  run: { guest: runGuest, host: runHost },
});

/** Of what is verified in this form or another. */
export function disclosures(participants: readonly Participant[], given: Parameters): readonly Disclosure[] {
  const [most, step] = [given.idsMax, given.padTo];
  return betweenTwo(participants, (guest, partner) => [
    learns(guest, partner, "verified-rows", {
      en: `of each key it asks about until ${given.until}, ${most} in all at most: whether all its parts stood together in one row of ${partner.party} when the catalogue was made; where they did not, neither which differs nor any value`,
      zh: `在 ${given.until} 之前逐笔核验的每个键（合计最多 ${most} 个）：目录构建时各要素是否与 ${partner.party} 的同一条记录一致；不一致时不知哪一项不符，也不知任何取值`,
    }),
    learns(partner, guest, "asked-count", {
      en: `when ${guest.party} verifies, and how many keys, rounded up to a multiple of ${step}; neither which, nor how many are right`,
      zh: `${guest.party} 核验的时间与数量（按 ${step} 向上填充）；不知道是哪些，也不知道多少一致`,
    }),
    ...referenceLearnt(partner, guest, given),
    ...referencesLearnt(partner, guest, given),
    ...earlyEnds([guest, partner], REFUSED.verification),
  ]);
}

export function runGuest(context: Context, form?: LineForm): Promise<void> {
  return serveQuestions(
    context,
    ({ columns }) => {
      if (columns.length > 0) throw holdsRecords();
    },
    ({ found }) => ({ verified: found }),
    form,
  );
}

function runHost(context: Context): Promise<void> {
  return serveAnswers(context, []);
}
