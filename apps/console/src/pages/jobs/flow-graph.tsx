import type { Job, TaskView } from "@tombolo/sdk";
import { Handle, type Node, type NodeProps, Position, ReactFlow } from "@xyflow/react";
import "@xyflow/react/dist/style.css";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Skeleton } from "../../components/page.tsx";
import { usePartyColour } from "../../components/party.tsx";
import { State, toneOf } from "../../components/state.tsx";
import { Took } from "../../components/values.tsx";
import { useText } from "../../i18n/i18n.ts";
import { arrange } from "../../lib/layout.ts";
import { useTheme } from "../../theme/theme.tsx";

const WIDTH = 208;
const HEIGHT = 96;
type Positions = ReadonlyMap<string, { readonly x: number; readonly y: number }>;

async function layout(tasks: readonly string[], edges: readonly { from: string; to: string }[]): Promise<Positions> {
  const boxes = tasks.map((id) => ({ id, width: WIDTH, height: HEIGHT }));
  return new Map(Object.entries(await arrange(boxes, edges, { between: 44, beside: 20 })));
}

/** High enough for the whole flow at the scale at which its width fits. */
function heightOf(positions: Positions | undefined, available: number): number {
  const places = [...(positions?.values() ?? [])];
  const width = Math.max(0, ...places.map((at) => at.x)) + WIDTH;
  const height = Math.max(0, ...places.map((at) => at.y)) + HEIGHT;
  return Math.min(520, Math.max(130, height * Math.min(1, (available - 48) / width) + 40));
}

type TaskNode = Node<{ task: TaskView; chosen: boolean }, "task">;

function laneShare(lane: TaskView["lanes"][number]): number {
  if (lane.status === "SUCCESS") return 1;
  return lane.total === null || lane.total === 0 || lane.done === null ? 0 : lane.done / lane.total;
}

function TaskBox({ data: { task, chosen } }: NodeProps<TaskNode>) {
  const say = useText();
  const { t } = useTranslation();
  const colour = usePartyColour();
  return (
    <div className={`task-node tone-${toneOf(task.status)}${chosen ? " chosen" : ""}`}>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <div className="row between">
        <b className="clip">{task.name}</b>
        <State of={task.status} {...(task.reused ? { label: t("jobs.reused") } : {})} />
      </div>
      <div className="clip small soft">{say(task.title)}</div>
      <div className="task-lanes">
        {task.lanes.map((lane) => (
          <span key={lane.party} title={`${lane.party}: ${t(`common.state.${lane.status}`)}`}>
            <i style={{ width: `${laneShare(lane) * 100}%`, background: colour(lane.party) }} />
          </span>
        ))}
      </div>
      <div className="small muted">
        {task.startedAt === null ? "" : <Took from={task.startedAt} to={task.endedAt} />}
      </div>
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </div>
  );
}
const nodeTypes = { task: TaskBox };

interface FlowGraphProps {
  readonly job: Job;
  readonly chosen: string | undefined;
  onChoose(task: string | undefined): void;
}

/** The flow as a graph: states in their colours, a bar for each party in each task. */
export function FlowGraph({ job, chosen, onChoose }: FlowGraphProps) {
  const { theme } = useTheme();
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const [positions, setPositions] = useState<Positions | undefined>();
  const shape = JSON.stringify([job.tasks.map((task) => task.name), job.edges.map(({ from, to }) => ({ from, to }))]);
  useEffect(() => {
    let stale = false;
    const [tasks, edges] = JSON.parse(shape) as [string[], { from: string; to: string }[]];
    const inside = edges.filter((edge) => tasks.includes(edge.from) && tasks.includes(edge.to));
    void layout(tasks, inside).then((laid) => !stale && setPositions(laid));
    return () => {
      stale = true;
    };
  }, [shape]);
  const nodes = useMemo(
    () =>
      positions === undefined
        ? []
        : job.tasks.map(
            (task): TaskNode => ({
              id: task.name,
              type: "task",
              position: positions.get(task.name) ?? { x: 0, y: 0 },
              width: WIDTH,
              height: HEIGHT,
              data: { task, chosen: task.name === chosen },
              ariaLabel: `${task.name}: ${t(`common.state.${task.status}`)}`,
            }),
          ),
    [positions, job.tasks, chosen, t],
  );
  const edges = useMemo(
    () =>
      job.edges.map((edge) => ({
        id: `${edge.from}.${edge.port}-${edge.to}`,
        source: edge.from,
        target: edge.to,
        animated: job.tasks.some((task) => task.name === edge.to && task.status === "RUNNING"),
      })),
    [job.edges, job.tasks],
  );
  return (
    <div ref={box} style={{ height: heightOf(positions, box.current?.clientWidth ?? 1000) }} className="graph">
      {positions === undefined && (
        <div style={{ padding: 16 }}>
          <Skeleton rows={3} />
        </div>
      )}
      {positions !== undefined && (
        <ReactFlow
          key={shape}
          nodes={nodes}
          edges={edges}
          nodeTypes={nodeTypes}
          colorMode={theme}
          fitView
          fitViewOptions={{ padding: "16px", maxZoom: 1 }}
          minZoom={0.3}
          maxZoom={1.4}
          nodesDraggable={false}
          nodesConnectable={false}
          zoomOnScroll={false}
          preventScrolling={false}
          proOptions={{ hideAttribution: true }}
          onNodeClick={(_, node) => onChoose(node.id === chosen ? undefined : node.id)}
          onPaneClick={() => onChoose(undefined)}
        />
      )}
    </div>
  );
}
