import { useSearch } from "@tanstack/react-router";
import { ReactFlowProvider } from "@xyflow/react";
import { App } from "antd";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { useRead } from "../../lib/queries.ts";
import type { Open } from "./acts.ts";
import { Board } from "./board.tsx";
import { CanvasProvider, useCanvas } from "./canvas.tsx";
import { ConnectModal } from "./connect-modal.tsx";
import type { Place } from "./draft.ts";
import { Inspector } from "./inspector.tsx";
import { LearntLine } from "./learnt-line.tsx";
import { Palette } from "./palette.tsx";
import { inputsOf, outputsOf } from "./ports.ts";
import { RunLine } from "./run-line.tsx";
import { RunModal } from "./run-modal.tsx";
import { ConflictLine } from "./save-state.tsx";
import { TEMPLATES, templateFlow } from "./templates.ts";
import { Toolbar } from "./toolbar.tsx";
import { useKeys } from "./use-keys.ts";
import { useDraw } from "./yaml-modals.tsx";
import "./canvas.css";

function Begin() {
  const { t } = useTranslation();
  const { draft } = useCanvas();
  const draw = useDraw();
  return (
    <div className="canvas-begin">
      <h2>{t("canvas.emptyTitle")}</h2>
      <p className="soft">{t("canvas.emptyHint")}</p>
      <div className="canvas-templates">
        {TEMPLATES.map((key) => (
          <button key={key} type="button" onClick={() => void templateFlow(key, draft.flow.parties).then(draw)}>
            <b>{t(`canvas.templateOf.${key}`)}</b>
            <span className="small soft">{t(`canvas.templateOf.${key}Hint`)}</span>
          </button>
        ))}
      </div>
    </div>
  );
}

interface Wiring {
  readonly open: Open;
  readonly at: Place | undefined;
}

function Page() {
  const { t } = useTranslation();
  const { draft, components, choose, setJob, asked, node, saving } = useCanvas();
  const { job, flow } = useSearch({ from: "/shell/canvas" });
  const { message } = App.useApp();
  const page = useRef<HTMLDivElement>(null);
  const [wiring, setWiring] = useState<Wiring | undefined>();
  useEffect(() => {
    document.title = `${t("canvas.title")} · ${t("common.product")}`;
  }, [t]);
  useEffect(() => {
    if (job !== undefined) setJob(job);
  }, [job, setJob]);
  const { openFlow } = saving;
  const wanted = useRef(flow === node?.id ? undefined : flow);
  useEffect(() => {
    const id = wanted.current;
    wanted.current = undefined;
    if (id !== undefined) void openFlow(id).catch((error: Error) => void message.error(error.message));
  }, [openFlow, message]);
  const onOpen = useCallback(
    (name: string) => {
      choose([name]);
      requestAnimationFrame(() => page.current?.querySelector<HTMLElement>(".inspector-body input")?.focus());
    },
    [choose],
  );
  const onConnect = useCallback(
    (task: string) => {
      const [output] = Object.keys(outputsOf(draft.flow, components, task));
      const [input] = Object.keys(inputsOf(draft.flow, components, task));
      if (output !== undefined) setWiring({ open: { from: { task, port: output } }, at: undefined });
      else if (input !== undefined) setWiring({ open: { to: { task, port: input } }, at: undefined });
    },
    [draft.flow, components],
  );
  useKeys(page, { onOpen, onConnect });
  return (
    <div className="canvas" ref={page}>
      <Toolbar />
      <ConflictLine />
      <RunLine />
      <div className="canvas-room">
        <Palette />
        <div className="canvas-board">
          <Board onOpenEnd={(open, at) => setWiring({ open, at })} />
          {Object.keys(draft.flow.tasks).length === 0 && <Begin />}
          <LearntLine />
        </div>
        <Inspector />
      </div>
      {asked !== undefined && <RunModal part={asked} />}
      {wiring !== undefined && <ConnectModal {...wiring} onClose={() => setWiring(undefined)} />}
    </div>
  );
}

/** Flows drawn instead of written: the same file, seen. */
export function CanvasPage() {
  const components = useRead("listComponents", {});
  return (
    <Loaded of={components}>
      {({ items }) => (
        <ReactFlowProvider>
          <CanvasProvider list={items}>
            <Page />
          </CanvasProvider>
        </ReactFlowProvider>
      )}
    </Loaded>
  );
}
