import type { Lane, TaskView } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { FailurePanel } from "../../components/failure.tsx";
import { Bar, Card, Empty } from "../../components/page.tsx";
import { Party, useParties, usePartyColour } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Took } from "../../components/values.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { DASH, formatBytes, formatDuration, formatNumber, type Language } from "../../lib/format.ts";
import { LiveFigures } from "./live-figures.tsx";

function share(lane: Lane): number {
  if (lane.status === "SUCCESS") return 1;
  return lane.done === null || lane.total === null || lane.total === 0 ? 0 : lane.done / lane.total;
}

const STAGES = [
  "read",
  "encode",
  "blind",
  "evaluate",
  "catalogue",
  "match",
  "order",
  "split",
  "prepare",
  "encrypt",
  "grow",
  "finish",
  "score",
  "done",
] as const;

/** A stage in the reader's language; one this console does not know keeps its own name. */
function useStage(): (stage: string) => string {
  const { t } = useTranslation();
  return (stage) => {
    const [, tree, level] = /^tree (\d+), level (\d+)$/.exec(stage) ?? [];
    if (tree !== undefined) return t("jobs.stageTree", { tree, level });
    const known = STAGES.find((each) => each === stage);
    return known === undefined ? stage : t(`jobs.stageOf.${known}`);
  };
}

/** Which of the figures any lane of the job has: a column of dashes says nothing. */
interface Shown {
  readonly rows: boolean;
  readonly round: boolean;
}

/** Partners tell a percentage, nothing that would count their rows. */
function stepsOf({ done, total }: Lane, isOwn: boolean, language: Language): string {
  if (done === null || total === null) return "";
  return isOwn ? `${formatNumber(done, language)} / ${formatNumber(total, language)}` : `${done}%`;
}

function LaneRow({ lane, shown }: { lane: Lane; shown: Shown }) {
  const language = useLanguage();
  const colour = usePartyColour();
  const stage = useStage();
  const { own } = useParties();
  return (
    <tr>
      <td>
        <Party id={lane.party} />
      </td>
      <td>
        <State of={lane.status} />
      </td>
      <td className="lane-stage">
        <div className="row between small">
          <span className="clip" title={lane.stage ?? ""}>
            {lane.stage === null ? "" : stage(lane.stage)}
          </span>
          <span className="muted nowrap">{stepsOf(lane, lane.party === own, language)}</span>
        </div>
        <Bar share={share(lane)} colour={colour(lane.party)} />
      </td>
      {shown.rows && <td className="num">{formatNumber(lane.rows, language)}</td>}
      {shown.round && <td className="num">{formatNumber(lane.round, language)}</td>}
      <td className="num">{formatBytes(lane.bytesOut)}</td>
      <td className="num">{formatBytes(lane.bytesIn)}</td>
      <td className="num">
        {lane.etaSeconds === null || lane.status !== "RUNNING"
          ? DASH
          : formatDuration(lane.etaSeconds * 1000, language)}
      </td>
    </tr>
  );
}

interface TaskLanesProps {
  readonly jobId: string;
  readonly task: TaskView;
  readonly shown: Shown;
  /** Why the whole job failed: the page has said it above. */
  readonly said: string | undefined;
}

function TaskLanes({ jobId, task, shown, said }: TaskLanesProps) {
  const { t } = useTranslation();
  const say = useText();
  return (
    <Card
      flush
      title={
        <span className="row">
          {task.name}{" "}
          <span className="soft" style={{ fontWeight: 400 }}>
            {say(task.title)}
          </span>
        </span>
      }
      actions={
        <span className="row small soft">
          {task.reused && t("jobs.reused")}
          {task.attempt > 1 && t("jobs.attempt", { n: task.attempt })}
          {task.startedAt !== null && <Took from={task.startedAt} to={task.endedAt} />}
          <State of={task.status} />
        </span>
      }
    >
      {task.failure !== null && task.failure.message !== said && (
        <div style={{ padding: "0 16px 12px" }}>
          <FailurePanel failure={task.failure} />
        </div>
      )}
      {task.lanes.length > 0 && (
        <div className="t-wrap">
          <table className="t lanes" aria-label={task.name}>
            <thead>
              <tr>
                <th style={{ width: 122 }}>{t("jobs.parties")}</th>
                <th style={{ width: 112 }}>{t("jobs.status")}</th>
                <th>{t("jobs.stage")}</th>
                {shown.rows && (
                  <th className="num" style={{ width: 60 }}>
                    {t("jobs.rows")}
                  </th>
                )}
                {shown.round && (
                  <th className="num" style={{ width: 60 }}>
                    {t("jobs.round")}
                  </th>
                )}
                <th className="num" style={{ width: 76 }}>
                  {t("jobs.sent")}
                </th>
                <th className="num" style={{ width: 76 }}>
                  {t("jobs.received")}
                </th>
                <th className="num" style={{ width: 92 }}>
                  {t("jobs.eta")}
                </th>
              </tr>
            </thead>
            <tbody>
              {task.lanes.map((lane) => (
                <LaneRow key={lane.party} lane={lane} shown={shown} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {task.status === "RUNNING" && <LiveFigures jobId={jobId} task={task.name} />}
    </Card>
  );
}

interface LanesProps extends Pick<TaskLanesProps, "jobId" | "said"> {
  readonly tasks: readonly TaskView[];
}

/** For each task, a live lane for each party. */
export function Lanes({ jobId, tasks, said }: LanesProps) {
  const { t } = useTranslation();
  const started = tasks.filter((task) => task.startedAt !== null || task.failure !== null || task.reused);
  if (started.length === 0)
    return (
      <Card>
        <Empty title={t("jobs.lanesEmpty")} hint={t("jobs.lanesEmptyHint")} />
      </Card>
    );
  // What runs now comes first: it is what people watch.
  const ordered = [...started].sort((a, b) => Number(b.status === "RUNNING") - Number(a.status === "RUNNING"));
  const lanes = started.flatMap((task) => task.lanes);
  const shown = { rows: lanes.some((lane) => lane.rows !== null), round: lanes.some((lane) => lane.round !== null) };
  return (
    <div className="stack">
      {ordered.map((task) => (
        <TaskLanes key={task.name} jobId={jobId} task={task} shown={shown} said={said} />
      ))}
    </div>
  );
}
