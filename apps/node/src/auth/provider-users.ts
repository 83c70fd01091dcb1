/** Who signed in at the identity provider, as a user here: by issuer and subject, made at the first time. */
import { isShowable, safeText, TomboloError } from "@tombolo/base";
import { type Role, type User, username as usernameSchema } from "@tombolo/sdk";
import type { NodeContext } from "../context.ts";
import { systemActor } from "../context.ts";
import { toJson } from "../store/columns.ts";
import { endSessionsOf } from "./sessions.ts";
import { newId } from "./tokens.ts";
import { toUser, userRow } from "./users.ts";

const NAME_LENGTH_MAX = 200;
const USERNAME_LENGTH_MAX = 32;

export interface SignedIn {
  readonly issuer: string;
  readonly subject: string;
  /** As the provider's claims have them: anything. */
  readonly username: unknown;
  readonly name: unknown;
  readonly roles: readonly Role[];
}

/** The roles are those of this sign-in. Throws `auth.unmapped`, `auth.account`. */
export async function userOfSubject(context: NodeContext, person: SignedIn): Promise<User> {
  const { issuer, subject, roles } = person;
  if (subject === "" || subject.length > 255 || !isShowable(subject))
    throw new TomboloError("auth.sign-in", "the identity provider names no subject");
  return context.store.transaction(async (tx) => {
    const known = await tx
      .selectFrom("users")
      .selectAll()
      .where("issuer", "=", issuer)
      .where("subject", "=", subject)
      .executeTakeFirst();
    if (known?.disabled === true)
      throw new TomboloError("auth.account", "this user is disabled here", { remedy: "Ask an administrator." });
    if (roles.length === 0) {
      if (known !== undefined) await endSessionsOf(context, known.id);
      throw new TomboloError("auth.unmapped", "nothing that the identity provider says gives a role here", {
        remedy: "Ask for a group or role that signIn.roles of the node's configuration maps.",
      });
    }
    const id = known?.id ?? (await make(context, person));
    const before = known?.roles ?? roles;
    if ([...before].sort().join() !== [...roles].sort().join()) {
      await tx
        .updateTable("users")
        .set({ roles: toJson(roles) })
        .where("id", "=", id)
        .execute();
      await endSessionsOf(context, id);
      await context.journal.append(
        "user.changed",
        systemActor,
        {
          en: `User ${known!.username} has other roles at the identity provider`,
          zh: `用户 ${known!.username} 在身份提供方的角色已变更`,
        },
        { user: id, before: { roles: [...before] }, after: { roles: [...roles] } },
      );
    }
    return toUser(await userRow(context, id));
  });
}

async function make(
  context: NodeContext,
  { issuer, subject, username: claimed, name, roles }: SignedIn,
): Promise<string> {
  const username = usernameFrom(claimed, subject);
  const { db } = context.store;
  const taken = await db.selectFrom("users").select("id").where("username", "=", username).executeTakeFirst();
  // Else one person could come as two: who is who, an administrator says.
  if (taken !== undefined)
    throw new TomboloError("auth.account", `there is a user ${username} already, who signs in otherwise`, {
      remedy:
        "An administrator ties that user to the identity provider, if it is the same person (see docs/operations.md).",
    });
  const id = newId("user");
  await db
    .insertInto("users")
    .values({
      ...{ id, username, issuer, subject, roles: toJson(roles), disabled: false, password_hash: null },
      display_name: nameFrom(name) ?? username,
      last_sign_in_at: null,
      created_at: context.clock.now(),
    })
    .execute();
  await context.journal.append(
    "user.created",
    systemActor,
    { en: `User ${username} came from the identity provider`, zh: `用户 ${username} 首次经身份提供方登录` },
    { user: id, username, issuer, subject, roles: [...roles] },
  );
  return id;
}

/** "Li.Lei@bank.example" is li.lei; what cannot be a name here is taken from the subject. */
function usernameFrom(claimed: unknown, subject: string): string {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replace(/@.*$/, "")
      .replace(/[^a-z0-9._-]/g, "-");
  const candidates = [typeof claimed === "string" ? plain(claimed) : "", `p-${plain(subject)}`];
  const found = candidates.map((each) => usernameSchema.safeParse(each.slice(0, USERNAME_LENGTH_MAX)));
  const good = found.find(({ success }) => success)?.data;
  if (good !== undefined) return good;
  throw new TomboloError("auth.sign-in", "the identity provider gives no name that can be one here");
}

function nameFrom(name: unknown): string | undefined {
  if (typeof name !== "string" || name.trim() === "" || !isShowable(name)) return undefined;
  return safeText(name.slice(0, NAME_LENGTH_MAX), "the name", NAME_LENGTH_MAX);
}
