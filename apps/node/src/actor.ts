/** Who acts, and when: what the journal needs to know of the node. */
export interface Clock {
  now(): Date;
}

/** Who acts. `name` is what the journal and approvals show; four eyes compares `id`. */
export interface Actor {
  readonly kind: "user" | "api-key" | "token" | "system" | "partner";
  readonly id: string;
  readonly name: string;
}

export const systemActor: Actor = { kind: "system", id: "system", name: "system" };
