import { type RefObject, useEffect } from "react";
import { useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input,textarea,select,[role=dialog],[role=combobox]") !== null);

const focused = (): string | undefined =>
  document.activeElement?.closest<HTMLElement>(".react-flow__node")?.dataset.id ?? undefined;

interface Keys {
  /** Enter on a step. */
  onOpen(name: string): void;
  /** C on a step. */
  onConnect(name: string): void;
}

/** The keys of the page, as long as nobody is typing: what is copied is text, so that it reaches other tabs. */
export function useKeys(page: RefObject<HTMLElement | null>, { onOpen, onConnect }: Keys): void {
  const { undo, redo, chosen, choose, draft, saving } = useCanvas();
  const { remove, paste, copied, duplicate } = useActs();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "s") {
        event.preventDefault();
        saving.save();
        return;
      }
      if (typing(event.target)) return;
      const at = focused();
      const key = event.key.toLowerCase();
      const act =
        event.metaKey || event.ctrlKey
          ? {
              z: event.shiftKey ? redo : undo,
              y: redo,
              d: duplicate,
              a: () => choose(Object.keys(draft.flow.tasks)),
            }[key]
          : at === undefined || event.altKey || event.shiftKey
            ? undefined
            : { enter: () => onOpen(at), c: () => onConnect(at) }[key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    const copy = (event: ClipboardEvent, cut: boolean) => {
      if (typing(event.target) || chosen.size === 0 || String(document.getSelection()) !== "") return;
      event.clipboardData?.setData("text/plain", copied());
      event.preventDefault();
      if (cut) remove(chosen);
    };
    const onCopy = (event: ClipboardEvent) => copy(event, false);
    const onCut = (event: ClipboardEvent) => copy(event, true);
    const onPaste = (event: ClipboardEvent) => {
      if (typing(event.target)) return;
      if (paste(event.clipboardData?.getData("text/plain") ?? "")) event.preventDefault();
    };
    const here = page.current?.ownerDocument;
    here?.addEventListener("keydown", press);
    here?.addEventListener("copy", onCopy);
    here?.addEventListener("cut", onCut);
    here?.addEventListener("paste", onPaste);
    return () => {
      here?.removeEventListener("keydown", press);
      here?.removeEventListener("copy", onCopy);
      here?.removeEventListener("cut", onCut);
      here?.removeEventListener("paste", onPaste);
    };
  }, [page, undo, redo, duplicate, choose, draft, saving, chosen, copied, remove, paste, onOpen, onConnect]);
}
