/** Which choices of a match go together: what may be asked for, and what a run refuses all the same. */
import { TomboloError } from "@tombolo/base";
import { aligned, onlyAt, type ParameterFault, type Participant, type Port, report, table } from "../component.ts";
import type { Parameters } from "./parameters.ts";
import { fitsParties } from "./plan.ts";

export const isOneSided = ({ receivers }: Parameters): boolean => receivers === "guest";

/** Several parties that match with the guest alone, and not with each other. */
export const isStar = ({ protocol }: Parameters, participants: readonly Participant[]): boolean =>
  protocol === "ecdh" && participants.length > 2;

/** One-sided there are no rows at the host, and none that anything could be aligned with. */
export const outputsFor = (parameters: Parameters): Record<string, Port> => ({
  data: isOneSided(parameters) ? onlyAt(table(), "guest") : aligned(table(), "made"),
  report: report(),
});

/** `written`: as far as the flow says it itself; the protocol it leaves out is chosen later. */
export function choiceFaults(
  given: Parameters,
  participants: readonly Participant[],
  written: Readonly<Record<string, unknown>>,
): ParameterFault[] {
  const several = participants.length > 2;
  return [
    ...securityFaults(given.security, written.protocol, several),
    ...suiteFaults(given.suite, written.protocol, several),
    ...(several ? onlyForTwo(given, written.protocol) : []),
    ...joinFaults(given),
    ...keyFaults(given),
  ];
}

/** For the run: a partner's flow may come past any check but this one. Throws `input.parameters`. */
export function refuseFaults(given: Parameters, participants: readonly Participant[]): void {
  const [fault] = choiceFaults(given, participants, given);
  if (fault === undefined) return;
  const { parameter, message, remedy } = fault;
  const code = parameter === "protocol" || parameter === "security" ? "input.protocol" : "input.parameters";
  throw new TomboloError(code, message, { remedy });
}

/** What was consented to as malicious never runs as anything less. */
function securityFaults(security: Parameters["security"], protocol: unknown, several: boolean): ParameterFault[] {
  if (security === "semi-honest" || ((protocol === undefined || protocol === "vole") && !several)) return [];
  return [
    {
      parameter: "security",
      message: "only vole, of two parties, holds against partners that depart from the protocol",
      remedy: several ? "Set the security to semi-honest." : "Leave the protocol out, or set it to vole.",
    },
  ];
}

function suiteFaults(suite: Parameters["suite"], protocol: unknown, several: boolean): ParameterFault[] {
  if (suite === "ristretto255" || ((protocol === undefined || protocol === "ecdh") && !several)) return [];
  return [
    {
      parameter: "suite",
      message: "only ecdh, of two parties, runs on SM2 and SM3",
      remedy: several ? "Set suite to ristretto255." : "Leave the protocol out, or set it to ecdh.",
    },
  ];
}

/** One-sided, several parties run multi-party: to be named, since others might be chosen. */
function onlyForTwo({ join, receivers, keys, duplicates, protocol }: Parameters, named: unknown): ParameterFault[] {
  const several = (parameter: string, what: string, value: string): ParameterFault => ({
    parameter,
    message: `${what} matches two parties, not several`,
    remedy: `Set ${parameter} to ${value}, or match two parties at a time.`,
  });
  return [
    ...(fitsParties(protocol, 3) ? [] : [several("protocol", protocol, "multi-party")]),
    ...(join === "inner" ? [] : [several("join", `join: ${join}`, "inner")]),
    ...(receivers === "all" || named === "multi-party"
      ? []
      : [
          {
            parameter: "receivers",
            message: "of several parties one alone learns the result by multi-party only",
            remedy: "Set protocol to multi-party, or receivers to all.",
          },
        ]),
    ...(keys.length === 0 ? [] : [several("keys", "a match by alternative keys", "[]")]),
    ...(duplicates === "many-to-one" ? [several("duplicates", "many-to-one", "refuse")] : []),
  ];
}

function joinFaults({ join, receivers }: Parameters): ParameterFault[] {
  if (join === "left" && receivers !== "all")
    return [
      {
        parameter: "receivers",
        message: "a left join puts the host's rows beside the guest's, so the host learns which",
        remedy: "Set receivers to all, or join to inner or difference.",
      },
    ];
  if (join === "difference" && receivers !== "guest")
    return [
      {
        parameter: "receivers",
        message: "a difference is for the guest alone: the host has no row in it",
        remedy: "Set receivers to guest.",
      },
    ];
  return [];
}

function keyFaults({ keys }: Parameters): ParameterFault[] {
  const within = keys.some((key) => new Set(key).size < key.length);
  const twice = new Set(keys.map((key) => key.join())).size < keys.length;
  if (!within && !twice) return [];
  return [
    {
      parameter: "keys",
      message: within ? "a key names an id column twice" : "a key is there twice",
      remedy: "Name each id column once in a key, and each key once.",
    },
  ];
}

/** The keys to match by, as positions of id columns. Throws `input.keys`. */
export function keysOf({ keys }: Parameters, columns: number): number[][] {
  if (keys.length === 0) return [Array.from({ length: columns }, (_, i) => i)];
  if (keys.flat().some((column) => column > columns))
    throw new TomboloError("input.keys", "a key names an id column that the table does not have", {
      remedy: `The table was read with ${columns} id columns; name 1 to ${columns}.`,
    });
  return keys.map((key) => key.map((column) => column - 1));
}
