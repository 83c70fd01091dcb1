import { TomboloError } from "@tombolo/base";
import type { Me, User } from "@tombolo/sdk";
import type { Provider } from "../auth/provider.ts";
import { endSession, startSession } from "../auth/sessions.ts";
import { changePassword, signIn } from "../auth/sign-in.ts";
import { csrfTokenOf } from "../auth/tokens.ts";
import { setPasswordByLink, toUser, userOfLink, userRow } from "../auth/users.ts";
import type { NodeContext } from "../context.ts";
import type { Caller, Handlers, HttpSide } from "./handlers.ts";

type Names =
  | "setPassword"
  | "linkInfo"
  | "signIn"
  | "signInProvider"
  | "startSignIn"
  | "finishSignIn"
  | "me"
  | "signOut"
  | "changePassword";

/** `provider`: where people sign in besides; undefined: with passwords alone. */
export function sessionApi(context: NodeContext, provider: Provider | undefined): Handlers<Names> {
  const party = { id: context.config.party, name: context.config.name };
  const enter = async (user: User, http: HttpSide): Promise<Me> => {
    // A fresh token on every sign-in: an older one, planted or stolen, is worth nothing.
    if (http.sessionToken !== undefined) await endSession(context, http.sessionToken);
    const token = await startSession(context, user.id);
    http.setSession(token);
    return { user, party, csrfToken: csrfTokenOf(token) };
  };
  return {
    linkInfo: async ({ params }) => {
      const user = await userOfLink(context, params.token);
      return { username: user.username, displayName: user.displayName, party: party.name };
    },
    setPassword: async ({ body, http }) => enter(await setPasswordByLink(context, body.token, body.password), http),
    signIn: async ({ body, http }) => enter(await signIn(context, body.username, body.password, http.address), http),
    signInProvider: async () => ({ provider: provider === undefined ? null : { name: provider.name } }),
    startSignIn: async () => configured(provider).begin(),
    finishSignIn: async ({ body, http }) => enter(await configured(provider).finish(body), http),
    me: async ({ actor, http }) => {
      const user = toUser(await userRow(context, person(actor).id));
      return { user, party, csrfToken: csrfTokenOf(http.sessionToken!) };
    },
    signOut: async ({ http }) => {
      if (http.sessionToken !== undefined) await endSession(context, http.sessionToken);
      http.setSession(undefined);
      return { done: true };
    },
    changePassword: async ({ actor, body, http }) => {
      await changePassword(context, person(actor), body, http.address);
      http.setSession(await startSession(context, actor.id));
      return { done: true };
    },
  };
}

function configured(provider: Provider | undefined): Provider {
  if (provider !== undefined) return provider;
  throw new TomboloError("state.provider", "no identity provider is configured for people", {
    remedy: "Sign in with a password.",
  });
}

/** A session belongs to a person; keys and tokens have none. */
function person(actor: Caller): Caller {
  if (actor.kind === "user") return actor;
  throw new TomboloError("auth.forbidden", "this is for people; keys and tokens have no session");
}
