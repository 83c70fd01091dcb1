import { type Node, type Rect, useReactFlow, useStore, type Viewport } from "@xyflow/react";
import { useEffect, useRef } from "react";

interface Size {
  readonly width: number;
  readonly height: number;
}

const EDGE = 12;

/** How far the viewport has to move, along one axis, so that `low` to `high` is seen; its beginning first. */
const shift = (low: number, high: number, room: number): number => {
  const back = Math.min(0, room - EDGE - high);
  return low + back < EDGE ? EDGE - low : back;
};

/** What the viewport becomes so that `rect` is inside of `size`; the same one where it is already. */
export function movedInto(rect: Rect, { x, y, zoom }: Viewport, { width, height }: Size): Viewport {
  const [left, top] = [rect.x * zoom + x, rect.y * zoom + y];
  const dx = shift(left, left + rect.width * zoom, width);
  const dy = shift(top, top + rect.height * zoom, height);
  return { x: x + dx, y: y + dy, zoom };
}

const same = (a: Viewport, b: Viewport): boolean => a.x === b.x && a.y === b.y;

/** Another drawing is shown whole. When forms beside the board take room from it, what was seen whole stays so, else what is chosen stays in sight. */
export function useRoom(drawing: string): void {
  const { getNodes, getNodesBounds, getViewport, setViewport, fitView } = useReactFlow();
  const width = useStore((store) => store.width);
  const height = useStore((store) => store.height);
  const shown = useRef(drawing);
  useEffect(() => {
    if (shown.current === drawing) return;
    shown.current = drawing;
    const frame = requestAnimationFrame(() => void fitView({ padding: "48px", maxZoom: 1 }));
    return () => cancelAnimationFrame(frame);
  }, [drawing, fitView]);
  const before = useRef<Size>({ width: 0, height: 0 });
  useEffect(() => {
    const was = before.current;
    before.current = { width, height };
    if (was.width === 0 || width === 0 || (width >= was.width && height >= was.height)) return;
    const view = getViewport();
    const nodes = getNodes();
    const bounds = (of: readonly Node[]): Rect => getNodesBounds([...of]);
    if (nodes.length === 0) return;
    const all = bounds(nodes);
    if (same(movedInto(all, view, was), view)) {
      if (!same(movedInto(all, view, { width, height }), view))
        void fitView({ padding: "24px", maxZoom: view.zoom, duration: 150 });
      return;
    }
    const chosen = nodes.filter(({ selected }) => selected === true);
    if (chosen.length > 0) void setViewport(movedInto(bounds(chosen), view, { width, height }), { duration: 150 });
  }, [width, height, getNodes, getNodesBounds, getViewport, setViewport, fitView]);
}
