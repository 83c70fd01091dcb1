import type { Caller } from "../api/handlers.ts";
import type { NodeContext } from "../context.ts";
import { isKeyId } from "./api-keys.ts";

/**
 * An API key is no second pair of eyes for whoever made it: who asked by a key of their own does not decide in person,
 * nor the other way round. A key that is gone could have been anybody's.
 */
export async function isSamePerson(
  { store }: NodeContext,
  caller: Caller,
  asker: { readonly id: string; readonly name: string },
): Promise<boolean> {
  if (asker.id === caller.id) return true;
  const makerOf = async (key: string): Promise<string | undefined> =>
    (await store.db.selectFrom("api_keys").select("created_by").where("id", "=", key).executeTakeFirst())?.created_by;
  if (caller.kind === "user") return isKeyId(asker.id) && [undefined, caller.name].includes(await makerOf(asker.id));
  return !isKeyId(asker.id) && (await makerOf(caller.id)) === asker.name;
}
