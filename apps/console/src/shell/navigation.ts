import type { Permission } from "@tombolo/sdk";
import type { IconName } from "../components/icon.tsx";
import type { en } from "../i18n/areas/common.ts";

export interface NavItem {
  readonly name: keyof (typeof en)["nav"] & IconName;
  readonly to:
    | "/"
    | "/approvals"
    | "/jobs"
    | "/canvas"
    | "/ask"
    | "/match"
    | "/joint-model"
    | "/score"
    | "/schedules"
    | "/models"
    | "/services"
    | "/datasets"
    | "/query-tables"
    | "/grants"
    | "/projects"
    | "/partners"
    | "/journal"
    | "/people"
    | "/settings";
  /** A page of its own that belongs here. */
  readonly also?: string;
  /** After `g`. */
  readonly key: string;
  /** Hidden from those who have none of the role's work here. */
  readonly needs: Permission | null;
}

export const navigation: readonly {
  readonly group: "work" | "data" | "trust" | "manage";
  readonly items: readonly NavItem[];
}[] = [
  {
    group: "work",
    items: [
      { name: "overview", to: "/", key: "h", needs: null },
      { name: "approvals", to: "/approvals", key: "a", needs: "approvals:read" },
      { name: "jobs", to: "/jobs", key: "j", needs: "jobs:read" },
      { name: "canvas", to: "/canvas", key: "f", needs: "jobs:submit" },
      { name: "ask", to: "/ask", key: "q", needs: "services:call" },
      { name: "match", to: "/match", also: "/lookup", key: "i", needs: "jobs:submit" },
      { name: "jointModel", to: "/joint-model", key: "n", needs: "jobs:submit" },
      { name: "score", to: "/score", key: "s", needs: "jobs:submit" },
      { name: "schedules", to: "/schedules", key: "c", needs: "jobs:read" },
      { name: "models", to: "/models", key: "m", needs: "models:read" },
      { name: "services", to: "/services", also: "/deploy", key: "v", needs: "services:read" },
    ],
  },
  {
    group: "data",
    items: [
      { name: "datasets", to: "/datasets", key: "d", needs: "datasets:read" },
      { name: "queryTables", to: "/query-tables", key: "b", needs: "grants:read" },
      { name: "grants", to: "/grants", key: "g", needs: "grants:read" },
      { name: "projects", to: "/projects", key: "r", needs: "projects:read" },
    ],
  },
  {
    group: "trust",
    items: [
      { name: "partners", to: "/partners", key: "p", needs: "partners:read" },
      { name: "journal", to: "/journal", key: "l", needs: "journal:read" },
    ],
  },
  {
    group: "manage",
    items: [
      { name: "people", to: "/people", key: "u", needs: "users:manage" },
      { name: "settings", to: "/settings", key: "t", needs: null },
    ],
  },
];
