import { createApiKey, deleteApiKey, listApiKeys } from "../auth/api-keys.ts";
import { createUser, listUsers, resetUser, updateUser } from "../auth/users.ts";
import type { NodeContext } from "../context.ts";
import { getWebhook, setWebhook } from "../webhook/webhook.ts";
import type { Handlers } from "./handlers.ts";

type Names =
  | "listUsers"
  | "createUser"
  | "updateUser"
  | "resetUser"
  | "listApiKeys"
  | "createApiKey"
  | "deleteApiKey"
  | "getWebhook"
  | "setWebhook";

export function peopleApi(context: NodeContext): Handlers<Names> {
  return {
    listUsers: async () => ({ items: await listUsers(context) }),
    createUser: ({ actor, body }) => createUser(context, actor, body),
    updateUser: ({ actor, params, body }) => updateUser(context, actor, params.id, body),
    resetUser: ({ actor, params }) => resetUser(context, actor, params.id),
    listApiKeys: async () => ({ items: await listApiKeys(context) }),
    createApiKey: ({ actor, body }) => createApiKey(context, actor, body),
    deleteApiKey: async ({ actor, params }) => {
      await deleteApiKey(context, actor, params.id);
      return { done: true };
    },
    getWebhook: async () => ({ url: await getWebhook(context) }),
    setWebhook: ({ actor, body }) => setWebhook(context, actor, body.url),
  };
}
