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
      zh: {
        message: "只有两方的 vole 能防住偏离协议的合作方",
        remedy: several ? "请将 security 设为 semi-honest。" : "请不写 protocol，或设为 vole。",
      },
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
      zh: {
        message: "只有两方的 ecdh 可用 SM2 与 SM3",
        remedy: several ? "请将 suite 设为 ristretto255。" : "请不写 protocol，或设为 ecdh。",
      },
    },
  ];
}

/** One-sided, several parties run multi-party: to be named, since others might be chosen. */
function onlyForTwo({ join, receivers, keys, duplicates, protocol }: Parameters, named: unknown): ParameterFault[] {
  const several = (parameter: string, [en, zh]: readonly [string, string], value: string): ParameterFault => ({
    parameter,
    message: `${en} matches two parties, not several`,
    remedy: `Set ${parameter} to ${value}, or match two parties at a time.`,
    zh: {
      message: `${zh}只适用于两方求交，不适用于多方`,
      remedy: `请将 ${parameter} 设为 ${value}，或每次只对两方求交。`,
    },
  });
  return [
    ...(fitsParties(protocol, 3) ? [] : [several("protocol", [protocol, ` ${protocol} `], "multi-party")]),
    ...(join === "inner" ? [] : [several("join", [`join: ${join}`, ` join: ${join} `], "inner")]),
    ...(receivers === "all" || named === "multi-party"
      ? []
      : [
          {
            parameter: "receivers",
            message: "of several parties one alone learns the result by multi-party only",
            remedy: "Set protocol to multi-party, or receivers to all.",
            zh: {
              message: "多方求交中只有 multi-party 能让一方单独得到结果",
              remedy: "请将 protocol 设为 multi-party，或将 receivers 设为 all。",
            },
          },
        ]),
    ...(keys.length === 0 ? [] : [several("keys", ["a match by alternative keys", "备选键求交"], "[]")]),
    ...(duplicates === "many-to-one" ? [several("duplicates", ["many-to-one", " many-to-one "], "refuse")] : []),
  ];
}

function joinFaults({ join, receivers }: Parameters): ParameterFault[] {
  if (join === "left" && receivers !== "all")
    return [
      {
        parameter: "receivers",
        message: "a left join puts the host's rows beside the guest's, so the host learns which",
        remedy: "Set receivers to all, or join to inner or difference.",
        zh: {
          message: "左连接把数据方的行放在发起方的行旁边，数据方因此知道是哪些行",
          remedy: "请将 receivers 设为 all，或将 join 设为 inner 或 difference。",
        },
      },
    ];
  if (join === "difference" && receivers !== "guest")
    return [
      {
        parameter: "receivers",
        message: "a difference is for the guest alone: the host has no row in it",
        remedy: "Set receivers to guest.",
        zh: { message: "差集只给发起方：数据方没有其中的行", remedy: "请将 receivers 设为 guest。" },
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
      zh: {
        message: within ? "同一个键重复写了某个标识列" : "同一个键写了两次",
        remedy: "每个键中各标识列只写一次，每个键也只写一次。",
      },
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
