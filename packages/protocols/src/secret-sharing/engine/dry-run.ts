/** What a program will send and use up, from its shapes alone: before it runs, and without a partner. */
import type { Secrets } from "@tombolo/base";
import { type Cost, dryTwoParty, type Role } from "../two-party/index.ts";
import { Engine, type EngineOptions } from "./engine.ts";

/** Inputs are zeros, results mean nothing: a program whose shapes hang on what it opens costs something else when it runs. */
export async function dryRun(
  role: Role,
  secrets: Secrets,
  program: (me: Engine) => Promise<unknown>,
  options: Omit<EngineOptions, "dry"> = {},
): Promise<Cost> {
  const { backend, cost } = dryTwoParty(role, secrets);
  await program(new Engine(backend, { ...options, dry: true }));
  return cost();
}
