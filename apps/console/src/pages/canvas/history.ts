/** What was drawn, step by step, so that each step can be taken back and made again. */
const STEPS_MAX = 200;

export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** Of the last step: another one with the same tag belongs to it, as letters belong to a word. */
  readonly tag: string | undefined;
}

export const begin = <T>(present: T): History<T> => ({ past: [], present, future: [], tag: undefined });

export function record<T>(history: History<T>, next: T, tag?: string): History<T> {
  if (next === history.present) return history;
  const same = tag !== undefined && tag === history.tag;
  const past = same ? history.past : [...history.past.slice(1 - STEPS_MAX), history.present];
  return { past, present: next, future: [], tag };
}

/** Done by nobody's hand: no step to take back. */
export const settle = <T>(history: History<T>, next: T): History<T> => ({ ...history, present: next });

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
    tag: undefined,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.present], present: after, future, tag: undefined };
}
