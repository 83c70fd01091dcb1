/** A service as a terminal shows it, and the figures that people type. */
import { TomboloError } from "@tombolo/base";
import type { Deployment, RollOut, Service } from "@tombolo/sdk";
import type { Session } from "../command.ts";
import { fields, print, table } from "../output.ts";

export const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
export const figure = (value: number | null): string => (value === null ? "" : value.toFixed(3));

/** A share of calls in percent. */
export function parseShare(text: string): number {
  const share = Number(text) / 100;
  if (Number.isFinite(share) && share >= 0 && share <= 1) return share;
  throw new TomboloError("input.arguments", `"${text}" is not a percentage`, { remedy: "For example --challenger 10" });
}

const roleText = ({ role, share }: Deployment): string => (role === "challenger" ? `${role} ${percent(share)}` : role);

const reasonText = ({ cause, found, limit, by }: NonNullable<RollOut["reason"]>): string =>
  [cause, found === null ? "" : `${figure(found)} over ${figure(limit)}`, by === null ? "" : `by ${by}`]
    .filter((each) => each !== "")
    .join(" ");

const WAITS: Readonly<Record<NonNullable<RollOut["waitsFor"]>, string>> = {
  start: "its start",
  up: "the deployment to be up",
  minutes: "its time to pass",
  calls: "more calls",
  scores: "more scores to tell drift",
};

function planText({ rollOut }: Deployment): (string | number)[] {
  if (rollOut === null) return [];
  const { plan, state, step, waitsFor, reason, figures } = rollOut;
  const why = reason !== null ? reasonText(reason) : waitsFor === null ? "" : `waits for ${WAITS[waitsFor]}`;
  return [
    state,
    plan.steps.map(({ share, minutes }, i) => `${i === step ? "*" : ""}${percent(share)}:${minutes}`).join(" "),
    plan.startAt ?? "",
    plan.end,
    figures.calls,
    figures.errorRate === null ? "" : percent(figures.errorRate),
    figures.p99Ms === null ? "" : figures.p99Ms.toFixed(1),
    figure(figures.drift),
    why,
  ];
}

const plansText = (deployments: readonly Deployment[]): string[] => {
  const rows = deployments.filter(({ rollOut }) => rollOut !== null).map((each) => [each.id, ...planText(each)]);
  if (rows.length === 0) return [];
  const header = ["roll-out of", "is", "steps", "from", "then", "calls", "refused", "p99 ms", "drift", "why"];
  return ["", table(header, rows, "")];
};

const serviceText = (service: Service): string =>
  [
    fields([
      ["service", service.name],
      ["title", service.title],
      [
        "state",
        service.stopped === null ? service.state : `STOPPED by ${service.stopped.by}: ${service.stopped.reason}`,
      ],
      ["today", `${service.today.calls} calls, ${service.today.rows} rows, ${service.today.errors} refused`],
      ["quota", `${service.limits.rowsPerDay} rows a day and caller, ${service.limits.rowsPerSecond} a second in all`],
    ]),
    "",
    table(
      ["deployment", "as", "state", "model", "until", "drift", "AUC", "why"],
      service.deployments.map((each) => [
        each.id,
        roleText(each),
        each.state,
        each.modelName,
        each.until,
        figure(each.scores.index),
        figure(each.performance.auc),
        each.failure?.message,
      ]),
      "no deployments",
    ),
    ...plansText(service.deployments),
    ...(service.alerts.length === 0
      ? []
      : [
          "",
          table(
            ["alert", "deployment", "drift", "since", "until"],
            service.alerts.map(({ about, deployment, index, at, endedAt }) => [
              about,
              deployment,
              figure(index),
              at,
              endedAt,
            ]),
            "",
          ),
        ]),
  ].join("\n");

export const show = ({ output }: Session, service: Service): void => print(output, service, () => serviceText(service));
