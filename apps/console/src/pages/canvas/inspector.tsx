import type { TaskView } from "@tombolo/sdk";
import { Button } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
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
