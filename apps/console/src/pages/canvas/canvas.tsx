/** What every part of the page knows: the drawing, the components, what the node says of it, the job that runs it. */
import type { Flow } from "@tombolo/scheduler";
import type { Component, FlowCheck, Job } from "@tombolo/sdk";
import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import { useRead } from "../../lib/queries.ts";
import { asText } from "./clipboard.ts";
import { type Faults, faultsOf } from "./faults.ts";
import type { Components } from "./ports.ts";
import { type Drawing, useDrawing } from "./use-drawing.ts";
import { type Saving, useSaving } from "./use-saving.ts";

const CHECK_MS = 350;

interface Canvas extends Drawing {
  readonly saving: Saving;
  readonly components: Components;
  readonly list: readonly Component[];
  readonly faults: Faults;
  /** The node's last word; of a drawing a moment ago while `checking`. */
  readonly check: FlowCheck | undefined;
  readonly checking: boolean;
  /** The flow with every default, once it is sound. */
  readonly resolved: Flow | undefined;
  readonly job: Job | undefined;
  /** What is about to be run. */
  readonly asked: Part | undefined;
  ask(part: Part | undefined): void;
}

/** The whole flow when neither is named. */
export interface Part {
  /** The last step. */
  readonly to?: string;
  /** The first step that runs again. */
  readonly from?: string;
}

const Context = createContext<Canvas | null>(null);

export function useCanvas(): Canvas {
  const canvas = useContext(Context);
  if (canvas === null) throw new Error("useCanvas outside CanvasProvider");
  return canvas;
}

function useLater<T>(value: T, ms: number): T {
  const [later, setLater] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setLater(value), ms);
    return () => clearTimeout(timer);
  }, [value, ms]);
  return later;
}

/** What the node says of the flow: asked once the hand rests, the last answer stays until the next. */
function useCheck({ draft, projectId }: Drawing): { check: FlowCheck | undefined; checking: boolean } {
  const text = useMemo(() => asText(draft), [draft]);
  const some = Object.keys(draft.flow.tasks).length > 0;
  // Nothing is asked of a flow without a step.
  const flow = useLater(some ? text : "", CHECK_MS);
  const answer = useRead(
    "checkFlow",
    { body: { projectId: projectId ?? "", flow } },
    { enabled: flow !== "" && projectId !== undefined, keep: true },
  );
  return { check: some ? answer.data : undefined, checking: some && (text !== flow || answer.isFetching) };
}

export function CanvasProvider({
  list,
  children,
}: {
  readonly list: readonly Component[];
  readonly children: ReactNode;
}) {
  const drawing = useDrawing();
  const { check, checking } = useCheck(drawing);
  const components = useMemo(() => new Map(list.map((each) => [each.name, each])), [list]);
  const saving = useSaving(drawing, components);
  const [asked, ask] = useState<Part | undefined>();
  const faults = useMemo(() => faultsOf(check?.problems ?? []), [check]);
  const job = useRead(
    "getJob",
    { params: { id: drawing.jobId ?? "" } },
    { enabled: drawing.jobId !== undefined, everyMs: 15_000 },
  ).data;
  const canvas = useMemo(
    () => ({
      ...drawing,
      saving,
      list,
      components,
      faults,
      check,
      checking,
      resolved: check?.ok === true ? (check.flow as Flow) : undefined,
      job: job?.id === drawing.jobId ? job : undefined,
      asked,
      ask,
    }),
    [drawing, saving, list, components, faults, check, checking, job, asked],
  );
  return <Context value={canvas}>{children}</Context>;
}
