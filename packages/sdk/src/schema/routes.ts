import { dataRoutes } from "./routes/data-routes.ts";
import { flowRoutes } from "./routes/flow-routes.ts";
import { jobRoutes } from "./routes/job-routes.ts";
import { modelRoutes } from "./routes/model-routes.ts";
import { partnerRoutes } from "./routes/partner-routes.ts";
import { peopleRoutes } from "./routes/people-routes.ts";
import { questionRoutes } from "./routes/question-routes.ts";
import { recordRoutes } from "./routes/record-routes.ts";
import type { Route } from "./routes/route.ts";
import { scheduleRoutes } from "./routes/schedule-routes.ts";
import { serviceRoutes } from "./routes/service-routes.ts";

export type { Route };

/** The north-south API, once: the node serves it, the client calls it, OpenAPI documents it. */
export const routes = {
  ...peopleRoutes,
  ...partnerRoutes,
  ...dataRoutes,
  ...jobRoutes,
  ...flowRoutes,
  ...modelRoutes,
  ...questionRoutes,
  ...recordRoutes,
  ...scheduleRoutes,
  ...serviceRoutes,
} satisfies Record<string, Route>;

export type Routes = typeof routes;
export type RouteName = keyof Routes;
