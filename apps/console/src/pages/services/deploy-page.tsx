import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { type Model, type RollOutForm, rollOutPlan } from "@tombolo/sdk";
import { Steps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, useForbidden } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { MessageField } from "../../components/fields.tsx";
import { FlowLook } from "../../components/flow-review.tsx";
import { Card, Empty, Notice, Page, Skeleton } from "../../components/page.tsx";
import { useParties } from "../../components/party.tsx";
import { useAct, useRead } from "../../lib/queries.ts";
import { AnswersStep, ModelStep, TablesStep } from "./deploy-steps.tsx";
import {
  complete,
  type Draft,
  emptyDraft,
  type Form,
  formOf,
  givesScores,
  isCatalogue,
  placeOf,
  type Step,
  steps,
} from "./draft.ts";
import { LimitFields } from "./limit-fields.tsx";
import { RollOutStep } from "./roll-out-step.tsx";
import { PlanStrip } from "./roll-outs.tsx";

interface ReviewProps {
  readonly draft: Draft;
  readonly form: Form;
  change(next: Partial<Draft>): void;
}

function Review({ draft, form, change }: ReviewProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const check = useAct("serviceFlow", { inline: true });
  const open = () => void navigate({ to: "/services/$name", params: { name: form.name } });
  const done = {
    refresh: ["listServices", "getService", "listJobs", "listApprovals"],
    said: t("services.submitted"),
    inline: true,
    after: open,
  } as const;
  const create = useAct("createService", done);
  const add = useAct("deployModel", done);
  const { mutate } = check;
  const body = JSON.stringify({ ...form, message: "" });
  useEffect(() => mutate({ body: JSON.parse(body) as Form }), [body, mutate]);
  if (check.error !== null) return <CallFailure error={check.error} />;
  if (check.data === undefined)
    return (
      <Card>
        <p className="soft">{t("services.checking")}</p>
        <Skeleton rows={6} />
      </Card>
    );
  const { name, ...deployment } = form;
  const submit = () =>
    draft.beside === undefined
      ? create.mutate({ body: { ...form, title: draft.title.trim(), limits: draft.limits } })
      : add.mutate({ params: { name }, body: { ...deployment, ...placeOf(draft) } });
  const failure = create.error ?? add.error;
  const { rollOut } = placeOf(draft);
  return (
    <FlowLook check={check.data} beside={rollOut && <PlanAhead plan={rollOut} model={draft.model?.name ?? ""} />}>
      <MessageField value={draft.message} onChange={(message) => change({ message })} />
      <Act
        type="primary"
        block
        needs="services:manage"
        because={check.data.ok ? undefined : t("jobs.mendFirst")}
        loading={create.isPending || add.isPending}
        onClick={submit}
      >
        {t("services.submit")}
      </Act>
      {failure !== null && <CallFailure error={failure} />}
    </FlowLook>
  );
}

/** What will happen by itself once it is up. */
function PlanAhead({ plan, model }: { plan: RollOutForm; model: string }) {
  const { t } = useTranslation();
  return (
    <Card title={t("rollOut.title", { model })}>
      <PlanStrip plan={rollOutPlan.parse(plan)} current={-1} status="process" vertical />
    </Card>
  );
}

interface StepFormProps {
  readonly step: Step;
  readonly draft: Draft;
  readonly models: readonly Model[];
  change(next: Partial<Draft>): void;
}

function StepForm({ step, draft, models, change }: StepFormProps) {
  switch (step) {
    case "model":
      return <ModelStep draft={draft} models={models} change={change} />;
    case "tables":
      return <TablesStep draft={draft} change={change} />;
    case "answers":
      return <AnswersStep draft={draft} models={models} change={change} />;
    case "callers":
      return (
        <LimitFields
          limits={draft.limits}
          scores={givesScores(draft)}
          change={(limits) => change({ limits: { ...draft.limits, ...limits } })}
        />
      );
    case "rollOut":
      return <RollOutStep draft={draft} change={change} />;
    case "review": {
      const form = formOf(draft);
      return form === undefined ? null : <Review draft={draft} form={form} change={change} />;
    }
  }
}

function Wizard({ models, first }: { models: readonly Model[]; first: Draft }) {
  const { t } = useTranslation();
  const [draft, setDraft] = useState(first);
  const [at, setAt] = useState(0);
  // The callers of a service that is there are its own matter already.
  const own = steps.filter((step) => {
    if (step === "tables") return !isCatalogue(draft);
    return step === "callers" ? draft.beside === undefined : step !== "rollOut" || draft.beside !== undefined;
  });
  const step = own[at] ?? "model";
  const missing = own.findIndex((each) => !complete(draft, each));
  const limit = missing === -1 ? own.length - 1 : missing;
  const change = (next: Partial<Draft>) => setDraft((before) => ({ ...before, ...next }));
  const form = <StepForm step={step} draft={draft} models={models} change={change} />;
  return (
    <>
      <Card>
        <Steps
          size="small"
          responsive
          current={at}
          onChange={(next) => next <= limit && setAt(next)}
          items={own.map((each, index) => ({ title: t(`services.steps.${each}`), disabled: index > limit }))}
        />
      </Card>
      <p className="soft">{t(`services.hint.${step}`)}</p>
      {step === "review" ? form : <Card>{form}</Card>}
      <div className="row between">
        <Act disabled={at === 0} onClick={() => setAt(at - 1)}>
          {t("common.back")}
        </Act>
        {step !== "review" && (
          <Act
            type="primary"
            because={complete(draft, step) ? undefined : t("services.missing")}
            onClick={() => setAt(at + 1)}
          >
            {t("common.next")}
          </Act>
        )}
      </div>
    </>
  );
}

export function DeployPage() {
  const { t } = useTranslation();
  const { own } = useParties();
  const forbidden = useForbidden()("services:manage");
  const { model: id, service } = useSearch({ from: "/shell/deploy" });
  const list = useRead("listModels", {});
  return (
    <Page
      title={service === undefined ? t("services.deployTitle") : t("services.deployBeside", { name: service })}
      sub={t("services.deploySub")}
      crumb={<Link to="/services">{t("services.title")}</Link>}
    >
      {forbidden !== undefined && <Notice tone="wait">{forbidden}</Notice>}
      <Loaded of={list}>
        {({ items }) => {
          const models = items.filter(
            ({ supersededBy, step, parties }) =>
              !step && supersededBy === null && parties.some(({ party, role }) => party === own && role === "guest"),
          );
          const model = models.find((each) => each.id === id) ?? models[0];
          return models.length === 0 ? (
            <Card>
              <Empty
                title={t("services.modelNone")}
                hint={t("services.modelNoneHint")}
                action={<Link to="/joint-model">{t("jobs.buildJoint")}</Link>}
              />
            </Card>
          ) : (
            <Wizard models={models} first={{ ...emptyDraft(service), model }} />
          );
        }}
      </Loaded>
    </Page>
  );
}
