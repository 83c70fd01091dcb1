/** What the demo leaves running: the model as a service, and the host's table as one that verifies ids. */
import type { Dataset, Job, Project } from "@tombolo/sdk";
import type { DemoNode } from "./node.ts";
import type { Plan } from "./options.ts";
import { approveWaiting, sound, until } from "./story.ts";

export interface Story {
  readonly guest: DemoNode;
  readonly hosts: readonly DemoNode[];
  readonly plan: Plan;
  readonly project: Project;
  readonly job: Job;
  readonly datasets: readonly Dataset[];
}

const DAY_MS = 86_400_000;
const soon = (): string => new Date(Date.now() + 30 * DAY_MS).toISOString();

/** Lines to paste into a terminal: one scores a customer that both sides know, one verifies the customer's id. */
export async function leaveServices(story: Story): Promise<{ readonly score: string; readonly verify: string }> {
  const { guest } = story;
  const { items } = await guest.as.analyst.call("listServices");
  for (const { name, stopped } of items)
    if (stopped === null)
      await guest.as.analyst.call("stopService", { params: { name }, body: { reason: "another run of the demo" } });
  const number = items.length / 2 + 1;
  const [score, verify] = [`score-${Math.ceil(number)}`, `verify-${Math.ceil(number)}`];
  const { id, features } = await someCustomer(story);
  await deploy(story, score, "Risk of a customer", `${story.job.id}.train`, hostTables(story));
  await deploy(story, verify, "Is it a customer there", await makeCatalogue(story), []);
  const { secret } = await guest.as.admin.call("createApiKey", {
    body: { name: "demo caller", roles: ["caller"], days: 30 },
  });
  const line = (service: string, kind: string, row: object): string =>
    `curl -s -X POST ${guest.origin}/api/v1/services/${service}/${kind} -H 'authorization: Bearer ${secret}' -H 'content-type: application/json' -d '${JSON.stringify({ rows: [row] }).replaceAll("'", "'\\''")}'`;
  return { score: line(score, "score", { id, features }), verify: line(verify, "verify", { id }) };
}

const hostTables = ({ plan, datasets }: Story) =>
  plan.hosts.map((host, index) => ({ partyId: host.id, datasetId: datasets[index + 1]!.id, keys: [...plan.keys] }));

/** The first shared row, as the guest has it. */
async function someCustomer({ guest, plan, job }: Story): Promise<{ id: string | string[]; features: object }> {
  const params = { id: job.id, task: "match", port: "data" };
  const { columns, rows } = await guest.as.analyst.call("previewOutput", { params });
  const row = Object.fromEntries(columns.map((name, i) => [name, rows[0]?.[i] ?? null]));
  const id = plan.keys.map((key) => String(row[key]));
  const features = Object.entries(row).filter(([name]) => !plan.keys.includes(name) && name !== plan.label);
  return { id: id.length === 1 ? id[0]! : id, features: Object.fromEntries(features) };
}

async function deploy(
  story: Story,
  name: string,
  title: string,
  modelId: string,
  hosts: ReturnType<typeof hostTables>,
): Promise<void> {
  const { as } = story.guest;
  const { deployments } = await as.analyst.call("createService", {
    body: { name, title, modelId, hosts, until: soon(), message: "The demo's service." },
  });
  const [deployment] = deployments;
  await until(
    `the service ${name}`,
    async () => ((await as.analyst.call("getService", { params: { name } })).state === "UP" ? true : undefined),
    () => approveEverywhere(story, deployment!.jobId),
  );
}

/** Of the first host's ids. Answers the id of the guest's part. */
async function makeCatalogue(story: Story): Promise<string> {
  const { guest, project, datasets, plan } = story;
  const host = { partyId: plan.hosts[0]!.id, datasetId: datasets[1]!.id, keys: [...plan.keys] };
  const check = sound(
    await guest.as.analyst.call("catalogueFlow", {
      body: { projectId: project.id, name: "Customers of the other side", host, parameters: {} },
    }),
  );
  const flow = check.flow as Record<string, unknown>;
  const { id } = await guest.as.analyst.call("submitJob", { body: { projectId: project.id, flow } });
  await until(
    "the catalogue",
    async () => {
      const { status } = await guest.as.analyst.call("getJob", { params: { id } });
      return status === "SUCCESS" ? true : undefined;
    },
    () => approveEverywhere(story, id),
  );
  return `${id}.catalogue`;
}

async function approveEverywhere({ guest, hosts }: Story, jobId: string): Promise<void> {
  for (const node of [guest, ...hosts]) await approveWaiting(node, { jobId });
}
