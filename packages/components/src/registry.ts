/** Every component of this version, and each as the API, the documentation and the BFIA self-description show it. */
import { describeTable } from "@tombolo/channel";
import { z } from "zod";
import { bin } from "./bin/index.ts";
import { binApply } from "./bin-apply/index.ts";
import { binEdit } from "./bin-edit/index.ts";
import { boostingPredict } from "./boosting-predict/index.ts";
import { boostingServe } from "./boosting-serve/index.ts";
import { boostingServeHidden } from "./boosting-serve-hidden/index.ts";
import { boostingTabulate } from "./boosting-tabulate/index.ts";
import { boostingTrain } from "./boosting-train/index.ts";
import type { Component, Port, Text } from "./component.ts";
import { crossValidate } from "./cross-validate/index.ts";
import { evaluate } from "./evaluate/index.ts";
import { explore } from "./explore/index.ts";
import { exportTable } from "./export/index.ts";
import { filter } from "./filter/index.ts";
import { jointCorrelation } from "./joint-correlation/index.ts";
import { jointCount } from "./joint-count/index.ts";
import { jointStatistics } from "./joint-statistics/index.ts";
import { matchCatalogue } from "./match-catalogue/index.ts";
import { matchCount } from "./match-count/index.ts";
import { matchLabel } from "./match-label/index.ts";
import { matchLookup } from "./match-lookup/index.ts";
import { matchSum } from "./match-sum/index.ts";
import { prepare } from "./prepare/index.ts";
import { prepareApply } from "./prepare-apply/index.ts";
import { psi } from "./psi/index.ts";
import { queryHidden } from "./query-hidden/index.ts";
import { queryKeyword } from "./query-keyword/index.ts";
import { queryPrepare } from "./query-prepare/index.ts";
import { queryServe } from "./query-serve/index.ts";
import { queryServeHidden } from "./query-serve-hidden/index.ts";
import { queryTransfer } from "./query-transfer/index.ts";
import { queryTwoServer } from "./query-two-server/index.ts";
import { queryVerify } from "./query-verify/index.ts";
import { readTable } from "./read-table/index.ts";
import { reasonCodes } from "./reason-codes/index.ts";
import { regressionPredict } from "./regression-predict/index.ts";
import { regressionServe } from "./regression-serve/index.ts";
import { regressionTrain } from "./regression-train/index.ts";
import { regressionTrainArbiter } from "./regression-train-arbiter/index.ts";
import { rejectInference } from "./reject-inference/index.ts";
import { sample } from "./sample/index.ts";
import { scorecard } from "./scorecard/index.ts";
import { select } from "./select/index.ts";
import { selectApply } from "./select-apply/index.ts";
import { split } from "./split/index.ts";
import { union } from "./union/index.ts";
import { verifyServe } from "./verify-serve/index.ts";
import { verifyServeHidden } from "./verify-serve-hidden/index.ts";

/** The runner hands each part the parameters that its own schemas parsed, so forgetting their types is safe. */
const untyped = <P extends z.ZodType, PP extends z.ZodType>(definition: Component<P, PP>): Component =>
  definition as unknown as Component;

export const registry: ReadonlyMap<string, Component> = new Map(
  [
    untyped(readTable),
    untyped(psi),
    untyped(matchCount),
    untyped(matchSum),
    untyped(matchLabel),
    untyped(matchCatalogue),
    untyped(matchLookup),
    untyped(queryKeyword),
    untyped(queryVerify),
    untyped(queryHidden),
    untyped(queryTwoServer),
    untyped(queryTransfer),
    untyped(jointCount),
    untyped(queryServe),
    untyped(verifyServe),
    untyped(queryPrepare),
    untyped(queryServeHidden),
    untyped(verifyServeHidden),
    untyped(split),
    untyped(sample),
    untyped(filter),
    untyped(union),
    untyped(explore),
    untyped(prepare),
    untyped(prepareApply),
    untyped(bin),
    untyped(binApply),
    untyped(binEdit),
    untyped(select),
    untyped(selectApply),
    untyped(jointCorrelation),
    untyped(jointStatistics),
    untyped(boostingTrain),
    untyped(boostingPredict),
    untyped(boostingServe),
    untyped(boostingTabulate),
    untyped(boostingServeHidden),
    untyped(regressionTrain),
    untyped(regressionTrainArbiter),
    untyped(regressionPredict),
    untyped(regressionServe),
    untyped(scorecard),
    untyped(rejectInference),
    untyped(evaluate),
    untyped(crossValidate),
    untyped(reasonCodes),
    untyped(exportTable),
  ].map((definition) => [definition.name, definition]),
);

export const findComponent = (name: string): Component | undefined => registry.get(name);

type PortDescription = Omit<Port, "roles"> & { roles: string[] | null };

export interface ComponentDescription {
  readonly name: string;
  readonly version: string;
  readonly title: Text;
  readonly summary: Text;
  readonly roles: Record<string, { min: number; max: number | null }>;
  /** JSON Schemas, of what is written in a flow: defaults are optional. */
  readonly parameters: unknown;
  readonly partyParameters: unknown;
  readonly inputs: Record<string, PortDescription>;
  readonly outputs: Record<string, PortDescription>;
  readonly messages: { name: string; from: string; to: string; means: Text }[];
}

export function describeComponent(definition: Component): ComponentDescription {
  const { name, version, title, summary, roles, inputs, outputs, protocol } = definition;
  return {
    name,
    version,
    title,
    summary,
    roles: { ...roles },
    parameters: z.toJSONSchema(definition.parameters, { io: "input" }),
    partyParameters: z.toJSONSchema(definition.partyParameters, { io: "input" }),
    inputs: portsOf(inputs),
    outputs: portsOf(outputs),
    messages:
      protocol === null
        ? []
        : describeTable(protocol.messages).map(({ name, from, to, means }) => ({ name, from, to, means })),
  };
}

const portsOf = (ports: Component["inputs"]): ComponentDescription["inputs"] =>
  Object.fromEntries(
    Object.entries(ports).map(([name, port]) => [
      name,
      { ...port, roles: port.roles === null ? null : [...port.roles] },
    ]),
  );
