import ELK from "elkjs/lib/elk-api.js";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";

// One worker for all graphs; the layout never blocks the page.
let elk: InstanceType<typeof ELK> | undefined;
const layouter = () => (elk ??= new ELK({ workerUrl }));

interface Box {
  readonly id: string;
  readonly width: number;
  readonly height: number;
}

/** Boxes in layers from left to right by their edges; where each one's corner is, in pixels. */
export async function arrange(
  boxes: readonly Box[],
  edges: readonly { readonly from: string; readonly to: string }[],
  gaps: { readonly between: number; readonly beside: number },
): Promise<Record<string, { x: number; y: number }>> {
  const laid = await layouter().layout({
    id: "flow",
    layoutOptions: {
      "elk.algorithm": "layered",
      "elk.direction": "RIGHT",
      "elk.layered.spacing.nodeNodeBetweenLayers": String(gaps.between),
      "elk.spacing.nodeNode": String(gaps.beside),
      "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
    },
    children: boxes.map((box) => ({ ...box })),
    edges: edges.map(({ from, to }, index) => ({ id: `e${index}`, sources: [from], targets: [to] })),
  });
  return Object.fromEntries((laid.children ?? []).map(({ id, x, y }) => [id, { x: x ?? 0, y: y ?? 0 }]));
}
