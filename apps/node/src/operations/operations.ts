/**
 * What the command line asks of a node, running or not: over the control socket of a running one, else directly on the
 * data directory. Whoever may use the directory (mode 0700) may do these; that is how a locked-out admin comes back.
 */
import { TomboloError } from "@tombolo/base";
import { type DoctorReport, newApiKey, role, username } from "@tombolo/sdk";
import { z } from "zod";
import { createApiKey, deleteApiKey, listApiKeys } from "../auth/api-keys.ts";
import { consoleOrigin } from "../auth/origin.ts";
import { createUser, hasUsers, listUsers, resetUser, userIdByName } from "../auth/users.ts";
import { backUp } from "../backup/back-up.ts";
import { ownSigningKeys } from "../config/keys.ts";
import type { Actor, NodeContext } from "../context.ts";
import { ownReport } from "../doctor/own-checks.ts";
import { verifyJournal } from "../journal/verify.ts";
import { type Rotation, rotation } from "../partner/key-rotation.ts";
import { version } from "../version.ts";

const operator: Actor = { kind: "system", id: "command-line", name: "command-line" };

/** What only a running node has. */
export interface Running {
  readonly partnerReports: () => Promise<readonly DoctorReport[]>;
  readonly rotateKeys: (actor: Actor) => Promise<Rotation>;
}

interface Operation<I extends z.ZodType = z.ZodType, O = unknown> {
  readonly input: I;
  run(context: NodeContext, input: z.output<I>, running: Running | undefined): Promise<O>;
}
const operation = <I extends z.ZodType, O>(definition: Operation<I, O>): Operation<I, O> => definition;

export const operations = {
  status: operation({
    input: z.object({}),
    run: async (context) => ({
      running: true,
      party: context.config.party,
      name: context.config.name,
      version,
      pid: process.pid,
      console: consoleOrigin(context.config),
      partnerPort: context.config.partner.port,
      publicAddress: context.config.partner.publicAddress ?? null,
      database: context.store.kind,
      startedAt: context.startedAt.toISOString(),
      users: (await listUsers(context)).length,
      journalEntries: await context.journal.size(),
    }),
  }),
  addUser: operation({
    input: z.object({ username, displayName: z.string().min(1).max(200), roles: z.array(role).min(1) }),
    run: async (context, input) => {
      const { user, link } = await createUser(context, operator, input);
      return { ...link, username: user.username, roles: user.roles };
    },
  }),
  resetUser: operation({
    input: z.object({ username }),
    run: async (context, input) => {
      const link = await resetUser(context, operator, await userIdByName(context, input.username));
      return { ...link, username: input.username };
    },
  }),
  listUsers: operation({
    input: z.object({}),
    run: async (context) => ({ items: await listUsers(context) }),
  }),
  addApiKey: operation({
    input: newApiKey,
    run: (context, input) => createApiKey(context, operator, input),
  }),
  deleteApiKey: operation({
    input: z.object({ id: z.string().max(100) }),
    run: (context, { id }) => deleteApiKey(context, operator, id),
  }),
  listApiKeys: operation({
    input: z.object({}),
    run: async (context) => ({ items: await listApiKeys(context) }),
  }),
  doctor: operation({
    input: z.object({}),
    run: async (context, _input, running) => ({
      items: [await ownReport(context), ...((await running?.partnerReports()) ?? [])],
    }),
  }),
  keys: operation({
    input: z.object({}),
    run: (context) => rotation(context),
  }),
  rotateKeys: operation({
    input: z.object({}),
    run: (_context, _input, running) => {
      if (running !== undefined) return running.rotateKeys(operator);
      throw new TomboloError("state.not-running", "partners are told the next keys by a running node", {
        remedy: "Start the node, then run this again.",
      });
    },
  }),
  backUp: operation({
    input: z.object({ file: z.string().min(1).max(4000) }),
    run: (context, { file }) => backUp(context, file),
  }),
  verifyJournal: operation({
    input: z.object({}),
    run: (context) => verifyJournal(context.store, context.config.party, ownSigningKeys(context.keys)),
  }),
} as const;

export type Operations = typeof operations;
export type OperationName = keyof Operations;
export type OperationInput<N extends OperationName> = z.input<Operations[N]["input"]>;
export type OperationOutput<N extends OperationName> = Awaited<ReturnType<Operations[N]["run"]>>;

export async function runOperation(
  context: NodeContext,
  name: OperationName,
  input: unknown,
  running?: Running,
): Promise<unknown> {
  const { input: schema, run } = operations[name] as Operation;
  const parsed = schema.safeParse(input);
  if (parsed.success) return run(context, parsed.data, running);
  const faults = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new TomboloError("input.arguments", faults, { remedy: "See `tombolo <command> --help`." });
}

/** At the first start: somebody has to be able to sign in. */
export async function firstAdminLink(context: NodeContext): Promise<{ url: string; expiresAt: string } | undefined> {
  if (await hasUsers(context)) return undefined;
  const input = { username: "admin", displayName: "Administrator", roles: ["admin"] } as const;
  return (await createUser(context, operator, input)).link;
}
