import type { QueryClient } from "@tanstack/react-query";
import type { Job, LiveEvent, RouteName } from "@tombolo/sdk";
import { useEffect, useState } from "react";
import { client } from "./client.ts";
import { patched } from "./patch-job.ts";
import { onFailure, queryClient } from "./queries.ts";

/** Which reads an event makes stale. Lanes and meter rows that ride along are written into the job at once. */
const STALE: Readonly<Record<LiveEvent["kind"], readonly RouteName[]>> = {
  job: [
    "listJobs",
    "getJob",
    "jobReports",
    "listModels",
    "listSchedules",
    "getSchedule",
    "listBudgets",
    "listServices",
    "getService",
    "listAskable",
    "listQueryTables",
  ],
  task: ["getJob", "listJobs"],
  meter: ["getJob"],
  figures: ["taskFigures"],
  log: ["jobLogs"],
  approval: ["listApprovals", "getApproval", "getGrant"],
  partner: ["listPartners", "partnerDatasets"],
  dataset: ["listDatasets", "getDataset"],
  grant: ["listGrants", "getGrant", "listQueryTables"],
  project: ["listProjects", "getProject"],
  model: ["listModels", "getModel"],
  journal: ["journal"],
  schedule: ["listSchedules", "getSchedule"],
  flow: ["listFlows", "getFlow", "listFlowRevisions"],
  service: ["listServices", "getService", "serviceTraffic", "listAskable", "questionHistory"],
};
const REFRESH_MS = 1000;
const RETRY_MS_MAX = 5_000;

function patchJob(queries: QueryClient, event: LiveEvent): void {
  const id = event.id.split("/")[0]!;
  const key = ["getJob", { params: { id } }];
  const job = queries.getQueryData<Job>(key);
  const next = job === undefined ? undefined : patched(job, event);
  if (next !== undefined) queries.setQueryData(key, next);
}

/** Collects what went stale and refreshes it at most once per interval. */
class Refresher {
  readonly #stale = new Set<RouteName>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  mark(names: readonly RouteName[]): void {
    for (const name of names) this.#stale.add(name);
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#flush(), REFRESH_MS);
  }
  #flush(): void {
    this.#timer = undefined;
    const names = [...this.#stale];
    this.#stale.clear();
    for (const name of names) void queryClient.invalidateQueries({ queryKey: [name] });
  }
}

const wait = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    const stop = () => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener("abort", stop, { once: true });
  });

async function follow(signal: AbortSignal, up: (live: boolean) => void): Promise<void> {
  const refresher = new Refresher();
  let pauseMs = 500;
  let missed = false;
  const onOpen = (): void => {
    pauseMs = 500;
    up(true);
    // What happened meanwhile was not told.
    if (missed) void queryClient.invalidateQueries();
    missed = false;
  };
  while (!signal.aborted) {
    try {
      for await (const event of client.events({}, signal, { onOpen })) {
        patchJob(queryClient, event);
        refresher.mark(STALE[event.kind]);
      }
    } catch (error) {
      onFailure(error);
    }
    if (signal.aborted) return;
    missed = true;
    up(false);
    await wait(pauseMs, signal);
    pauseMs = Math.min(RETRY_MS_MAX, pauseMs * 2);
  }
}

/** One event stream per tab, with reconnects. Answers whether it is up. */
export function useLive(enabled: boolean): boolean {
  const [live, setLive] = useState(true);
  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    void follow(abort.signal, setLive);
    return () => abort.abort();
  }, [enabled]);
  return live;
}
