import { type CallInput, type Dataset, type Model, type ServiceLimits, serviceLimits, serviceName } from "@tombolo/sdk";
import { DAY_MS, endOf, localDay } from "../../lib/days.ts";
import { type Reference, type ReferenceDraft, referenceOf } from "../../lib/reference.ts";
import { columnsIn } from "../../lib/sides.ts";
import { type PlanDraft, planOf } from "./plan-draft.ts";

export const steps = ["model", "tables", "answers", "callers", "rollOut", "review"] as const;
export type Step = (typeof steps)[number];

export interface HostTable {
  readonly dataset: Dataset;
  readonly keys: readonly string[];
  /** When the features were true; null: when the service starts. */
  readonly asOf: string | null;
}

export interface Draft {
  /** Beside the champion of this service; undefined: a new service. */
  readonly beside: string | undefined;
  readonly model: Model | undefined;
  readonly name: string;
  readonly title: string;
  /** Last day, as date inputs hold it. */
  readonly day: string;
  readonly hosts: Readonly<Record<string, HostTable>>;
  /** Hosts do not learn who is scored. */
  readonly hidden: boolean;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly fallback: string | undefined;
  /** What the data subjects of all questions authorised, where that is named. */
  readonly reference: ReferenceDraft | undefined;
  readonly limits: ServiceLimits;
  readonly role: "challenger" | "shadow";
  readonly share: number;
  /** Of a challenger, in place of a share. */
  readonly plan: PlanDraft | undefined;
  readonly message: string;
}

const USUAL_DAYS = 90;

export const emptyDraft = (beside: string | undefined): Draft => ({
  beside,
  model: undefined,
  name: "",
  title: "",
  day: localDay(Date.now() + USUAL_DAYS * DAY_MS),
  hosts: {},
  hidden: false,
  parameters: {},
  fallback: undefined,
  reference: undefined,
  limits: serviceLimits.parse({}),
  role: "challenger",
  share: 0.1,
  plan: undefined,
  message: "",
});

export const tableOf = (dataset: Dataset): HostTable => ({
  dataset,
  keys: columnsIn(dataset, "id").slice(0, 1),
  asOf: null,
});

/** A partner's table that is asked, not a model: it answers alone. */
export const isCatalogue = ({ model }: Draft): boolean => model?.kind === "catalogue";

export const givesScores = (draft: Draft): boolean => !isCatalogue(draft) || draft.model?.objective === "score";

/** By what a catalogue answers; parameters are the same where it has records. */
const ANSWERING: Readonly<Record<string, string>> = {
  score: "boosting-serve-hidden",
  retrieval: "verify-serve-hidden",
};

/** Components whose parameters the answers have. */
export function answering(draft: Draft): readonly string[] {
  if (isCatalogue(draft)) return [ANSWERING[draft.model?.objective ?? ""] ?? "verify-serve"];
  if (isHidden(draft)) return ["boosting-serve-hidden", "boosting-tabulate"];
  return [draft.model?.kind === "regression" ? "regression-serve" : "boosting-serve"];
}

/** Whether hosts may be kept from learning who is scored. */
export const mayHide = ({ model }: Draft): boolean => model?.kind === "boosting";

const isHidden = (draft: Draft): boolean => draft.hidden && mayHide(draft) && hostsOf(draft).length > 0;

export const hostsOf = ({ model }: Draft): string[] =>
  model?.kind === "catalogue"
    ? []
    : (model?.parties ?? []).filter(({ role }) => role === "host").map(({ party }) => party);

export const isNameGood = (name: string): boolean => serviceName.safeParse(name).success;

/** What of a step is still missing. */
export function complete(draft: Draft, step: Step): boolean {
  switch (step) {
    case "model":
      return (
        draft.model !== undefined &&
        endOf(draft.day) !== undefined &&
        (draft.beside !== undefined || (isNameGood(draft.name) && draft.title.trim() !== ""))
      );
    case "tables": {
      const counts = hostsOf(draft).map((party) => draft.hosts[party]?.keys.length ?? 0);
      return counts.every((count) => count > 0 && count === counts[0]);
    }
    case "answers":
      return (!fallsBack(draft) || draft.fallback !== undefined) && authorisationOf(draft) !== null;
    case "rollOut":
      return !isPlanned(draft) || (draft.plan !== undefined && planOf(draft.plan) !== undefined);
    default:
      return true;
  }
}

/** As a parameter of what answers: undefined where none is named, null while it is not whole. */
function authorisationOf({
  reference,
}: Draft): { readonly authorisation: { [K in keyof Reference]: string } } | undefined | null {
  if (reference === undefined) return undefined;
  const whole = referenceOf(reference);
  return whole === undefined ? null : { authorisation: { ...whole } };
}

/** Comes to answer by a plan, beside a champion. */
const isPlanned = ({ beside, role, plan }: Draft): boolean =>
  beside !== undefined && role === "challenger" && plan !== undefined;

/** How it is placed beside the champion. */
export function placeOf(draft: Draft): Pick<CallInput<"deployModel">["body"], "role" | "share" | "rollOut"> {
  const { role, share, plan } = draft;
  if (plan === undefined || !isPlanned(draft)) return { role, share };
  return { role, share: 0, rollOut: planOf(plan) ?? null };
}

/** A rule of the answers names a model of own columns alone. */
export const fallsBack = ({ parameters }: Draft): boolean => Object.values(parameters).includes("fallback");

export type Form = CallInput<"serviceFlow">["body"];

/** Undefined while something is missing. */
export function formOf(draft: Draft): Form | undefined {
  const until = endOf(draft.day);
  if (draft.model === undefined || until === undefined || !steps.every((step) => complete(draft, step)))
    return undefined;
  return {
    name: draft.beside ?? draft.name,
    modelId: draft.model.id,
    hosts: hostsOf(draft).map((partyId) => {
      const { dataset, keys, asOf } = draft.hosts[partyId]!;
      return { partyId, datasetId: dataset.id, keys: [...keys], asOf };
    }),
    hidden: isHidden(draft),
    fallbackModelId: fallsBack(draft) ? (draft.fallback ?? null) : null,
    until,
    parameters: { ...draft.parameters, ...authorisationOf(draft) },
    message: draft.message,
  };
}
