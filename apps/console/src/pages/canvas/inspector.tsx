import { FOLDS, isTraining } from "@tombolo/scheduler";
import type { TaskView } from "@tombolo/sdk";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { FailurePanel } from "../../components/failure.tsx";
import { Icon } from "../../components/icon.tsx";
import { Empty, Notice, Tabs } from "../../components/page.tsx";
import { useText } from "../../i18n/i18n.ts";
import { Lanes } from "../jobs/lanes.tsx";
import { Results } from "../jobs/results.tsx";
import { useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";
import { sameTask } from "./changed.ts";
import { FlowForm } from "./flow-form.tsx";
import { StepForm } from "./step-form.tsx";

type Tab = "form" | "result";

function Many({ count }: { readonly count: number }) {
  const { t } = useTranslation();
  const { chosen } = useCanvas();
  const { remove, duplicate } = useActs();
  return (
    <div className="stack">
      <p>{t("canvas.chosenMany", { count })}</p>
      <div className="row wrap">
        <Button icon={<Icon name="copy" />} onClick={duplicate}>
          {t("canvas.duplicate")}
        </Button>
        <Button danger icon={<Icon name="cross" />} onClick={() => remove(chosen)}>
          {t("canvas.remove")}
        </Button>
      </div>
    </div>
  );
}

/** How a step goes, went, or what it left. */
function StepResult({ run }: { readonly run: TaskView }) {
  const { t } = useTranslation();
  const { job, draft, resolved } = useCanvas();
  if (job === undefined) return null;
  const same = resolved === undefined || sameTask(resolved.tasks[run.name], job.flow, run.name);
  return (
    <div className="stack">
      {!same && draft.flow.tasks[run.name] !== undefined && (
        <Notice tone="wait" title={t("canvas.changed")}>
          {t("canvas.changedHint")}
        </Notice>
      )}
      {run.failure !== null && run.status === "FAILED" && <FailurePanel failure={run.failure} />}
      {run.status === "SUCCESS" ? (
        <Results job={job} task={run.name} />
      ) : run.startedAt === null ? (
        <Empty title={t("canvas.resultNone")} hint={t("canvas.resultNoneHint")} />
      ) : (
        <Lanes jobId={job.id} tasks={[run]} said={run.failure?.message} />
      )}
    </div>
  );
}

/** A part of the flow alone: to this step, or from it on with what the last job left before it. */
function StepActs({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const { ask, draft, job, projectId } = useCanvas();
  const { duplicate, remove, crossValidate } = useActs();
  const noProject = projectId === undefined ? t("canvas.noProject") : undefined;
  const done = job?.tasks.some(({ status }) => status === "SUCCESS") === true;
  return (
    <footer className="inspector-acts">
      <Act needs="jobs:submit" because={noProject} onClick={() => ask({ to: name })}>
        {t("canvas.runTo")}
      </Act>
      <Act
        needs="jobs:submit"
        because={noProject ?? (done ? undefined : t("canvas.runFromNot"))}
        onClick={() => ask({ from: name })}
      >
        {t("canvas.runFrom")}
      </Act>
      {isTraining(draft.flow, name) && (
        <Button title={t("canvas.crossValidateHint", { count: FOLDS })} onClick={() => void crossValidate(name)}>
          {t("canvas.crossValidate")}
        </Button>
      )}
      <span className="grow" />
      <Button
        type="text"
        aria-label={t("canvas.duplicate")}
        title={t("canvas.duplicate")}
        icon={<Icon name="copy" />}
        onClick={duplicate}
      />
      <Button
        type="text"
        danger
        aria-label={t("canvas.remove")}
        title={t("canvas.remove")}
        icon={<Icon name="cross" />}
        onClick={() => remove(new Set([name]))}
      />
    </footer>
  );
}

function Step({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const say = useText();
  const { draft, components, job, choose } = useCanvas();
  const run = job?.tasks.find((each) => each.name === name);
  const [tab, setTab] = useState<Tab>("form");
  const state = run?.status;
  // What a step has come to is what people click it for.
  useEffect(() => {
    if (state !== undefined && state !== "PENDING" && state !== "SKIPPED") setTab("result");
    if (state === undefined) setTab("form");
  }, [state]);
  const component = components.get(draft.flow.tasks[name]?.component ?? "");
  return (
    <>
      <header>
        <div className="grow">
          <h2 className="clip">{component === undefined ? name : say(component.title)}</h2>
          <code className="small muted">{name}</code>
        </div>
        <Button
          type="text"
          size="small"
          aria-label={t("canvas.close")}
          icon={<Icon name="cross" />}
          onClick={() => choose([])}
        />
      </header>
      {run !== undefined && (
        <Tabs
          label={name}
          active={tab}
          onChange={setTab}
          tabs={[
            { key: "form", title: t("canvas.tab.form") },
            { key: "result", title: t("canvas.tab.result") },
          ]}
        />
      )}
      <div className="inspector-body">
        {run !== undefined && tab === "result" ? <StepResult run={run} /> : <StepForm key={name} name={name} />}
      </div>
      <StepActs name={name} />
    </>
  );
}

/** What belongs to what is chosen: the flow when nothing is. */
export function Inspector() {
  const { t } = useTranslation();
  const { chosen, job } = useCanvas();
  const [only] = chosen.size === 1 ? chosen : [];
  const wide = only !== undefined && job?.tasks.some(({ name, status }) => name === only && status === "SUCCESS");
  return (
    <section className={wide === true ? "inspector wide-open" : "inspector"} aria-label={only ?? t("canvas.flow")}>
      {only !== undefined ? (
        <Step key={only} name={only} />
      ) : (
        <>
          <header>
            <h2>{t("canvas.flow")}</h2>
          </header>
          <div className="inspector-body">{chosen.size > 1 ? <Many count={chosen.size} /> : <FlowForm />}</div>
        </>
      )}
    </section>
  );
}
