import { participantsOf } from "@tombolo/scheduler";
import type { Component, Port, TaskView } from "@tombolo/sdk";
import { Handle, type Node, type NodeProps, Position, useConnection } from "@xyflow/react";
import { useTranslation } from "react-i18next";
import { usePartyColour } from "../../components/party.tsx";
import { State, toneOf } from "../../components/state.tsx";
import { Took } from "../../components/values.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useCanvas } from "./canvas.tsx";
import { misfit, type PortName } from "./ports.ts";

export type TaskNode = Node<{ readonly name: string }, "step">;

/** While a wire is being drawn: whether it may end here. */
function useFits(): (port: PortName, side: "source" | "target") => boolean | undefined {
  const { draft, components } = useCanvas();
  const drawn = useConnection(({ inProgress, fromHandle }) =>
    inProgress && fromHandle !== null ? `${fromHandle.type} ${fromHandle.nodeId} ${fromHandle.id ?? ""}` : "",
  );
  return (port, side) => {
    const [type, task = "", name = ""] = drawn.split(" ");
    if (drawn === "") return undefined;
    const begun = { task, port: name };
    if (type === side) return begun.task === port.task && begun.port === port.port ? undefined : false;
    return type === "source"
      ? misfit(draft, components, begun, port) === undefined
      : misfit(draft, components, port, begun) === undefined;
  };
}

interface PortRowProps {
  readonly task: string;
  readonly name: string;
  readonly port: Port;
  readonly side: "source" | "target";
  readonly open: boolean;
}

function PortRow({ task, name, port, side, open }: PortRowProps) {
  const { t } = useTranslation();
  const fits = useFits()({ task, port: name }, side);
  const state = fits === undefined ? "" : fits ? " fits" : " not";
  return (
    <div className={`port-row ${side}`}>
      <Handle
        id={name}
        type={side}
        position={side === "target" ? Position.Left : Position.Right}
        className={`port ${port.kind}${state}${open ? " open" : ""}`}
        title={`${name}: ${t(`canvas.portKind.${port.kind}`)}`}
      />
      <span className="clip">{name}</span>
    </div>
  );
}

function laneShare(lane: TaskView["lanes"][number]): number {
  if (lane.status === "SUCCESS") return 1;
  return lane.total === null || lane.total === 0 || lane.done === null ? 0 : lane.done / lane.total;
}

function Lanes({ lanes }: { readonly lanes: TaskView["lanes"] }) {
  const { t } = useTranslation();
  const colour = usePartyColour();
  return (
    <div className="step-lanes">
      {lanes.map((lane) => (
        <span key={lane.party} title={`${lane.party}: ${t(`common.state.${lane.status}`)}`}>
          <i style={{ width: `${laneShare(lane) * 100}%`, background: colour(lane.party) }} />
        </span>
      ))}
    </div>
  );
}

function Ports({ name, component }: { readonly name: string; readonly component: Component }) {
  const { draft } = useCanvas();
  const given = draft.flow.tasks[name]?.inputs ?? {};
  return (
    <div className="step-ports">
      <div>
        {Object.entries(component.inputs).map(([port, info]) => (
          <PortRow
            key={port}
            task={name}
            name={port}
            port={info}
            side="target"
            open={given[port] === undefined && !info.optional}
          />
        ))}
      </div>
      <div>
        {Object.entries(component.outputs).map(([port, info]) => (
          <PortRow key={port} task={name} name={port} port={info} side="source" open={false} />
        ))}
      </div>
    </div>
  );
}

/** A step on the canvas: its name, ports, who takes part, what is wrong with it, and how far it has come. */
export function TaskCard({ data: { name }, selected }: NodeProps<TaskNode>) {
  const say = useText();
  const { t } = useTranslation();
  const colour = usePartyColour();
  const { draft, components, faults, job } = useCanvas();
  const task = draft.flow.tasks[name];
  if (task === undefined) return null;
  const component = components.get(task.component);
  const wrong = faults.ofTask(name).length;
  const run = job?.tasks.find((each) => each.name === name && each.component === task.component);
  const tone = run === undefined ? "idle" : toneOf(run.status);
  return (
    <div className={`step tone-${tone}${selected === true ? " chosen" : ""}${wrong > 0 ? " wrong" : ""}`}>
      <div className="step-head">
        <div className="row between">
          <b className="clip">{name}</b>
          {wrong > 0 ? (
            <span className="state tone-bad">{t("canvas.stepFaults", { count: wrong })}</span>
          ) : (
            run !== undefined && <State of={run.status} {...(run.reused ? { label: t("jobs.reused") } : {})} />
          )}
        </div>
        <div className="clip small soft">{component === undefined ? task.component : say(component.title)}</div>
      </div>
      {component !== undefined && <Ports name={name} component={component} />}
      <div className="step-foot small muted">
        {run === undefined || run.startedAt === null ? (
          <span className="row" style={{ gap: 8 }}>
            {participantsOf(draft.flow, task).map(({ party }) => (
              <span key={party} className="party-dot" style={{ "--party": colour(party) } as React.CSSProperties}>
                <i />
                {party}
              </span>
            ))}
          </span>
        ) : (
          <>
            <Lanes lanes={run.lanes} />
            <Took from={run.startedAt} to={run.endedAt} />
          </>
        )}
      </div>
    </div>
  );
}
