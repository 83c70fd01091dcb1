/** What putting a model, or a catalogue, to use means as a flow. */
import { TomboloError } from "@tombolo/base";
import { questionServiceFlow, serviceFlow, trainedColumns } from "@tombolo/components";
import type { Flow } from "@tombolo/scheduler";
import type { deploymentForm } from "@tombolo/sdk";
import type { z } from "zod";
import { flowOf, jobById } from "../jobs/rows.ts";
import type { Side } from "../partner/side.ts";

const YEAR_MS = 366 * 86_400_000;

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
  const flow =
    made.tasks[model.task]?.component === "match-catalogue"
      ? questionFlow({ ...form, name }, made, model.task, guest)
      : serviceFlow({ ...form, name }, guest, trainedColumns(made, model.task));
  return { model, projectId: job.project_id, flow };
}

/** A catalogue with records answers queries, one of ids alone verifies. */
function questionFlow(
  { name, modelId, until, parameters }: Form & { name: string },
  made: Flow,
  task: string,
  guest: string,
) {
  const { inputs, parameters: given } = made.tasks[task]!;
  const host = made.parties.find(({ role }) => role === "host")!.party;
  const read = made.tasks[inputs.data?.split(".")[0] ?? ""]?.partyParameters[host] as { keys?: unknown[] } | undefined;
  const columns = ((given as { columns?: { column: string }[] }).columns ?? []).map(({ column }) => column);
  const keyParts = read?.keys?.length ?? 1;
  return questionServiceFlow({ name, catalogue: modelId, columns, keyParts, until, parameters }, guest, host);
}
