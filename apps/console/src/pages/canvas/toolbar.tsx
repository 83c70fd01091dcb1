import { useReactFlow } from "@xyflow/react";
import { Button, Dropdown, Tooltip } from "antd";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { Icon, type IconName } from "../../components/icon.tsx";
import { useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";
import { FlowMenu } from "./flow-menu.tsx";
import { SaveState } from "./save-state.tsx";
import { TEMPLATES, templateFlow } from "./templates.ts";
import { useDraw } from "./yaml-modals.tsx";

interface ToolProps {
  readonly icon: IconName;
  readonly label: string;
  readonly keys?: string;
  readonly disabled?: boolean;
  onClick(): void;
}

function Tool({ icon, label, keys, disabled, onClick }: ToolProps) {
  return (
    <Tooltip title={keys === undefined ? label : `${label} (${keys})`}>
      <Button
        type="text"
        aria-label={label}
        disabled={disabled === true}
        icon={<Icon name={icon} />}
        onClick={onClick}
      />
    </Tooltip>
  );
}

/** Whether the node has something against it: says how many, and leads to the first. */
function CheckState() {
  const { t } = useTranslation();
  const { faults, check, checking, projectId, choose, draft } = useCanvas();
  if (Object.keys(draft.flow.tasks).length === 0) return null;
  if (projectId === undefined) return <span className="state tone-wait">{t("jobs.chooseProject")}</span>;
  if (check === undefined || checking) return <span className="state tone-idle">{t("canvas.checking")}</span>;
  if (faults.all.length === 0) return <span className="state tone-ok">{t("canvas.sound")}</span>;
  const [first] = Object.keys(draft.flow.tasks).filter((name) => faults.ofTask(name).length > 0);
  return (
    <button
      type="button"
      className="state tone-bad as-button"
      onClick={() => choose(first === undefined ? [] : [first])}
    >
      {t("canvas.faults", { count: faults.all.length })}
    </button>
  );
}

function Templates() {
  const { t } = useTranslation();
  const { draft } = useCanvas();
  const draw = useDraw();
  const items = TEMPLATES.map((key) => ({
    key,
    label: (
      <div>
        <b>{t(`canvas.templateOf.${key}`)}</b>
        <div className="small soft">{t(`canvas.templateOf.${key}Hint`)}</div>
      </div>
    ),
    onClick: () => void templateFlow(key, draft.flow.parties).then(draw),
  }));
  return (
    <Dropdown trigger={["click"]} menu={{ items }}>
      <Button>{t("canvas.template")}</Button>
    </Dropdown>
  );
}

function RunButton() {
  const { t } = useTranslation();
  const { draft, check, checking, projectId, ask } = useCanvas();
  const empty = Object.keys(draft.flow.tasks).length === 0;
  const because = empty
    ? t("canvas.runEmpty")
    : projectId === undefined
      ? t("canvas.noProject")
      : check?.ok === true && !checking
        ? undefined
        : checking
          ? t("canvas.checking")
          : t("canvas.runFaults");
  return (
    <Act type="primary" needs="jobs:submit" because={because} icon={<Icon name="play" />} onClick={() => ask({})}>
      {t("canvas.run")}
    </Act>
  );
}

export function Toolbar() {
  const { t } = useTranslation();
  const { draft, undo, redo, canUndo, canRedo } = useCanvas();
  const { tidy, show } = useActs();
  const { zoomIn, zoomOut } = useReactFlow();
  return (
    <header className="canvas-bar">
      <div className="grow canvas-name">
        <h1 className="clip">{t("canvas.title")}</h1>
        <span className="clip soft">{draft.flow.name}</span>
        <CheckState />
        <SaveState />
      </div>
      <div className="row" role="toolbar" aria-label={t("canvas.title")}>
        <Tool icon="undo" label={t("canvas.undo")} keys="Ctrl Z" disabled={!canUndo} onClick={undo} />
        <Tool icon="redo" label={t("canvas.redo")} keys="Ctrl Y" disabled={!canRedo} onClick={redo} />
        <Tool icon="tidy" label={t("canvas.tidy")} onClick={() => void tidy(draft)} />
        <Tool icon="minus" label={t("canvas.zoomOut")} onClick={() => void zoomOut()} />
        <Tool icon="plus" label={t("canvas.zoomIn")} onClick={() => void zoomIn()} />
        <Tool icon="fit" label={t("canvas.fit")} onClick={show} />
        <i className="bar-gap" />
        <Templates />
        <FlowMenu />
        <RunButton />
      </div>
    </header>
  );
}
