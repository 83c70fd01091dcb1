/**
 * From a flow's text to what is asked of the parties: all faults at once, the flow with every default written out, its
 * disclosure, the data and grants it draws on. Everything from this node's own component code.
 */

import { TomboloError } from "@tombolo/base";
import { findComponent, planMatch } from "@tombolo/components";
import {
  checkFlowShape,
  type Flow,
  type FlowTask,
  flowModels,
  flowToYaml,
  type Problem,
  participantsOf,
  problem,
  type ValidationContext,
  validateFlow,
  withDefaults,
} from "@tombolo/scheduler";
import type { DatasetColumn } from "@tombolo/sdk";
import { type FlowDataset, flowComponents, flowDatasets, flowDisclosure } from "../consent/disclosure.ts";
import type { ConsentComponent, ConsentDataset, ConsentDisclosure, ReusedTask } from "../consent/document.ts";
import { type Grant, grantState, listGrants } from "../grants/grant-rows.ts";
import { activeProject } from "../grants/projects.ts";
import { cataloguesIn } from "../grants/query-terms.ts";
import { checkGrant, type IntendedUse } from "../grants/rules.ts";
import { requireFlowModels } from "../models/usable.ts";
import { partnerDatasets } from "../partner/catalogue.ts";
import { listContracts } from "../partner/contract-rows.ts";
import type { Side } from "../partner/side.ts";

export interface PlannedFlow {
  readonly flow: Flow;
  readonly flowYaml: string;
  readonly disclosure: readonly ConsentDisclosure[];
  readonly receivers: readonly string[];
  readonly components: readonly ConsentComponent[];
  readonly datasets: readonly ConsentDataset[];
  readonly models: readonly string[];
  /** Tasks that are not run again. */
  readonly reuse?: readonly ReusedTask[];
}

/** What a failure says its `code` says in other languages. */
type PlanProblem = Omit<Problem, "zh"> & { readonly zh?: Problem["zh"]; readonly code?: string };

const failureProblem = (path: string, { code, message, remedy }: TomboloError): PlanProblem => ({
  path,
  code,
  message,
  ...(remedy === undefined ? {} : { remedy }),
});

export type CheckedFlow =
  | { readonly ok: true; readonly plan: PlannedFlow; readonly grants: readonly Grant[] }
  | {
      readonly ok: false;
      readonly problems: readonly PlanProblem[];
      readonly flow: Flow | null;
      readonly plan: PlannedFlow | null;
      /** What the tasks disclose that are right so far. */
      readonly drawn: readonly ConsentDisclosure[];
    };

/** The little of a dataset that planning needs. */
export interface KnownDataset {
  readonly id: string;
  readonly snapshot: string;
  readonly columns: readonly DatasetColumn[];
  /** Null where its owner does not show it. */
  readonly rowCount: number | null;
}
type KnownDatasets = ReadonlyMap<string, readonly KnownDataset[]>;

/** Never throws for what is wrong with the flow. */
export async function checkFlow(side: Side, projectId: string, source: unknown): Promise<CheckedFlow> {
  const shape = checkFlowShape(source);
  if (!shape.ok) return { ok: false, problems: shape.problems, flow: null, plan: null, drawn: [] };
  const parties = shape.flow.parties.map(({ party }) => party);
  const known = await knownDatasets(side, parties);
  const problems: PlanProblem[] = [
    ...validateFlow(shape.flow, findComponent, {
      knownParties: await knownParties(side),
      datasetColumns: (party, id) =>
        known
          .get(party)
          ?.find((each) => each.id === id)
          ?.columns.map(({ name }) => name) ?? (known.has(party) ? null : undefined),
      ...(await knownModels(side)),
    }),
  ];
  if (!parties.includes(side.config.party))
    problems.push(
      problem(
        "parties",
        ["your own party takes no part", `Add ${side.config.party}.`],
        ["本机构未参与", `请加入 ${side.config.party}。`],
      ),
    );
  await activeProject(side, projectId, parties).catch((error: TomboloError) =>
    problems.push(failureProblem("projectId", error)),
  );
  if (problems.length === 0) problems.push(...(await modelProblems(side, shape.flow)));
  if (problems.length > 0)
    return { ok: false, problems, flow: shape.flow, plan: null, drawn: disclosureSoFar(shape.flow, problems) };
  const flow = withChoices(withDefaults(shape.flow, findComponent), shape.flow, known);
  const facts = derivedParts(flow);
  const drawn = await drawnGrants(side, projectId, flow, facts.disclosure, known);
  const plan = { ...facts, flow, flowYaml: flowToYaml(flow), datasets: drawn.datasets, models: flowModels(flow) };
  if (drawn.problems.length > 0) return { ok: false, problems: drawn.problems, flow, plan, drawn: facts.disclosure };
  return { ok: true, plan, grants: drawn.grants };
}

/** A task says what it discloses by its participants and parameters; whatever else is wrong with the flow. */
function disclosureSoFar(flow: Flow, problems: readonly PlanProblem[]): ConsentDisclosure[] {
  const faulty = (name: string): boolean =>
    problems.some(({ path }) =>
      ["component", "parties", "parameters", "partyParameters"].some((part) =>
        path.startsWith(`tasks.${name}.${part}`),
      ),
    );
  const right = Object.entries(flow.tasks).filter(([name]) => !faulty(name));
  // Alone: what a task reads from does not change what it discloses, and a cycle has no order.
  return right.flatMap(([name, task]) => {
    const alone = { ...flow, tasks: { [name]: { ...task, inputs: {} } } };
    return flowDisclosure(withDefaults(alone, findComponent), findComponent);
  });
}

/** Of a model that this party would refuse when the job comes to it. A signature on its way may be here by then. */
async function modelProblems(side: Side, flow: Flow): Promise<PlanProblem[]> {
  try {
    await requireFlowModels(side, flow);
    return [];
  } catch (error) {
    const failure = TomboloError.from(error);
    return failure.code === "resource.not-yet" ? [] : [failureProblem("tasks", failure)];
  }
}

/**
 * What the flow leaves open and the data decides: written into the flow before anyone consents.
 * - As many rows as the data named in the consent have, rounded up to a power of two, is what a partner may ask about
 *   (SECURITY.md rule 8); so a list of guessed ids by the million is refused. It stays open where an owner does not show
 *   its row count.
 * - The protocol of a match.
 */
function withChoices(flow: Flow, written: Flow, known: KnownDatasets): Flow {
  const uses = datasetsOf(flow);
  const tasks = Object.entries(flow.tasks).map(([name, task]): [string, FlowTask] => {
    const open = (parameter: string): boolean =>
      parameter in task.parameters && !(parameter in written.tasks[name]!.parameters);
    const read = uses.filter(({ components }) => components.includes(task.component));
    const rows = read.map((use) => known.get(use.party)?.find(({ id }) => id === use.datasetId)?.rowCount ?? null);
    const chosen = {
      ...(open("partnerRowsMax") ? rowLimit(rows) : {}),
      ...(task.component === "psi" && open("protocol") ? { protocol: matchProtocol(flow, task, rows) } : {}),
    };
    return [name, { ...task, parameters: { ...task.parameters, ...chosen } }];
  });
  return { ...flow, tasks: Object.fromEntries(tasks) };
}

function rowLimit(rows: readonly (number | null)[]): { partnerRowsMax?: number } {
  if (rows.length === 0 || rows.includes(null)) return {};
  return { partnerRowsMax: 2 ** Math.ceil(Math.log2(Math.max(2, ...rows.map((each) => each ?? 0)))) };
}

function matchProtocol(flow: Flow, task: FlowTask, rows: readonly (number | null)[]): string {
  const largest = rows.length === 0 || rows.includes(null) ? null : Math.max(...rows.map((each) => each ?? 0));
  const security = task.parameters.security === "malicious" ? "malicious" : "semi-honest";
  const suite = task.parameters.suite === "sm2" ? "sm2" : "ristretto255";
  const parties = participantsOf(flow, task).length;
  return planMatch({ parties, guestRows: largest, hostRows: largest, security, suite }, null).protocol;
}

/** Throws `input.flow` with all faults in its detail. */
export async function soundFlow(side: Side, projectId: string, source: unknown): Promise<PlannedFlow> {
  const checked = await checkFlow(side, projectId, source);
  if (checked.ok) return checked.plan;
  const first = checked.problems[0]!;
  throw new TomboloError("input.flow", `the flow cannot be proposed: ${first.message}`, {
    remedy: first.remedy ?? "Mend the flow and try again.",
    detail: { problems: checked.problems },
  });
}

/** What every node makes for itself from the flow alone. */
export function derivedParts(flow: Flow) {
  const disclosure = flowDisclosure(flow, findComponent);
  return {
    disclosure,
    receivers: [...new Set(disclosure.map(({ recipient }) => recipient))].sort(),
    components: flowComponents(flow, findComponent),
  };
}

export const datasetsOf = (flow: Flow): FlowDataset[] => flowDatasets(flow, findComponent);

/** The kind of disclosure that a component makes of what it hands over. */
const VALUES_AS_THEY_ARE = "matched-values";
/** Of one that tells which columns stand behind a model. */
const COLUMN_NAMES = "column-names";

export function intendedUse(
  initiator: string,
  projectId: string,
  use: FlowDataset,
  disclosure: readonly ConsentDisclosure[],
  flow: Flow,
): IntendedUse {
  const told = disclosure.filter(({ about }) => about === use.party);
  const telling = (what: string): string[] => {
    const components = told.filter(({ kind }) => kind === what).map(({ component }) => component);
    return use.components.filter((component) => components.includes(component));
  };
  return {
    ...{ initiator, projectId, ...use },
    receivers: [...new Set(told.map(({ recipient }) => recipient))],
    handing: telling(VALUES_AS_THEY_ARE),
    naming: telling(COLUMN_NAMES),
    catalogues: cataloguesIn(flow, use.party, use.task),
  };
}

async function drawnGrants(
  side: Side,
  projectId: string,
  flow: Flow,
  disclosure: readonly ConsentDisclosure[],
  known: KnownDatasets,
) {
  const held = await listGrants(side);
  const datasets: ConsentDataset[] = [];
  const problems: PlanProblem[] = [];
  const grants: Grant[] = [];
  for (const use of datasetsOf(flow)) {
    const dataset = known.get(use.party)?.find(({ id }) => id === use.datasetId);
    if (!known.has(use.party)) {
      problems.push(unreachable(use));
      continue;
    }
    const own = use.party === side.config.party;
    const found = own
      ? null
      : chooseGrant(side, held, use.party, intendedUse(side.config.party, projectId, use, disclosure, flow));
    if (found instanceof TomboloError)
      problems.push(failureProblem(`tasks.${use.task}.partyParameters.${use.party}`, found));
    else if (found !== null) grants.push(found);
    datasets.push({
      party: use.party,
      task: use.task,
      datasetId: use.datasetId,
      snapshot: dataset?.snapshot ?? "",
      columns: use.columns,
      grantId: found === null || found instanceof TomboloError ? null : found.id,
      filter: found === null || found instanceof TomboloError ? null : found.terms.filter,
    });
  }
  return { datasets, problems, grants };
}

const unreachable = ({ party, task }: FlowDataset): Problem =>
  problem(
    `tasks.${task}.partyParameters.${party}`,
    [
      `${party} cannot be reached, so its data cannot be looked up`,
      "Try again when its node is up; `tombolo doctor` tests the path.",
    ],
    [`无法连接 ${party}，因此无法查看其数据`, "请在其节点恢复后重试；`tombolo doctor` 可检查连接。"],
  );

/** The first grant that allows the use, or why the nearest one does not: one in force before one that is over. */
function chooseGrant(side: Side, held: readonly Grant[], owner: string, use: IntendedUse): Grant | TomboloError {
  const refusals: TomboloError[] = [];
  for (const grant of held.filter((each) => each.owner === owner && each.terms.datasetId === use.datasetId)) {
    try {
      checkGrant(grantState(grant), use, side.clock.now());
      return grant;
    } catch (error) {
      refusals.push(TomboloError.from(error));
    }
  }
  const missing = new TomboloError("consent.grant-missing", `there is no grant of ${owner} on ${use.datasetId}`, {
    remedy: `Ask ${owner} for a grant on ${use.datasetId}.`,
  });
  return refusals.find(({ code }) => !code.startsWith("consent.grant-")) ?? refusals[0] ?? missing;
}

async function knownParties(side: Side): Promise<string[]> {
  const contracts = await listContracts(side);
  return [
    side.config.party,
    ...contracts.flatMap((each) => (each.status === "APPROVED" && each.party_id !== null ? [each.party_id] : [])),
  ];
}

/** Own datasets, and what partners publish; a partner that cannot be reached is left out and checks for itself. */
export async function knownDatasets(side: Side, parties: readonly string[]): Promise<KnownDatasets> {
  const own = await side.store.db.selectFrom("datasets").selectAll().execute();
  const known = new Map<string, readonly KnownDataset[]>();
  known.set(
    side.config.party,
    own.map((row) => ({ id: row.id, snapshot: row.snapshot, columns: row.columns, rowCount: row.row_count })),
  );
  const partners = (await knownParties(side)).filter((party) => parties.includes(party) && party !== side.config.party);
  await Promise.all(
    partners.map(async (party) => {
      const listed = await partnerDatasets(side, party).catch((error: unknown) => {
        side.log.warn({ partner: party, err: error }, "the partner's catalogue could not be read");
        return undefined;
      });
      if (listed !== undefined) known.set(party, listed);
    }),
  );
  return known;
}

/** Of the models here: who holds parts of them, and what kind they are of. */
export async function knownModels(
  side: Side,
): Promise<Required<Pick<ValidationContext, "modelParties" | "modelKind">>> {
  const models = await side.store.db.selectFrom("models").select(["id", "parties", "summary"]).execute();
  const byId = new Map(models.map((model) => [model.id, model]));
  return {
    modelParties: (id) => byId.get(id)?.parties.map(({ party }) => party) ?? null,
    modelKind: (id) => byId.get(id)?.summary.kind ?? null,
  };
}
