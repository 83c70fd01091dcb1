import { useQueryClient } from "@tanstack/react-query";
import { draftFlowSchema } from "@tombolo/scheduler";
import type { KeptFlow } from "@tombolo/sdk";
import { App } from "antd";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParties } from "../../components/party.tsx";
import { type CallError, call } from "../../lib/client.ts";
import { useMay, useRead } from "../../lib/queries.ts";
import { dropDraft, keptDrafts } from "./kept.ts";
import type { Components } from "./ports.ts";
import { drawingOf, printOf, refOf } from "./saved.ts";
import type { Drawing } from "./use-drawing.ts";

/** After the hand rests. */
const SAVE_MS = 1500;
/** A node that cannot be reached is tried again. */
const RETRY_MS = 10_000;

export type SaveState = "browser" | "saved" | "unsaved" | "saving" | "failed" | "conflict" | "readOnly";

export interface Saving {
  readonly state: SaveState;
  readonly failure: CallError | undefined;
  /** What another has saved since this drawing began from the node's, while it has changes of its own. */
  readonly theirs: KeptFlow | undefined;
  /** At once what would be saved in a moment. */
  save(): void;
  /** Keeps the drawing under a name as a flow of its own, and goes on with that one. */
  keepAs(name: string): Promise<void>;
  openFlow(id: string): Promise<void>;
  /** Goes on from theirs; undo brings the own drawing back. */
  takeTheirs(): void;
  /** Saves this drawing over theirs, which stays in the history. */
  overwrite(): void;
  /** An earlier revision as the next one. */
  bringBack(earlier: KeptFlow): Promise<void>;
  remove(): Promise<void>;
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof Error && "status" in error ? Number(error.status) : undefined;
const wellFormed = (flow: unknown): boolean => draftFlowSchema.safeParse(flow).success;

interface Failed {
  readonly error: CallError;
  /** Of the drawing that was refused. */
  readonly print: string;
}

/** Keeps the drawing of a kept flow saved at the node, and knows what others save there. */
export function useSaving(drawing: Drawing, components: Components): Saving {
  const { draft, projectId, node, setNode, rebind, edit, open } = drawing;
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { own } = useParties();
  const may = useMay()("jobs:submit");
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failed | undefined>();
  // The revision that this page saved by itself: the next save goes on from it.
  const ownRevision = useRef<number>(undefined);
  const print = useMemo(() => printOf(draft), [draft]);
  const moved = node?.projectId != null && projectId !== node.projectId;
  const dirty = node !== undefined && (node.print !== print || moved);
  const latest = useRead("getFlow", { params: { id: node?.id ?? "" } }, { enabled: node !== undefined });
  const newer =
    !busy && node !== undefined && latest.data?.id === node.id && latest.data.revision > node.revision
      ? latest.data
      : undefined;
  // As after a reload right behind a save: the same work, not somebody else's.
  const equal = useMemo(() => newer !== undefined && printOf(newer) === print, [newer, print]);
  const gone = node !== undefined && statusOf(latest.error) === 404;

  const took = useCallback(
    (kept: KeptFlow, of: string) => {
      queries.setQueryData(["getFlow", { params: { id: kept.id } }], kept);
      for (const read of ["listFlows", "listFlowRevisions"]) void queries.invalidateQueries({ queryKey: [read] });
      setFailed(undefined);
      return refOf(kept, of);
    },
    [queries],
  );
  const send = useCallback(
    async (base: number) => {
      if (node === undefined || busy) return;
      setBusy(true);
      try {
        const body = { base, flow: draft.flow, places: draft.places, projectId: projectId ?? null };
        const goesOn = ownRevision.current === base;
        const saved = await call("saveFlow", { params: { id: node.id }, body: { ...body, goesOn } });
        ownRevision.current = saved.revision;
        setNode(took(saved, print));
      } catch (error) {
        setFailed({ error: error as CallError, print });
        // Somebody was first, or has deleted it: what is there says which.
        if ([404, 409].includes(statusOf(error) ?? 0)) await latest.refetch();
      } finally {
        setBusy(false);
      }
    },
    [node, busy, draft, projectId, print, setNode, took, latest.refetch],
  );

  const blocked = !may || busy || gone || newer !== undefined || !wellFormed(draft.flow);
  const refused = failed !== undefined && failed.print === print;
  const again = !refused || (statusOf(failed.error) ?? 500) >= 500;
  useEffect(() => {
    if (node === undefined || !dirty || blocked || !again) return;
    const timer = setTimeout(() => void send(node.revision), refused ? RETRY_MS : SAVE_MS);
    return () => clearTimeout(timer);
  }, [node, dirty, blocked, again, refused, send]);

  const take = useCallback(
    async (theirs: KeptFlow) => {
      const next = await drawingOf(theirs, components);
      ownRevision.current = undefined;
      edit(() => next);
      setNode(refOf(theirs, printOf(next)));
      setFailed(undefined);
    },
    [components, edit, setNode],
  );
  // Nothing of one's own would be lost: the drawing follows.
  const follow = newer !== undefined && !dirty && !equal ? newer : undefined;
  useEffect(() => {
    if (newer !== undefined && equal) setNode(refOf(newer, print));
  }, [newer, equal, print, setNode]);
  useEffect(() => {
    if (follow === undefined) return;
    void take(follow);
    void message.info(t("keptFlows.followed", { who: follow.changedBy, revision: follow.revision }));
  }, [follow, take, message, t]);
  useEffect(() => {
    if (!gone) return;
    setNode(undefined);
    void message.warning(t("keptFlows.deletedElsewhere"));
  }, [gone, setNode, message, t]);

  const openFlow = useCallback(
    async (id: string) => {
      ownRevision.current = undefined;
      setFailed(undefined);
      const unsaved = keptDrafts(localStorage, own).find((each) => each.id === id && each.node?.clean === false);
      if (unsaved !== undefined) return open(unsaved);
      const kept = await call("getFlow", { params: { id } });
      const next = await drawingOf(kept, components);
      const { print: _, ...node } = refOf(kept, undefined);
      open({ id, savedAt: 0, projectId: kept.projectId, jobId: null, draft: next, node: { ...node, clean: true } });
    },
    [own, open, components],
  );
  const keepAs = async (name: string) => {
    const named = { ...draft, flow: { ...draft.flow, name } };
    const kept = await call("createFlow", {
      body: { flow: named.flow, places: named.places, projectId: projectId ?? null },
    });
    // What was in the browser alone, or has changes that are the new flow's now, is not there a second time.
    dropDraft(localStorage, own, drawing.id);
    ownRevision.current = undefined;
    edit(() => named);
    rebind(took(kept, printOf(named)));
  };
  const conflict = newer !== undefined && dirty && !equal ? newer : undefined;
  return {
    state: stateOf({ kept: node !== undefined, may, busy, dirty, conflict: conflict !== undefined, refused }),
    failure: refused ? failed.error : undefined,
    theirs: conflict,
    save: () => void (node !== undefined && dirty && !blocked && send(node.revision)),
    keepAs,
    openFlow,
    takeTheirs: () => void (conflict !== undefined && take(conflict)),
    overwrite: () => void (conflict !== undefined && send(conflict.revision)),
    bringBack: async (earlier) => {
      const next = await drawingOf(earlier, components);
      ownRevision.current = undefined;
      edit(() => next);
    },
    remove: async () => {
      if (node === undefined) return;
      await call("deleteFlow", { params: { id: node.id }, query: { revision: node.revision } });
      dropDraft(localStorage, own, drawing.id);
      open(undefined);
      void queries.invalidateQueries({ queryKey: ["listFlows"] });
    },
  };
}

interface Known {
  readonly kept: boolean;
  readonly may: boolean;
  readonly busy: boolean;
  readonly dirty: boolean;
  readonly conflict: boolean;
  readonly refused: boolean;
}

function stateOf({ kept, may, busy, dirty, conflict, refused }: Known): SaveState {
  if (!kept) return "browser";
  if (!may) return "readOnly";
  if (busy) return "saving";
  if (conflict) return "conflict";
  if (!dirty) return "saved";
  return refused ? "failed" : "unsaved";
}
