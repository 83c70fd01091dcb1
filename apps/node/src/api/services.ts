/** Models in use: what business systems call, and what people see of it. */
import { TomboloError } from "@tombolo/base";
import type { ServiceKind } from "@tombolo/components";
import type { Service } from "@tombolo/sdk";
import type { Services } from "../partner/services.ts";
import type { Side } from "../partner/side.ts";
import {
  addDeployment,
  changeService,
  createService,
  promote,
  retire,
  rollBack,
  setShares,
  stopService,
} from "../services/deploy.ts";
import { flowOfForm } from "../services/flow-of-form.ts";
import type { OnlineServices, ServiceCall } from "../services/online.ts";
import { planRollOut, stopRollOut } from "../services/roll-outs.ts";
import { changeServedRows, servedInputs } from "../services/row-changes.ts";
import { type DeploymentRow, deploymentsOf, listServices, serviceByName } from "../services/rows.ts";
import { serviceView, trafficView } from "../services/views.ts";
import type { Call, Handlers } from "./handlers.ts";
import { check } from "./jobs.ts";
import type { Questions } from "./questions.ts";

type Managing =
  | "serviceFlow"
  | "listServices"
  | "createService"
  | "getService"
  | "changeService"
  | "serviceTraffic"
  | "deployModel"
  | "stopService";
type RollingOut =
  | "setShares"
  | "promoteDeployment"
  | "planRollOut"
  | "stopRollOut"
  | "rollBackService"
  | "retireDeployment";
type Calling = "callService" | "changeServedRows" | "servedInputs" | "queryService" | "verifyService" | "sendOutcomes";

export const servicesApi = (
  { side }: Services,
  online: OnlineServices,
  questions: Questions,
): Handlers<Managing | RollingOut | Calling> => ({
  ...managing(side, online),
  ...rollingOut(side, online),
  ...calling(side, online, questions),
});

/** As it is after a change, which calls from now on see. */
async function changed(side: Side, online: OnlineServices, name: string): Promise<Service> {
  await online.refresh(name);
  return serviceView(side, online, await serviceByName(side, name));
}

const managing = (side: Side, online: OnlineServices): Handlers<Managing> => ({
  serviceFlow: async ({ body }) => {
    const { projectId, flow } = await flowOfForm(side, body, body.name);
    return check(side, projectId, flow);
  },
  listServices: async () => {
    const rows = await listServices(side);
    return { items: await Promise.all(rows.map((row) => serviceView(side, online, row))) };
  },
  createService: async ({ body, actor }) => {
    await createService(side, actor, body);
    return changed(side, online, body.name);
  },
  getService: async ({ params }) => serviceView(side, online, await serviceByName(side, params.name)),
  changeService: async ({ params, body, actor }) => {
    await changeService(side, actor, params.name, body);
    return changed(side, online, params.name);
  },
  serviceTraffic: async ({ params, query }) => {
    await serviceByName(side, params.name);
    return trafficView(side, online, params.name, query.minutes);
  },
  deployModel: async ({ params, body, actor }) => {
    await addDeployment(side, actor, params.name, body);
    return changed(side, online, params.name);
  },
  stopService: async ({ params, body, actor }) => {
    await stopService(side, actor, params.name, body.reason);
    return changed(side, online, params.name);
  },
});

function rollingOut(side: Side, online: OnlineServices): Handlers<RollingOut> {
  const mayAnswer = ({ service, id }: DeploymentRow): void => {
    if (online.deployment(service, id)?.isUp === true) return;
    throw new TomboloError("state.service-starting", "this deployment does not answer now", {
      remedy: "Promote it once it is up.",
    });
  };
  return {
    setShares: async ({ params, body, actor }) => {
      await setShares(side, actor, params.name, body.deployments);
      return changed(side, online, params.name);
    },
    promoteDeployment: async ({ params, actor }) => {
      await promote(side, actor, params.name, params.deployment, mayAnswer);
      return changed(side, online, params.name);
    },
    planRollOut: async ({ params, body, actor }) => {
      await planRollOut(side, actor, params.name, params.deployment, body);
      return changed(side, online, params.name);
    },
    stopRollOut: async ({ params, actor }) => {
      await stopRollOut(side, actor, params.name, params.deployment);
      return changed(side, online, params.name);
    },
    rollBackService: async ({ params, actor }) => {
      await rollBack(side, actor, params.name, mayAnswer);
      return changed(side, online, params.name);
    },
    retireDeployment: async ({ params, body, actor }) => {
      await retire(side, actor, params.name, params.deployment, body.reason);
      return changed(side, online, params.name);
    },
  };
}

function calling(side: Side, online: OnlineServices, { asked, days }: Questions): Handlers<Calling> {
  type Given = Pick<Call<"queryService">, "params" | "body" | "actor" | "http">;
  const call = (kind: ServiceKind, { params, body, actor, http }: Given, within: ServiceCall["within"]) => {
    const { idempotencyKey, traceId } = http;
    return online.call({ ...{ actor, kind, idempotencyKey, traceId, within }, name: params.name, rows: body.rows });
  };
  const ask = (kind: ServiceKind, given: Given) =>
    asked.counted(given, () => call(kind, given, (work) => days.within(given, work)));
  return {
    callService: (given) => call("score", given, (work) => work()),
    queryService: (given) => ask("query", given),
    verifyService: (given) => ask("verify", given),
    changeServedRows: ({ params, body, actor }) => changeServedRows(side, actor, params.id, body.changes),
    servedInputs: ({ params }) => servedInputs(side, params.id),
    sendOutcomes: async ({ params, body, actor }) => {
      await serviceByName(side, params.name);
      online.usage(params.name).takeOutcomes(actor, body.items.length);
      const deployments = (await deploymentsOf(side, params.name)).map(({ id }) => id);
      const unknown = await online.traces.outcomes(deployments, body.items);
      const missed = body.items.filter(({ traceId }) => unknown.includes(traceId)).length;
      return { kept: body.items.length - missed, unknown };
    },
  };
}
