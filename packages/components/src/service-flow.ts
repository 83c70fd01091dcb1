/** The flow behind the deploy form: hosts read what answers, then a step serves until the end that was agreed. */
import type { FlowDraft } from "./flows.ts";

export interface ServiceForm {
  readonly name: string;
  readonly modelId: string;
  readonly hosts: readonly {
    readonly partyId: string;
    readonly datasetId: string;
    readonly keys: readonly string[];
    /** The column that says when a row's features were true. */
    readonly asOf: string | null;
  }[];
  /** A model of the guest's columns alone. */
  readonly fallbackModelId: string | null;
  /** ISO time. */
  readonly until: string;
  /** Of boosting-serve, besides the end. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** `columns`: by party, what the model reads; see `trainedColumns`. The guest's come with each call. */
export function serviceFlow(
  { name, modelId, hosts, fallbackModelId, until, parameters }: ServiceForm,
  guest: string,
  columns: Readonly<Record<string, readonly string[]>>,
): FlowDraft {
  const reading = hosts.map(({ partyId, datasetId, keys, asOf }) => {
    const read = new Set([...(columns[partyId] ?? []), ...(asOf === null ? [] : [asOf])]);
    return [partyId, { dataset: datasetId, keys, columns: [...read] }];
  });
  const dated = hosts.filter(({ asOf }) => asOf !== null).map(({ partyId, asOf }) => [partyId, { asOf }]);
  const read = {
    component: "read-table",
    parties: hosts.map(({ partyId }) => partyId),
    partyParameters: Object.fromEntries(reading) as Record<string, Record<string, unknown>>,
  };
  const alone = hosts.length === 0;
  const inputs = {
    model: `model:${modelId}`,
    ...(fallbackModelId === null ? {} : { fallback: `model:${fallbackModelId}` }),
    ...(alone ? {} : { data: "read.data" }),
  };
  return {
    version: "1",
    name,
    parties: [{ party: guest, role: "guest" }, ...hosts.map(({ partyId }) => ({ party: partyId, role: "host" }))],
    seed: 7,
    tasks: {
      ...(alone ? {} : { read }),
      serve: {
        component: "boosting-serve",
        inputs,
        parameters: { ...parameters, until },
        partyParameters: Object.fromEntries(dated) as Record<string, Record<string, unknown>>,
      },
    },
  };
}
