import * as inbox from "../consent/approvals.ts";
import * as rows from "../grants/grant-rows.ts";
import * as grants from "../grants/grants.ts";
import type { Services } from "../partner/services.ts";
import type { Handlers } from "./handlers.ts";

type Names = "listGrants" | "getGrant" | "commentGrant" | "requestGrant" | "revokeGrant" | "confirmGrant";

export const grantsApi = ({ side }: Services): Handlers<Names> => {
  const detail = async (id: string) => ({
    ...(await rows.grantView(side, await rows.grantById(side, id))),
    comments: await inbox.commentViews(side, id),
  });
  return {
    listGrants: async () => ({
      items: await Promise.all((await rows.listGrants(side)).map((grant) => rows.grantView(side, grant))),
    }),
    getGrant: ({ params }) => detail(params.id),
    commentGrant: async ({ params, body, actor }) => {
      await inbox.commentOn(side, actor, { kind: "grant", subject: params.id }, body.text);
      return detail(params.id);
    },
    requestGrant: async ({ body, actor }) => rows.grantView(side, await grants.requestGrant(side, actor, body)),
    confirmGrant: async ({ params, actor }) => rows.grantView(side, await grants.confirmGrant(side, actor, params.id)),
    revokeGrant: async ({ params, body, actor }) =>
      rows.grantView(side, await grants.revokeGrant(side, actor, params.id, body.reason)),
  };
};
