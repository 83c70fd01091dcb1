import { createRootRoute, createRoute, createRouter, Outlet, redirect } from "@tanstack/react-router";
import { Crashed, Missing } from "./components/missing.tsx";
import { call, rememberCsrf } from "./lib/client.ts";
import { lazily } from "./lib/lazily.ts";
import { queryClient } from "./lib/queries.ts";
import { Shell } from "./shell/shell.tsx";

const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);

const root = createRootRoute({ component: Outlet, notFoundComponent: Missing });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/signin",
  validateSearch: (search: Record<string, unknown>): { next?: string; ended?: 1 } => {
    const next = text(search.next);
    // Own paths only: "//host" would leave.
    const own = next?.startsWith("/") === true && !/^\/[/\\]/.test(next) ? { next } : {};
    return search.ended === undefined ? own : { ...own, ended: 1 };
  },
  component: lazily(() => import("./pages/session/sign-in-page.tsx"), "SignInPage"),
});
const link = createRoute({
  getParentRoute: () => root,
  path: "/link",
  component: lazily(() => import("./pages/session/link-page.tsx"), "LinkPage"),
});
const linkWithToken = createRoute({
  getParentRoute: () => root,
  path: "/link/$token",
  component: lazily(() => import("./pages/session/link-page.tsx"), "LinkPage"),
});

const signedIn = createRoute({
  getParentRoute: () => root,
  path: "/signed-in",
  component: lazily(() => import("./pages/session/signed-in-page.tsx"), "SignedInPage"),
});

/** Everything behind a session. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  beforeLoad: async ({ location }) => {
    try {
      const me = await queryClient.ensureQueryData({
        queryKey: ["me", {}],
        queryFn: ({ signal }) => call("me", {}, { signal }),
      });
      rememberCsrf(me.csrfToken);
    } catch {
      throw redirect({ to: "/signin", search: location.pathname === "/" ? {} : { next: location.href } });
    }
  },
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: "/",
  component: lazily(() => import("./pages/overview/overview-page.tsx"), "OverviewPage"),
});
const approvals = createRoute({
  getParentRoute: () => shell,
  path: "/approvals",
  component: lazily(() => import("./pages/approvals/approvals-page.tsx"), "ApprovalsPage"),
});
const approval = createRoute({
  getParentRoute: () => shell,
  path: "/approvals/$id",
  component: lazily(() => import("./pages/approvals/approval-page.tsx"), "ApprovalPage"),
});
const jobs = createRoute({
  getParentRoute: () => shell,
  path: "/jobs",
  component: lazily(() => import("./pages/jobs/jobs-page.tsx"), "JobsPage"),
});
const newJob = createRoute({
  getParentRoute: () => shell,
  path: "/jobs/new",
  component: lazily(() => import("./pages/jobs/new-job-page.tsx"), "NewJobPage"),
});
const job = createRoute({
  getParentRoute: () => shell,
  path: "/jobs/$id",
  component: lazily(() => import("./pages/jobs/job-page.tsx"), "JobPage"),
});
const canvas = createRoute({
  getParentRoute: () => shell,
  path: "/canvas",
  validateSearch: (search: Record<string, unknown>): { job?: string; flow?: string } => {
    const job = text(search.job);
    const flow = text(search.flow);
    return { ...(job === undefined ? {} : { job }), ...(flow === undefined ? {} : { flow }) };
  },
  component: lazily(() => import("./pages/canvas/canvas-page.tsx"), "CanvasPage"),
});
const match = createRoute({
  getParentRoute: () => shell,
  path: "/match",
  component: lazily(() => import("./pages/match/match-page.tsx"), "MatchPage"),
});
const ask = createRoute({
  getParentRoute: () => shell,
  path: "/ask",
  component: lazily(() => import("./pages/ask/ask-page.tsx"), "AskPage"),
});
const lookup = createRoute({
  getParentRoute: () => shell,
  path: "/lookup",
  validateSearch: (search: Record<string, unknown>): { catalogue?: string } => {
    const catalogue = text(search.catalogue);
    return catalogue === undefined ? {} : { catalogue };
  },
  component: lazily(() => import("./pages/lookup/lookup-page.tsx"), "LookupPage"),
});
const schedules = createRoute({
  getParentRoute: () => shell,
  path: "/schedules",
  component: lazily(() => import("./pages/schedules/schedules-page.tsx"), "SchedulesPage"),
});
const schedule = createRoute({
  getParentRoute: () => shell,
  path: "/schedules/$id",
  component: lazily(() => import("./pages/schedules/schedule-page.tsx"), "SchedulePage"),
});
const jointModel = createRoute({
  getParentRoute: () => shell,
  path: "/joint-model",
  component: lazily(() => import("./pages/joint-model/joint-model-page.tsx"), "JointModelPage"),
});
const score = createRoute({
  getParentRoute: () => shell,
  path: "/score",
  validateSearch: (search: Record<string, unknown>): { model?: string } => {
    const model = text(search.model);
    return model === undefined ? {} : { model };
  },
  component: lazily(() => import("./pages/score/score-page.tsx"), "ScorePage"),
});
const models = createRoute({
  getParentRoute: () => shell,
  path: "/models",
  component: lazily(() => import("./pages/models/models-page.tsx"), "ModelsPage"),
});
const compareModels = createRoute({
  getParentRoute: () => shell,
  path: "/models/compare",
  validateSearch: (search: Record<string, unknown>): { a: string; b: string } => ({
    a: text(search.a) ?? "",
    b: text(search.b) ?? "",
  }),
  component: lazily(() => import("./pages/models/compare-page.tsx"), "ComparePage"),
});
const model = createRoute({
  getParentRoute: () => shell,
  path: "/models/$id",
  component: lazily(() => import("./pages/models/model-page.tsx"), "ModelPage"),
});
const services = createRoute({
  getParentRoute: () => shell,
  path: "/services",
  component: lazily(() => import("./pages/services/services-page.tsx"), "ServicesPage"),
});
const deploy = createRoute({
  getParentRoute: () => shell,
  path: "/deploy",
  validateSearch: (search: Record<string, unknown>): { model?: string; service?: string } => {
    const model = text(search.model);
    const beside = text(search.service);
    return { ...(model === undefined ? {} : { model }), ...(beside === undefined ? {} : { service: beside }) };
  },
  component: lazily(() => import("./pages/services/deploy-page.tsx"), "DeployPage"),
});
const service = createRoute({
  getParentRoute: () => shell,
  path: "/services/$name",
  component: lazily(() => import("./pages/services/service-page.tsx"), "ServicePage"),
});
const datasets = createRoute({
  getParentRoute: () => shell,
  path: "/datasets",
  component: lazily(() => import("./pages/datasets/datasets-page.tsx"), "DatasetsPage"),
});
const dataset = createRoute({
  getParentRoute: () => shell,
  path: "/datasets/$id",
  component: lazily(() => import("./pages/datasets/dataset-page.tsx"), "DatasetPage"),
});
const queryTables = createRoute({
  getParentRoute: () => shell,
  path: "/query-tables",
  component: lazily(() => import("./pages/query-tables/query-tables-page.tsx"), "QueryTablesPage"),
});
const grants = createRoute({
  getParentRoute: () => shell,
  path: "/grants",
  validateSearch: (search: Record<string, unknown>): { dataset?: string; owner?: string } => {
    const dataset = text(search.dataset);
    const owner = text(search.owner);
    return { ...(dataset === undefined ? {} : { dataset }), ...(owner === undefined ? {} : { owner }) };
  },
  component: lazily(() => import("./pages/grants/grants-page.tsx"), "GrantsPage"),
});
const projects = createRoute({
  getParentRoute: () => shell,
  path: "/projects",
  component: lazily(() => import("./pages/projects/projects-page.tsx"), "ProjectsPage"),
});
const project = createRoute({
  getParentRoute: () => shell,
  path: "/projects/$id",
  component: lazily(() => import("./pages/projects/project-page.tsx"), "ProjectPage"),
});
const partners = createRoute({
  getParentRoute: () => shell,
  path: "/partners",
  component: lazily(() => import("./pages/partners/partners-page.tsx"), "PartnersPage"),
});
const partner = createRoute({
  getParentRoute: () => shell,
  path: "/partners/$id",
  component: lazily(() => import("./pages/partners/partner-page.tsx"), "PartnerPage"),
});
const journal = createRoute({
  getParentRoute: () => shell,
  path: "/journal",
  component: lazily(() => import("./pages/journal/journal-page.tsx"), "JournalPage"),
});
const people = createRoute({
  getParentRoute: () => shell,
  path: "/people",
  component: lazily(() => import("./pages/people/people-page.tsx"), "PeoplePage"),
});
const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazily(() => import("./pages/settings/settings-page.tsx"), "SettingsPage"),
});

const routeTree = root.addChildren([
  signIn,
  link,
  linkWithToken,
  signedIn,
  shell.addChildren([
    overview,
    approvals,
    approval,
    jobs,
    newJob,
    job,
    canvas,
    ask,
    match,
    lookup,
    schedules,
    schedule,
    jointModel,
    score,
    models,
    compareModels,
    model,
    services,
    deploy,
    service,
    datasets,
    dataset,
    queryTables,
    grants,
    projects,
    project,
    partners,
    partner,
    journal,
    people,
    settings,
  ]),
]);

export const router = createRouter({
  routeTree,
  defaultPreload: "intent",
  defaultErrorComponent: (props) => <Crashed {...props} />,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
