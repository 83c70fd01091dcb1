import { z } from "zod";

/** Roles as data over permissions. Whoever asks never approves: that rule is per request, not per role. */
export const role = z.enum(["admin", "operator", "analyst", "approver", "auditor", "caller"]);
export type Role = z.infer<typeof role>;

export type Permission =
  | "users:manage" // users, API keys, webhook
  | "node:read"
  | "node:operate" // doctor, retention
  | "partners:read"
  | "partners:manage" // invite, accept, confirm, terminate
  | "datasets:read" // own datasets and what partners published
  | "datasets:manage" // upload, dictionary, publish, delete
  | "datasets:preview" // rows of own datasets
  | "grants:read"
  | "grants:request"
  | "projects:read"
  | "projects:manage"
  | "jobs:read"
  | "jobs:submit" // submit, cancel, rerun, score
  | "schedules:hold" // pause and resume
  | "approvals:read"
  | "approvals:decide" // contracts, grants, projects, jobs; revoke
  | "models:read"
  | "models:manage" // name, publish, archive, ask for permits
  | "models:export" // export and import own parts
  | "journal:read"
  | "services:read"
  | "services:manage" // deploy, shares, promote, roll back, quotas
  | "services:stop"
  | "services:call"; // score, send outcomes

const READ: readonly Permission[] = [
  "node:read",
  "partners:read",
  "datasets:read",
  "grants:read",
  "projects:read",
  "jobs:read",
  "approvals:read",
  "models:read",
  "services:read",
];

export const permissionsOf: Readonly<Record<Role, readonly Permission[]>> = {
  admin: [...READ, "users:manage", "node:operate", "partners:manage", "journal:read"],
  operator: [...READ, "node:operate", "partners:manage", "datasets:manage", "datasets:preview", "models:export"],
  analyst: [
    ...READ,
    "datasets:manage",
    "datasets:preview",
    "grants:request",
    "projects:manage",
    "jobs:submit",
    "schedules:hold",
    "models:manage",
    "services:manage",
    "services:stop",
    "services:call",
  ],
  approver: [...READ, "approvals:decide", "schedules:hold", "services:stop", "journal:read"],
  auditor: [...READ, "journal:read"],
  // A business system: calls services, reads nothing else.
  caller: ["services:call"],
};

export const allows = (roles: readonly Role[], permission: Permission): boolean =>
  roles.some((each) => permissionsOf[each].includes(permission));
