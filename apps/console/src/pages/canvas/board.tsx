import {
  Background,
  type Connection,
  type Edge,
  type EdgeChange,
  type FinalConnectionState,
  MiniMap,
  type NodeChange,
  ReactFlow,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { type DragEvent, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { toneOf } from "../../components/state.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useTheme } from "../../theme/theme.tsx";
import { type Open, useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";
import { moveTasks, type Place, type Places, setInput } from "./draft.ts";
import { heightOf, WIDTH } from "./places.ts";
import { inputFor, misfit, wiresOf } from "./ports.ts";
import { TaskCard, type TaskNode } from "./task-card.tsx";
import { useRoom } from "./use-room.ts";

export const DRAGGED = "application/x-tombolo-component";
const nodeTypes = { step: TaskCard };

interface BoardProps {
  /** A wire was let go over nothing. */
  onOpenEnd(open: Open, at: Place): void;
}

const endsOf = ({ source, sourceHandle, target, targetHandle }: Connection | Edge) => ({
  from: { task: source, port: sourceHandle ?? "" },
  to: { task: target, port: targetHandle ?? "" },
});

/** The drawing itself. */
export function Board({ onOpenEnd }: BoardProps) {
  const { t } = useTranslation();
  const say = useText();
  const { theme } = useTheme();
  const { id, draft, components, chosen, choose, edit, faults, job } = useCanvas();
  const { add, connect, remove } = useActs();
  const { screenToFlowPosition } = useReactFlow();
  useRoom(id);
  const [begunWith] = useState(() => Object.keys(draft.flow.tasks).length);
  const [moving, setMoving] = useState<Places>({});
  const [chosenWires, setChosenWires] = useState<ReadonlySet<string>>(new Set());

  const nodes = useMemo(
    () =>
      Object.entries(draft.flow.tasks).map(([name, task]): TaskNode => {
        const component = components.get(task.component);
        const size = { width: WIDTH, height: heightOf(component) };
        const wrong = faults.ofTask(name).length;
        const state = job?.tasks.find((each) => each.name === name)?.status;
        const said = [
          t("canvas.step", { name, title: component === undefined ? task.component : say(component.title) }),
          ...(wrong > 0 ? [t("canvas.stepFaults", { count: wrong })] : []),
          ...(state === undefined ? [] : [t(`common.state.${state}`)]),
        ];
        return {
          id: name,
          type: "step",
          position: moving[name] ?? draft.places[name] ?? { x: 0, y: 0 },
          ...size,
          measured: size,
          selected: chosen.has(name),
          data: { name },
          ariaLabel: said.join(", "),
        };
      }),
    [draft, components, faults, job, moving, chosen, t, say],
  );
  const edges = useMemo(
    () =>
      wiresOf(draft.flow).map(({ from, to }): Edge => {
        const id = `${to.task}.${to.port}`;
        const [source, target] = [`${from.task}.${from.port}`, id];
        return {
          id,
          source: from.task,
          sourceHandle: from.port,
          target: to.task,
          targetHandle: to.port,
          selected: chosenWires.has(id),
          animated: job?.tasks.some((each) => each.name === to.task && each.status === "RUNNING") === true,
          ariaLabel: t("canvas.wire", { from: source, to: target }),
          ...(faults.ofTask(to.task).some(({ path }) => path === `tasks.${to.task}.inputs.${to.port}`)
            ? { className: "wrong" }
            : {}),
        };
      }),
    [draft.flow, chosenWires, job, faults, t],
  );

  const onNodesChange = useCallback(
    (changes: NodeChange<TaskNode>[]) => {
      const selects = changes.filter((change) => change.type === "select");
      if (selects.length > 0) {
        const next = new Set(chosen);
        for (const { id, selected } of selects) selected ? next.add(id) : next.delete(id);
        choose(next);
      }
      const moves = changes.filter((change) => change.type === "position" && change.position !== undefined);
      const places = Object.fromEntries(
        moves.flatMap((change) =>
          change.type === "position" && change.position ? [[change.id, change.position]] : [],
        ),
      );
      if (moves.length === 0) return;
      if (moves.some((change) => change.type === "position" && change.dragging === true))
        setMoving((before) => ({ ...before, ...places }));
      else {
        setMoving({});
        edit((before) => moveTasks(before, places), `move ${Object.keys(places).join(" ")}`);
      }
    },
    [chosen, choose, edit],
  );
  const onEdgesChange = useCallback((changes: EdgeChange[]) => {
    setChosenWires((before) => {
      const next = new Set(before);
      for (const change of changes)
        if (change.type === "select") change.selected ? next.add(change.id) : next.delete(change.id);
      return next;
    });
  }, []);

  /** Over a step: its first port that fits. Over nothing: what may come there. */
  const onConnectEnd = (event: MouseEvent | TouchEvent, state: FinalConnectionState) => {
    const { fromHandle, toHandle, toNode, isValid } = state;
    if (fromHandle === null || isValid === true) return;
    const begun = { task: fromHandle.nodeId, port: fromHandle.id ?? "" };
    const outwards = fromHandle.type === "source";
    if (toNode !== null) {
      const port = toHandle?.id ?? (outwards ? inputFor(draft, components, begun, toNode.id) : undefined) ?? "";
      const other = { task: toNode.id, port };
      if (toHandle === null ? toNode.id === begun.task : toHandle.type === fromHandle.type) return;
      connect(outwards ? begun : other, outwards ? other : begun);
      return;
    }
    const point = "changedTouches" in event ? event.changedTouches[0]! : event;
    const at = screenToFlowPosition({ x: point.clientX, y: point.clientY });
    onOpenEnd(outwards ? { from: begun } : { to: begun }, { x: outwards ? at.x : at.x - WIDTH, y: at.y - 40 });
  };
  const onDrop = (event: DragEvent) => {
    const component = event.dataTransfer.getData(DRAGGED);
    if (component === "") return;
    event.preventDefault();
    const { x, y } = screenToFlowPosition({ x: event.clientX, y: event.clientY });
    add(component, { x: x - WIDTH / 2, y: y - 27 });
  };

  return (
    <ReactFlow<TaskNode>
      nodes={nodes}
      edges={edges}
      nodeTypes={nodeTypes}
      onNodesChange={onNodesChange}
      onEdgesChange={onEdgesChange}
      onConnect={(connection) => {
        const { from, to } = endsOf(connection);
        connect(from, to);
      }}
      isValidConnection={(connection) => {
        const { from, to } = endsOf(connection);
        return misfit(draft, components, from, to) === undefined;
      }}
      onConnectEnd={onConnectEnd}
      onDelete={({ nodes: gone, edges: cut }) => {
        const steps = new Set(gone.map(({ id }) => id));
        if (steps.size > 0) remove(steps);
        const wires = cut.filter(({ source, target }) => !steps.has(source) && !steps.has(target));
        if (wires.length > 0)
          edit((before) =>
            wires.reduce(
              (next, { target, targetHandle }) => setInput(next, target, targetHandle ?? "", undefined),
              before,
            ),
          );
      }}
      onDrop={onDrop}
      onDragOver={(event) => event.preventDefault()}
      deleteKeyCode={["Delete", "Backspace"]}
      multiSelectionKeyCode={["Meta", "Control", "Shift"]}
      selectionKeyCode="Shift"
      colorMode={theme}
      // The first step of an empty canvas stays where it was put.
      fitView={begunWith > 0}
      fitViewOptions={{ padding: "48px", maxZoom: 1 }}
      minZoom={0.2}
      maxZoom={1.8}
      connectionRadius={26}
      snapToGrid
      snapGrid={[4, 4]}
      aria-label={t("canvas.board")}
      ariaLabelConfig={{
        "node.a11yDescription.default": t("canvas.boardHelp"),
        "node.a11yDescription.ariaLiveMessage": () => "",
        "edge.a11yDescription.default": t("canvas.boardHelp"),
        "minimap.ariaLabel": t("canvas.minimap"),
        "handle.ariaLabel": t("canvas.connect"),
      }}
      proOptions={{ hideAttribution: true }}
    >
      <Background gap={20} size={1.2} />
      {nodes.length > 3 && (
        <MiniMap<TaskNode>
          pannable
          zoomable
          nodeBorderRadius={6}
          nodeClassName={({ id }) => {
            const state = job?.tasks.find((each) => each.name === id)?.status;
            return faults.ofTask(id).length > 0 ? "tone-bad" : `tone-${state === undefined ? "idle" : toneOf(state)}`;
          }}
        />
      )}
    </ReactFlow>
  );
}
