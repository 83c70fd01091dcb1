import { useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParties } from "../../components/party.tsx";
import { type Draft, emptyDraft } from "./draft.ts";
import { begin, type History, record, redo, settle, undo } from "./history.ts";
import { type Kept, keepDraft, keptDrafts } from "./kept.ts";

const KEEP_MS = 400;

export interface Drawing {
  readonly id: string;
  readonly draft: Draft;
  readonly chosen: ReadonlySet<string>;
  readonly projectId: string | undefined;
  readonly jobId: string | undefined;
  readonly kept: boolean;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** Steps of the same tag, one after the other, are taken back together. */
  edit(change: (draft: Draft) => Draft, tag?: string): void;
  /** What nobody did, and so nobody takes back. */
  settle(change: (draft: Draft) => Draft): void;
  choose(names: Iterable<string>): void;
  setProject(id: string): void;
  setJob(id: string | undefined): void;
  undo(): void;
  redo(): void;
  /** Another drawing in place of this one, which stays kept. */
  open(kept: Kept | undefined): void;
}

const newId = (): string => crypto.randomUUID();

/** The flow being drawn, what is chosen of it, and what was done; kept in the browser while it grows. */
export function useDrawing(): Drawing {
  const { t } = useTranslation();
  const { own } = useParties();
  const fresh = useCallback((): Kept => {
    const draft = emptyDraft(t("canvas.newFlow"), own);
    return { id: newId(), savedAt: 0, projectId: null, jobId: null, draft };
  }, [t, own]);
  const [begun] = useState(() => keptDrafts(localStorage, own)[0] ?? fresh());
  const [id, setId] = useState(begun.id);
  const [history, setHistory] = useState<History<Draft>>(() => begin(begun.draft));
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [projectId, setProject] = useState(begun.projectId ?? undefined);
  const [jobId, setJob] = useState(begun.jobId ?? undefined);
  const [kept, setKept] = useState(true);
  const draft = history.present;

  useEffect(() => {
    const timer = setTimeout(() => {
      const now = { id, savedAt: Date.now(), projectId: projectId ?? null, jobId: jobId ?? null, draft };
      setKept(keepDraft(localStorage, own, now));
    }, KEEP_MS);
    return () => clearTimeout(timer);
  }, [id, draft, projectId, jobId, own]);

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
      setHistory(begin(opened.draft));
      setChosen(new Set());
      setProject(opened.projectId ?? projectId);
      setJob(opened.jobId ?? undefined);
    },
    [fresh, projectId],
  );
  return useMemo(
    () => ({
      id,
      draft,
      // A step that was taken back is no longer there to be chosen.
      chosen: new Set([...chosen].filter((name) => name in draft.flow.tasks)),
      projectId,
      jobId,
      kept,
      canUndo: history.past.length > 0,
      canRedo: history.future.length > 0,
      edit,
      settle: settleIt,
      choose,
      setProject,
      setJob,
      undo: () => setHistory(undo),
      redo: () => setHistory(redo),
      open,
    }),
    [id, draft, chosen, projectId, jobId, kept, history, edit, settleIt, choose, open],
  );
}
