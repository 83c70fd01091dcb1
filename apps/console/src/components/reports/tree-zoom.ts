import { type PointerEvent, type RefObject, useEffect, useRef, useState } from "react";

/** Where the drawing stands in its window: shifted by pixels, then scaled. */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

const SCALE_MIN = 0.08;
const SCALE_MAX = 2;
/** Below it letters are too small. */
const READABLE = 0.75;
const STEP = 1.25;
const HEIGHT_MIN = 180;
const HEIGHT_MAX = 560;
/** Of the window, around what is brought into sight. */
const MARGIN = 24;

const clamp = (scale: number): number => Math.min(SCALE_MAX, Math.max(SCALE_MIN, scale));

/** The whole drawing, at its own size at most, in the middle. */
export function fitted(drawing: Size, window: Size): View {
  const scale = clamp(Math.min(1, window.width / drawing.width, window.height / drawing.height));
  return { scale, x: (window.width - drawing.width * scale) / 2, y: 0 };
}

/** Large enough to read, the root at the top in the middle, or the whole drawing where that is readable. */
export function readable(drawing: Size, window: Size, rootX: number): View {
  const whole = fitted(drawing, window);
  return whole.scale >= READABLE ? whole : { scale: READABLE, x: window.width / 2 - rootX * READABLE, y: 0 };
}

/** `factor` times as large, with the point of the window staying where it is. */
export function zoomed({ x, y, scale }: View, factor: number, at: { x: number; y: number }): View {
  const next = clamp(scale * factor);
  return { scale: next, x: at.x - ((at.x - x) * next) / scale, y: at.y - ((at.y - y) * next) / scale };
}

/** Shifted no more than it takes to see the box. */
export function revealed(view: View, box: { x: number; y: number } & Size, window: Size): View {
  const shift = (at: number, from: number, length: number, room: number): number => {
    const [low, high] = [at + from * view.scale - MARGIN, at + (from + length) * view.scale + MARGIN];
    return low < 0 ? at - low : high > room ? at - (high - room) : at;
  };
  return {
    ...view,
    x: shift(view.x, box.x, box.width, window.width),
    y: shift(view.y, box.y, box.height, window.height),
  };
}

export interface Zoom {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly view: View;
  readonly height: number;
  fit(): void;
  /** In steps: 1 in, -1 out. */
  zoom(steps: number): void;
  reveal(box: { x: number; y: number } & Size): void;
  readonly drag: {
    onPointerDown(event: PointerEvent): void;
    onPointerMove(event: PointerEvent): void;
    onPointerUp(): void;
  };
}

/** Zoom by buttons, keys or the wheel with Ctrl; drag to move. Anew for every drawing. */
export function useZoom(drawing: Size, rootX: number): Zoom {
  const box = useRef<HTMLDivElement>(null);
  const held = useRef<{ x: number; y: number } | undefined>(undefined);
  const [width, setWidth] = useState(0);
  const [chosen, setChosen] = useState<View | undefined>();
  const scale = Math.min(1, Math.max(READABLE, width / drawing.width));
  const height = Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, drawing.height * scale));
  const window = { width: Math.max(1, width), height };
  const view = chosen ?? readable(drawing, window, rootX);
  const latest = useRef(view);
  latest.current = view;
  useEffect(() => {
    if (box.current === null) return;
    const element = box.current;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      const corner = element.getBoundingClientRect();
      const at = { x: event.clientX - corner.left, y: event.clientY - corner.top };
      setChosen(zoomed(latest.current, event.deltaY < 0 ? STEP : 1 / STEP, at));
    };
    // React's own wheel handlers may not stop the page from zooming.
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", onWheel);
    };
  }, []);
  const fit = (): void => setChosen(fitted(drawing, window));
  return {
    box,
    view,
    height,
    fit,
    zoom: (steps) => setChosen(zoomed(view, STEP ** steps, { x: window.width / 2, y: window.height / 2 })),
    reveal: (what) => setChosen(revealed(view, what, window)),
    drag: {
      onPointerDown: (event) => {
        held.current = { x: event.clientX - view.x, y: event.clientY - view.y };
      },
      onPointerMove: (event) => {
        if (held.current === undefined || event.buttons === 0) return;
        setChosen({ ...view, x: event.clientX - held.current.x, y: event.clientY - held.current.y });
      },
      onPointerUp: () => {
        held.current = undefined;
      },
    },
  };
}
