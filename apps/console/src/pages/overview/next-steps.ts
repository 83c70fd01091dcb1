import type { Approval, Dataset, JobSummary, Partner, Permission, Project } from "@tombolo/sdk";

/** One thing to do next: where, and which sentence of `overview.step` says it. */
export interface NextStep {
  readonly key:
    | "decide"
    | "partner"
    | "confirm"
    | "upload"
    | "publish"
    | "project"
    | "match"
    | "model"
    | "failed"
    | "connection"
    | "certificate"
    | "journal"
    | "users"
    | "nothing";
  readonly to: string;
  readonly name?: string;
  readonly count?: number;
}

export interface Situation {
  readonly may: (permission: Permission) => boolean;
  readonly approvals: readonly Approval[];
  readonly partners: readonly Partner[];
  readonly datasets: readonly Dataset[];
  readonly projects: readonly Project[];
  readonly jobs: readonly JobSummary[];
  /** Until the certificate that partners know ends; null: not known yet. */
  readonly certificateDays: number | null;
}

const STEPS_MAX = 4;
/** Every partner has to learn the next certificate before this one ends. */
const CERTIFICATE_DAYS_MIN = 60;

function trustSteps({ may, partners, certificateDays }: Situation): NextStep[] {
  const steps: NextStep[] = [];
  if (may("node:operate") && certificateDays !== null && certificateDays < CERTIFICATE_DAYS_MIN)
    steps.push({ key: "certificate", to: "/settings", count: Math.max(0, certificateDays) });
  if (!may("partners:manage")) return steps;
  for (const each of partners) {
    const to = `/partners/${each.contractId}`;
    if (each.status === "APPLIED" && !each.ownFingerprintConfirmed) steps.push({ key: "confirm", to, name: each.name });
    else if (each.status === "APPROVED" && each.connection?.state === "down")
      steps.push({ key: "connection", to, name: each.name });
  }
  if (!partners.some((each) => each.status !== "TERMINATED" && each.status !== "REJECTED"))
    steps.push({ key: "partner", to: "/partners" });
  return steps;
}

function workSteps({ may, datasets, projects, jobs, partners }: Situation): NextStep[] {
  const steps: NextStep[] = [];
  const [latest] = jobs;
  if (may("jobs:submit") && latest?.status === "FAILED")
    steps.push({ key: "failed", to: `/jobs/${latest.id}`, name: latest.name });
  if (may("datasets:manage")) {
    if (datasets.length === 0) steps.push({ key: "upload", to: "/datasets" });
    const hidden = datasets.find((each) => !each.published);
    if (hidden !== undefined && !datasets.some((each) => each.published))
      steps.push({ key: "publish", to: `/datasets/${hidden.id}`, name: hidden.name });
  }
  const connected = partners.some((each) => each.status === "APPROVED");
  if (may("projects:manage") && connected && projects.length === 0) steps.push({ key: "project", to: "/projects" });
  if (may("jobs:submit") && datasets.length > 0 && projects.some((each) => each.status === "ACTIVE"))
    steps.push({ key: "match", to: "/match" }, { key: "model", to: "/joint-model" });
  return steps;
}

/** What this person could do now, most urgent first; never empty. */
export function nextSteps(situation: Situation): NextStep[] {
  const mine = situation.approvals.filter((each) => each.status === "WAITING" && each.mayDecide).length;
  const steps: NextStep[] = mine > 0 ? [{ key: "decide", to: "/approvals", count: mine }] : [];
  steps.push(...trustSteps(situation), ...workSteps(situation));
  if (situation.may("users:manage")) steps.push({ key: "users", to: "/people" });
  if (situation.may("journal:read") && steps.length < STEPS_MAX) steps.push({ key: "journal", to: "/journal" });
  return steps.length === 0 ? [{ key: "nothing", to: "/jobs" }] : steps.slice(0, STEPS_MAX);
}
