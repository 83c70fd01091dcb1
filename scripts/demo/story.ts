import { openAsBlob } from "node:fs";
import { basename } from "node:path";
import { TomboloError } from "@tombolo/base";
import type { Dataset, FlowCheck, Grant, Job, JointModelForm, Project, Report } from "@tombolo/sdk";
import { progressView, watchJob } from "../../apps/cli/src/follow.ts";
import type { DemoNode } from "./node.ts";
import type { Plan } from "./options.ts";
import { terminal } from "./terminal.ts";

const PURPOSE = "Credit and churn risk of shared customers (demo)";
const WAIT_MS_MAX = 60_000;

/** Looks again until `look` has an answer; `meanwhile` does what the answer waits for. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined>,
  meanwhile: () => Promise<void> = async () => {},
): Promise<T> {
  const deadline = Date.now() + WAIT_MS_MAX;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new TomboloError("state.demo", `waited ${WAIT_MS_MAX / 1000} s for ${what}`);
    await meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
}

/** The approver's yes to what this demo asked for, and to nothing else. */
export async function approveWaiting(
  node: DemoNode,
  wanted: { grantId?: string; projectId?: string; jobId?: string },
): Promise<void> {
  const { items } = await node.as.approver.call("listApprovals", { query: {} });
  for (const item of items) {
    const ours =
      (wanted.grantId !== undefined && item.grantId === wanted.grantId) ||
      (wanted.projectId !== undefined && item.projectId === wanted.projectId && item.kind === "project") ||
      (wanted.jobId !== undefined && item.jobId === wanted.jobId);
    if (!ours || !item.mayDecide) continue;
    const detail = await node.as.approver.call("getApproval", { params: { id: item.id } });
    await node.as.approver.call("approve", {
      params: { id: item.id },
      body: { consentHash: detail.consentHash, reason: "demo" },
    });
  }
}

/** Contract between two parties, both fingerprints confirmed. */
export async function connectParties(guest: DemoNode, host: DemoNode): Promise<void> {
  const contract = async (from: DemoNode, to: DemoNode) =>
    (await from.as.operator.call("listPartners")).items.find(
      (each) => each.partyId === to.party.id && each.status !== "TERMINATED" && each.status !== "REJECTED",
    );
  if ((await contract(guest, host)) === undefined) {
    const { line } = await guest.as.operator.call("invitePartner", { body: { address: guest.partnerAddress } });
    await host.as.operator.call("acceptInvite", { body: { line } });
  }
  for (const [from, to] of [
    [guest, host],
    [host, guest],
  ] as const) {
    const found = await until(`the contract of ${to.party.id} at ${from.party.id}`, async () => {
      const each = await contract(from, to);
      return each?.fingerprint === null ? undefined : each;
    });
    if (!found.ownFingerprintConfirmed) {
      await from.as.operator.call("confirmPartner", {
        params: { id: found.contractId },
        body: { fingerprint: found.fingerprint ?? "" },
      });
    }
  }
  await until(`${guest.party.id} and ${host.party.id} to be connected`, async () =>
    (await contract(guest, host))?.status === "APPROVED" && (await contract(host, guest))?.status === "APPROVED"
      ? true
      : undefined,
  );
}

/** Imports the party's file unless the same is there, marks keys and label, and publishes its dictionary. */
export async function importDataset(node: DemoNode, plan: Plan, label: string | null): Promise<Dataset> {
  const { items } = await node.as.operator.call("listDatasets");
  const known = items.find((each) => each.name === node.party.datasetName && each.published);
  if (known !== undefined) return known;
  const query = { name: node.party.datasetName, filename: basename(node.party.file) };
  const body = await openAsBlob(node.party.file);
  const contentType = node.party.file.endsWith(".parquet") ? "application/vnd.apache.parquet" : "text/csv";
  const uploaded = await node.as.operator.call("uploadDataset", { query, body }, { contentType });
  const names = uploaded.columns.map((column) => column.name);
  for (const column of [...plan.keys, ...(label === null ? [] : [label])]) {
    if (!names.includes(column))
      throw new TomboloError(
        "input.column",
        `${basename(node.party.file)} has no column "${column}"; it has ${names.join(", ")}`,
      );
  }
  const columns = uploaded.columns.map((column) => ({
    name: column.name,
    meaning: column.meaning,
    unit: column.unit,
    role: plan.keys.includes(column.name)
      ? ("id" as const)
      : column.name === label
        ? ("label" as const)
        : ("feature" as const),
  }));
  await node.as.operator.call("updateDataset", { params: { id: uploaded.id }, body: { columns } });
  const visibility = { rowCount: true, fillRate: true, distinct: true, statistics: false, top: false };
  return node.as.operator.call("publishDataset", {
    params: { id: uploaded.id },
    body: { published: true, visibility },
  });
}

export async function openProject(guest: DemoNode, hosts: readonly DemoNode[]): Promise<Project> {
  const name = "Shared risk model";
  const known = (await guest.as.analyst.call("listProjects")).items.find(
    (each) => each.name === name && each.status !== "ARCHIVED" && each.status !== "REJECTED",
  );
  const members = hosts.map((host) => host.party.id);
  const project =
    known ?? (await guest.as.analyst.call("createProject", { body: { name, description: PURPOSE, members } }));
  return until(
    "the project to be joined",
    async () => {
      const now = await guest.as.analyst.call("getProject", { params: { id: project.id } });
      return now.status === "ACTIVE" ? now : undefined;
    },
    async () => {
      for (const node of [guest, ...hosts]) await approveWaiting(node, { projectId: project.id });
    },
  );
}

/** The guest asks the host for the use of its table, for all who learn something of it; the host's approver says yes. */
export async function obtainGrant(
  guest: DemoNode,
  host: DemoNode,
  dataset: Dataset,
  project: Project,
  all: readonly DemoNode[],
): Promise<Grant> {
  const usable = (each: Grant): boolean =>
    each.terms.datasetId === dataset.id &&
    each.status === "ACTIVE" &&
    each.usesLeft > 20 &&
    each.terms.projectId === project.id;
  const { items } = await guest.as.analyst.call("listGrants");
  const known = items.find(usable);
  if (known !== undefined) return known;
  const asked = await guest.as.analyst.call("requestGrant", {
    body: {
      owner: host.party.id,
      datasetId: dataset.id,
      partners: [guest.party.id],
      projectId: project.id,
      components: [],
      columns: [],
      filter: null,
      purpose: PURPOSE,
      use: ["train", "score"],
      receivers: all.filter((node) => node !== host).map((node) => node.party.id),
      expiresAt: new Date(Date.now() + 90 * 86_400_000).toISOString(),
      uses: 1000,
      standing: false,
      message: "For the joint model of the demo.",
    },
  });
  return until(
    "the grant",
    async () =>
      (await guest.as.analyst.call("listGrants")).items.find(
        (each) => each.id === asked.id && each.status === "ACTIVE",
      ),
    () => approveWaiting(host, { grantId: asked.id }),
  );
}

export function modelForm(plan: Plan, project: Project, datasets: readonly Dataset[]): JointModelForm {
  const features = (dataset: Dataset): string[] =>
    dataset.columns.filter((column) => column.role === "feature").map((column) => column.name);
  const label = datasets[0]!.columns.find((column) => column.name === plan.label);
  return {
    projectId: project.id,
    name: `Joint model of ${plan.label}`,
    guest: { datasetId: datasets[0]!.id, keys: [...plan.keys], label: plan.label, columns: features(datasets[0]!) },
    hosts: plan.hosts.map((host, index) => ({
      partyId: host.id,
      datasetId: datasets[index + 1]!.id,
      keys: [...plan.keys],
      columns: features(datasets[index + 1]!),
    })),
    objective: (label?.distinct ?? 2) <= 2 ? "binary" : "regression",
    trees: plan.trees,
    depth: plan.depth,
    learningRate: 0.2,
    bins: plan.bins,
    testShare: 0.3,
    seed: plan.seed,
    baseline: true,
  };
}

export function sound(check: FlowCheck): FlowCheck {
  if (check.ok) return check;
  throw new TomboloError(
    "input.flow",
    check.problems.map((problem) => `${problem.path}: ${problem.message}`).join("; "),
  );
}

/** Submits, shows what each party will learn, gives every consent asked of the demo's people, follows to the end. */
export async function runJob(
  guest: DemoNode,
  hosts: readonly DemoNode[],
  project: Project,
  check: FlowCheck,
): Promise<Job> {
  terminal.say("\n  What each party will learn:");
  for (const item of check.disclosure) terminal.say(`    ${item.recipient} will learn (${item.task}): ${item.text.en}`);
  const job = await guest.as.analyst.call("submitJob", {
    body: { projectId: project.id, flow: check.flow as Record<string, unknown>, message: "The demo's joint model." },
  });
  const nodes = [guest, ...hosts];
  await terminal.step(`${nodes.map((node) => node.party.id).join(" and ")} consent to job ${job.id}`, () =>
    until(
      "the consents",
      async () => {
        const now = await guest.as.analyst.call("getJob", { params: { id: job.id } });
        return now.consents.every((consent) => consent.status === "APPROVED") ? now : undefined;
      },
      async () => {
        for (const node of nodes) await approveWaiting(node, { jobId: job.id });
      },
    ),
  );
  const view = progressView();
  const ended = await watchJob(
    guest.as.analyst,
    job.id,
    (state) => view.show(state),
    new AbortController().signal,
  ).finally(() => view.stop());
  return ended;
}

/** A second flow, consented by the guest's own approver and left for the visitor at the first host. */
export async function leaveRequest(
  guest: DemoNode,
  host: DemoNode,
  plan: Plan,
  project: Project,
  job: Job,
  datasets: readonly Dataset[],
): Promise<Job> {
  const modelId = `${job.id}.train`;
  const check = sound(
    await guest.as.analyst.call("scoreFlow", {
      body: {
        name: "Score this month's customers",
        modelId,
        datasetId: datasets[0]!.id,
        keys: [...plan.keys],
        hosts: plan.hosts.map((each, index) => ({
          partyId: each.id,
          datasetId: datasets[index + 1]!.id,
          keys: [...plan.keys],
        })),
      },
    }),
  );
  const second = await guest.as.analyst.call("submitJob", {
    body: {
      projectId: project.id,
      flow: check.flow as Record<string, unknown>,
      message: `We would like to score all our customers with the model of ${plan.label}. Please have a look.`,
    },
  });
  await until(
    "the request at the host",
    async () => {
      const { consents } = await guest.as.analyst.call("getJob", { params: { id: second.id } });
      const own = consents.find((consent) => consent.party === guest.party.id)?.status === "APPROVED";
      const { items } = await host.as.approver.call("listApprovals", { query: {} });
      return own && items.some((item) => item.jobId === second.id) ? true : undefined;
    },
    () => approveWaiting(guest, { jobId: second.id }),
  );
  return second;
}

export interface Figures {
  readonly matched: number;
  readonly guestOnly: Readonly<Record<string, number>>;
  readonly joint: Readonly<Record<string, number>>;
}

/** Reads the figures out of the guest's own reports of the job. */
export async function readFigures(guest: DemoNode, job: Job): Promise<Figures> {
  const { items } = await guest.as.analyst.call("jobReports", { params: { id: job.id } });
  const data = (task: string, kinds: readonly string[]): Record<string, unknown> => {
    const found = items.find((report: Report) => report.task === task && kinds.includes(report.kind));
    if (found === undefined) throw new TomboloError("state.demo", `the job left no report of task ${task}`);
    return found.data as Record<string, unknown>;
  };
  const evaluation = (task: string): Record<string, number> => {
    const { auc, ks, rmse, r2 } = data(task, ["binary-evaluation", "regression-evaluation"]) as {
      auc?: number;
      ks?: { value: number } | null;
      rmse?: number;
      r2?: number;
    };
    const figures = { auc, ks: ks?.value, rmse, r2 };
    return Object.fromEntries(
      Object.entries(figures).filter((entry): entry is [string, number] => typeof entry[1] === "number"),
    );
  };
  return {
    matched: Number(data("match", ["psi"]).matched),
    guestOnly: evaluation("baseline-evaluate"),
    joint: evaluation("evaluate"),
  };
}
