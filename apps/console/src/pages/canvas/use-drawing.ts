import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParties } from "../../components/party.tsx";
import { type Draft, emptyDraft } from "./draft.ts";
import { begin, type History, record, redo, settle, undo } from "./history.ts";
import { type Kept, keepDraft, keptDrafts } from "./kept.ts";
import { type NodeRef, printOf } from "./saved.ts";

const KEEP_MS = 400;

export interface Drawing {
  readonly id: string;
  readonly draft: Draft;
  readonly chosen: ReadonlySet<string>;
  readonly projectId: string | undefined;
  readonly jobId: string | undefined;
  /** The node's flow that this is a drawing of. */
  readonly node: NodeRef | undefined;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Steps of the same tag, one after the other, are taken back together. */
  edit(change: (draft: Draft) => Draft, tag?: string): void;
  /** What nobody did, and so nobody takes back. */
  settle(change: (draft: Draft) => Draft): void;
  choose(names: Iterable<string>): void;
  setProject(id: string): void;
  setJob(id: string | undefined): void;
  setNode(node: NodeRef | undefined): void;
  /** From now on a drawing of this kept flow. */
  rebind(node: NodeRef): void;
  undo(): void;
  redo(): void;
  /** Another drawing in place of this one, which stays kept. */
  open(kept: Kept | undefined): void;
}

const refIn = ({ node, draft }: Kept): NodeRef | undefined => {
  if (node === null) return undefined;
  const { clean, ...ref } = node;
  return { ...ref, print: clean ? printOf(draft) : undefined };
};
const shadow = ({ print, ...ref }: NodeRef, draft: Draft): Kept["node"] => ({
  ...ref,
  clean: print === printOf(draft),
});

const newId = (): string => crypto.randomUUID();

/** The flow being drawn, what is chosen of it, and what was done; kept in the browser while it grows. */
export function useDrawing(): Drawing {
  const { t } = useTranslation();
  const { own } = useParties();
  const fresh = useCallback((): Kept => {
    const draft = emptyDraft(t("canvas.newFlow"), own);
    return { id: newId(), savedAt: 0, projectId: null, jobId: null, draft, node: null };
  }, [t, own]);
  const [begun] = useState(() => keptDrafts(localStorage, own)[0] ?? fresh());
  const [id, setId] = useState(begun.id);
  const [history, setHistory] = useState<History<Draft>>(() => begin(begun.draft));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [projectId, setProject] = useState(begun.projectId ?? undefined);
  const [jobId, setJob] = useState(begun.jobId ?? undefined);
  const [node, setNode] = useState(() => refIn(begun));
  const draft = history.present;

  useEffect(() => {
    const timer = setTimeout(() => {
      const now = { id, savedAt: Date.now(), projectId: projectId ?? null, jobId: jobId ?? null, draft };
      keepDraft(localStorage, own, { ...now, node: node === undefined ? null : shadow(node, draft) });
    }, KEEP_MS);
    return () => clearTimeout(timer);
  }, [id, draft, projectId, jobId, node, own]);

  const edit = useCallback(
    (change: (draft: Draft) => Draft, tag?: string) =>
      setHistory((before) => record(before, change(before.present), tag)),
    [],
  );
  const settleIt = useCallback(
    (change: (draft: Draft) => Draft) => setHistory((before) => settle(before, change(before.present))),
    [],
  );
  const choose = useCallback((names: Iterable<string>) => {
    const next = new Set(names);
    setChosen((before) => (before.symmetricDifference(next).size === 0 ? before : next));
  }, []);
  const open = useCallback(
    (next: Kept | undefined) => {
      const opened = next ?? fresh();
      setId(opened.id);
      setNode(refIn(opened));
      setHistory(begin(opened.draft));
      setChosen(new Set());
      setProject(opened.projectId ?? projectId);
      setJob(opened.jobId ?? undefined);
    },
    [fresh, projectId],
  );
  const rebind = useCallback((next: NodeRef) => {
    setId(next.id);
    setNode(next);
  }, []);
  return useMemo(
    () => ({
      id,
      draft,
      // A step that was taken back is no longer there to be chosen.
      chosen: new Set([...chosen].filter((name) => name in draft.flow.tasks)),
      projectId,
      jobId,
      node,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      edit,
      settle: settleIt,
      choose,
      setProject,
      setJob,
      setNode,
      rebind,
      undo: () => setHistory(undo),
      redo: () => setHistory(redo),
      open,
    }),
    [id, draft, chosen, projectId, jobId, node, history, edit, settleIt, choose, open, rebind],
  );
}
