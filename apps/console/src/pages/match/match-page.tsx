import { Link } from "@tanstack/react-router";
import { Steps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, useForbidden } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { FlowReview } from "../../components/flow-review.tsx";
import { Card, Notice, Page, Skeleton } from "../../components/page.tsx";
import { useParties } from "../../components/party.tsx";
import { KeyFields, PartnerFields, TableFields } from "../../components/side-forms.tsx";
import { useAct } from "../../lib/queries.ts";
import { ColumnsStep } from "./columns-step.tsx";
import { complete, type Draft, emptyDraft, fits, formOf, type Step, stepsOf } from "./draft.ts";
import { Plan } from "./plan.tsx";
import { KindStep, RulesStep } from "./step-forms.tsx";
import "./match.css";

function Review({ draft, name }: { draft: Draft; name: string }) {
  const { t } = useTranslation();
  const check = useAct("matchFlow", { inline: true });
  const form = formOf(draft, name);
  const { mutate } = check;
  const body = JSON.stringify(form);
  useEffect(() => {
    if (body !== undefined) mutate({ body: JSON.parse(body) as NonNullable<ReturnType<typeof formOf>> });
  }, [body, mutate]);
  if (check.error !== null) return <CallFailure error={check.error} />;
  if (check.data === undefined || form === undefined)
    return (
      <Card>
        <p className="soft">{t("joint.checking")}</p>
        <Skeleton rows={6} />
      </Card>
    );
  return (
    <FlowReview
      check={check.data}
      projectId={form.projectId}
      beside={<Plan plan={check.data.plan} kind={draft.kind} />}
    />
  );
}

interface StepProps {
  readonly step: Step;
  readonly draft: Draft;
  readonly name: string;
  change(next: Partial<Draft>): void;
}

function StepForm({ step, draft, name, change }: StepProps) {
  const { t } = useTranslation();
  switch (step) {
    case "partner":
      return <PartnerFields sides={draft} change={change} label={t("match.partners")} />;
    case "tables":
      return (
        <div className="stack">
          <TableFields
            sides={draft}
            change={change}
            emptyHint={t("match.noneOwnHint")}
            purpose={t("match.title")}
            onOwn={() => change({ sums: [], handed: [] })}
          />
          {draft.own.dataset !== undefined && <KeyFields sides={draft} change={change} />}
        </div>
      );
    case "kind":
      return <KindStep draft={draft} change={change} />;
    case "columns":
      return <ColumnsStep draft={draft} change={change} />;
    case "rules":
      return <RulesStep draft={draft} change={change} name={name} />;
    case "review":
      return <Review draft={draft} name={name} />;
  }
}

const missing = (draft: Draft, step: Step) => {
  if (step === "kind" && !fits(draft.kind, draft)) return "match.twoOnly" as const;
  if (step === "columns" && draft.kind === "label") return "match.missingHanded" as const;
  return step === "columns" ? ("match.missingSums" as const) : ("joint.missing" as const);
};

export function MatchPage() {
  const { t } = useTranslation();
  const { own } = useParties();
  const forbidden = useForbidden()("jobs:submit");
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [step, setStep] = useState<Step>("partner");
  const steps = stepsOf(draft);
  const at = steps.indexOf(step);
  const reachable = steps.findIndex((each) => !complete(draft, each));
  const limit = reachable === -1 ? steps.length - 1 : reachable;
  const parties = [own, ...draft.partners].join(" + ");
  const name = draft.name ?? t(`match.defaultName.${draft.kind}`, { parties });
  const go = (to: number) => setStep(steps[to] ?? "partner");
  const form = (
    <StepForm step={step} draft={draft} change={(next) => setDraft((before) => ({ ...before, ...next }))} name={name} />
  );
  return (
    <Page title={t("match.title")} sub={t("match.sub")} actions={<Link to="/lookup">{t("lookup.fromMatch")}</Link>}>
      {forbidden !== undefined && <Notice tone="wait">{forbidden}</Notice>}
      <Card>
        <Steps
          size="small"
          responsive
          current={at}
          onChange={(next) => next <= limit && go(next)}
          items={steps.map((each, index) => ({ title: t(`match.steps.${each}`), disabled: index > limit }))}
        />
      </Card>
      <p className="soft">{t(`match.hint.${step}`)}</p>
      {step === "review" || step === "columns" ? form : <Card>{form}</Card>}
      <div className="row between">
        <Act disabled={at === 0} onClick={() => go(at - 1)}>
          {t("common.back")}
        </Act>
        {step !== "review" && (
          <Act
            type="primary"
            because={complete(draft, step) ? undefined : t(missing(draft, step))}
            onClick={() => go(at + 1)}
          >
            {t("common.next")}
          </Act>
        )}
      </div>
    </Page>
  );
}
