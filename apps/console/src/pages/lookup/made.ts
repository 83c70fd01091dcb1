import type { Model } from "@tombolo/sdk";
import { useRead } from "../../lib/queries.ts";

/** How a catalogue was made, as the flow of its job says. */
export interface Made {
  readonly datasetId: string | undefined;
  /** The owner's columns that the parts of a key are. */
  readonly keys: readonly string[];
  /** What a key that is there answers with. */
  readonly columns: readonly string[];
}
interface Task {
  readonly inputs?: Readonly<Record<string, string>>;
  readonly parameters?: { readonly columns?: readonly { readonly column: string }[] };
  readonly partyParameters?: Readonly<
    Record<string, { readonly dataset?: string; readonly keys?: readonly string[] } | undefined>
  >;
}

export function madeOf(flow: unknown, task: string, owner: string): Made {
  const { tasks = {} } = (flow ?? {}) as { readonly tasks?: Readonly<Record<string, Task | undefined>> };
  const made = tasks[task];
  const read = tasks[made?.inputs?.data?.split(".")[0] ?? ""]?.partyParameters?.[owner];
  return {
    datasetId: read?.dataset,
    keys: read?.keys ?? [],
    columns: (made?.parameters?.columns ?? []).map(({ column }) => column),
  };
}

/** Undefined until it is known. */
export function useMade(catalogue: Model | undefined): Made | undefined {
  const id = catalogue?.jobId ?? "";
  const job = useRead("getJob", { params: { id } }, { enabled: id !== "" }).data;
  const owner = catalogue?.parties.find(({ role }) => role === "host")?.party ?? "";
  return job === undefined || catalogue === undefined ? undefined : madeOf(job.flow, catalogue.task, owner);
}
