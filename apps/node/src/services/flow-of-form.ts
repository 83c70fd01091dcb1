/** What putting a model, or a catalogue, to use means as a flow. */
import { TomboloError } from "@tombolo/base";
import { type FlowDraft, questionServiceFlow, serviceFlow, tabulatedServiceFlow } from "@tombolo/components";
import { type Flow, parseInputRef } from "@tombolo/scheduler";
import type { deploymentForm } from "@tombolo/sdk";
import type { z } from "zod";
import { flowOf, jobById } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";

const DAY_MS = 86_400_000;
const YEAR_MS = 366 * DAY_MS;
const EPOCH_DAYS_MAX = 366;

export type Form = z.output<typeof deploymentForm>;

/** The flow that a form means, and the project it belongs to: the model's own. */
export async function flowOfForm(side: Side, form: Form, name: string) {
  const model = await side.store.db.selectFrom("models").selectAll().where("id", "=", form.modelId).executeTakeFirst();
  if (model === undefined)
    throw new TomboloError("input.model", "there is no such model here", { remedy: "See the list of models." });
  const own = model.parties.find(({ party }) => party === side.config.party);
  if (own?.role !== "guest")
    throw new TomboloError("input.model", "only the party that receives the answers can put this to use", {
      remedy: `Ask ${model.parties.find(({ role }) => role === "guest")?.party ?? "it"}.`,
    });
  const now = side.clock.now().getTime();
  const until = Date.parse(form.until);
  if (until <= now || until > now + YEAR_MS)
    throw new TomboloError("input.until", "the end must be within a year from now", { remedy: "Choose another day." });
  const job = await jobById(side, model.job_id);
  const made = flowOf(job);
  const guest = side.config.party;
  const days = Math.min(EPOCH_DAYS_MAX, Math.ceil((until - now) / DAY_MS) + 1);
  const named = { ...form, name };
  const flow = (): FlowDraft => {
    switch (made.tasks[model.task]?.component) {
      case "match-catalogue":
      case "query-prepare":
        return questionFlow(named, made, model.task, guest);
      case "boosting-tabulate":
        return tabulatedFlow(named, made, model, guest);
      default:
        return serviceFlow(named, guest, { flow: made, task: model.task }, days);
    }
  };
  return { model, projectId: job.project_id, flow: flow() };
}

/** A host's part that was tabulated already scores with the model it was made of. */
function tabulatedFlow(
  form: Form & { name: string },
  made: Flow,
  { id, job_id: job, task }: { readonly id: string; readonly job_id: string; readonly task: string },
  guest: string,
): FlowDraft {
  const model = parseInputRef(made.tasks[task]!.inputs.model!);
  const modelId = model.kind === "model" ? model.modelId : `${job}.${model.task}`;
  const hosts = made.parties.filter(({ role }) => role === "host").map(({ party }) => party);
  return tabulatedServiceFlow({ ...form, modelId, catalogue: id }, guest, hosts);
}

/** A catalogue with records answers queries, one of ids alone verifies. */
function questionFlow(
  { name, modelId, until, parameters }: Form & { name: string },
  made: Flow,
  task: string,
  guest: string,
) {
  const { component, inputs, parameters: given } = made.tasks[task]!;
  const stays = component === "query-prepare";
  const host = made.parties.find(({ role }) => role === "host")!.party;
  const read = made.tasks[inputs.data?.split(".")[0] ?? ""]?.partyParameters[host] as { keys?: unknown[] } | undefined;
  const columns = ((given as { columns?: { column: string }[] }).columns ?? []).map(({ column }) => column);
  const keyParts = read?.keys?.length ?? 1;
  return questionServiceFlow({ name, catalogue: modelId, columns, keyParts, stays, until, parameters }, guest, host);
}
