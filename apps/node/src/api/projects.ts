import * as projects from "../grants/projects.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

type Names = "listProjects" | "createProject" | "getProject" | "archiveProject";

export const projectsApi = ({ side }: Services): Handlers<Names> => ({
  listProjects: async () => ({ items: (await projects.listProjects(side)).map(projects.projectView) }),
  createProject: async ({ body, actor }) => projects.projectView(await projects.createProject(side, actor, body)),
  getProject: async ({ params }) => projects.projectView(await projects.projectById(side, params.id)),
  archiveProject: async ({ params, actor }) =>
    projects.projectView(await projects.archiveProject(side, actor, params.id)),
});
