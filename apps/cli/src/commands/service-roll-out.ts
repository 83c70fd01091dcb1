/** Who answers in a service: shares, champions, and plans that move them. */
import { TomboloError } from "@tombolo/base";
import type { RollOutForm } from "@tombolo/sdk";
import type { Command } from "commander";
import { collect, wholeNumber, withNode } from "../command.ts";
import { parseShare, show } from "./service-text.ts";

export interface PlanOptions {
  step?: string[];
  start?: string;
  end?: string;
  maxErrors?: number;
  maxP99?: number;
  maxDrift?: number;
  minCalls?: number;
}

export const planOptions = (command: Command): Command =>
  command
    .option("--step <percent:minutes>", "of a roll-out: that share for at least so long (repeatable, rising)", collect)
    .option(
      "--start <time>",
      "when its first step begins, e.g. 2027-01-31T02:00:00Z; or when it is promoted or withdrawn",
    )
    .option("--end <keep|promote|withdraw>", "after the last step, or at --start where there is none")
    .option("--max-errors <percent>", "calls refused, or rows without a partner's part (2)", parseShare)
    .option("--max-p99 <ms>", "99 of 100 calls must be faster", wholeNumber)
    .option("--max-drift <index>", "population stability index of its scores against the champion's", Number)
    .option("--min-calls <n>", "no step ends with fewer calls (100)", wholeNumber);

/** "10:60": ten percent for an hour. */
function parseStep(text: string): { share: number; minutes: number } {
  const [, share, minutes] = /^([\d.]+):(\d{1,5})$/.exec(text) ?? [];
  if (share !== undefined && minutes !== undefined) return { share: parseShare(share), minutes: Number(minutes) };
  throw new TomboloError("input.arguments", `"${text}" is not percent:minutes`, { remedy: "For example --step 10:60" });
}

const ENDS = ["keep", "promote", "withdraw"] as const;

function parseEnd(text: string): (typeof ENDS)[number] {
  const end = ENDS.find((each) => each === text);
  if (end !== undefined) return end;
  throw new TomboloError("input.arguments", `"${text}" is no end of a roll-out`, {
    remedy: `Use one of ${ENDS.join(", ")}.`,
  });
}

/** Null where no option of a plan is given. */
export function planOf(options: PlanOptions): RollOutForm | null {
  const { step, start, end, maxErrors, maxP99, maxDrift, minCalls } = options;
  if ([step, start, end].every((each) => each === undefined)) return null;
  return {
    startAt: start ?? null,
    steps: (step ?? []).map(parseStep),
    ...(end === undefined ? {} : { end: parseEnd(end) }),
    guards: {
      ...(maxErrors === undefined ? {} : { errorRateMax: maxErrors }),
      ...(maxP99 === undefined ? {} : { p99MsMax: maxP99 }),
      ...(maxDrift === undefined ? {} : { driftMax: maxDrift }),
      ...(minCalls === undefined ? {} : { callsMin: minCalls }),
    },
  };
}

function canary(service: Command): void {
  withNode<[string, string, PlanOptions & { stop?: boolean }]>(
    planOptions(
      service
        .command("canary <service> <deployment>")
        .description(
          "raise its share step by step, back to 0 when a guard breaks; or promote or withdraw it at a time",
        ),
    ).option("--stop", "end the plan: the deployment stands by"),
    async (session, name, deployment, { stop, ...options }) => {
      const params = { name, deployment };
      if (stop === true) return show(session, await session.client.call("stopRollOut", { params }));
      const body = planOf(options);
      if (body === null)
        throw new TomboloError("input.arguments", "the plan has no step", {
          remedy: "For example --step 5:60 --step 25:240 --end promote",
        });
      return show(session, await session.client.call("planRollOut", { params, body }));
    },
  );
}

function byHand(service: Command): void {
  withNode<[string, string, string]>(
    service
      .command("share <service> <deployment> <percent>")
      .description("let a deployment answer that share of calls; 0: it stands by"),
    async (session, name, id, share) => {
      const of = parseShare(share);
      const role = of > 0 ? ("challenger" as const) : ("standby" as const);
      const body = { deployments: [{ id, role, share: of }] };
      show(session, await session.client.call("setShares", { params: { name }, body }));
    },
  );
  withNode<[string, string]>(
    service.command("promote <service> <deployment>").description("make it the champion; the one before stands by"),
    async (session, name, deployment) =>
      show(session, await session.client.call("promoteDeployment", { params: { name, deployment } })),
  );
  withNode<[string]>(
    service.command("rollback <service>").description("back to the champion before"),
    async (session, name) => show(session, await session.client.call("rollBackService", { params: { name } })),
  );
  withNode<[string, string, { reason: string }]>(
    service
      .command("retire <service> <deployment>")
      .description("stop one deployment at every party")
      .requiredOption("--reason <text>", "what the others should know"),
    async (session, name, deployment, { reason }) =>
      show(session, await session.client.call("retireDeployment", { params: { name, deployment }, body: { reason } })),
  );
}

export function rollOutCommands(service: Command): void {
  byHand(service);
  canary(service);
}
