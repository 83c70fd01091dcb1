import * as rows from "../grants/grant-rows.ts";
import * as grants from "../grants/grants.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

export const grantsApi = ({ side }: Services): Handlers<"listGrants" | "requestGrant" | "revokeGrant"> => ({
  listGrants: async () => ({
    items: await Promise.all((await rows.listGrants(side)).map((grant) => rows.grantView(side, grant))),
  }),
  requestGrant: async ({ body, actor }) => rows.grantView(side, await grants.requestGrant(side, actor, body)),
  revokeGrant: async ({ params, body, actor }) =>
    rows.grantView(side, await grants.revokeGrant(side, actor, params.id, body.reason)),
});
