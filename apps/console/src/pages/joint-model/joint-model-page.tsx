import { Steps } from "antd";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, useForbidden } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { FlowReview } from "../../components/flow-review.tsx";
import { Card, Notice, Page, Skeleton } from "../../components/page.tsx";
import { useParties } from "../../components/party.tsx";
import { ColumnFields, KeyFields, PartnerFields, TableFields } from "../../components/side-forms.tsx";
import { useAct } from "../../lib/queries.ts";
import { complete, type Draft, emptyDraft, formOf, labelOf, type Step, steps } from "./draft.ts";
import { LabelStep, ParametersStep } from "./step-forms.tsx";

function Review({ draft, name }: { draft: Draft; name: string }) {
  const { t } = useTranslation();
  const check = useAct("jointModelFlow", { inline: true });
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
  return <FlowReview check={check.data} projectId={form.projectId} />;
}

function StepForm({
  step,
  draft,
  change,
  name,
}: {
  step: Step;
  draft: Draft;
  change(next: Partial<Draft>): void;
  name: string;
}) {
  const { t } = useTranslation();
  switch (step) {
    case "partner":
      return <PartnerFields sides={draft} change={change} label={t("joint.partners")} />;
    case "datasets":
      return (
        <TableFields
          sides={draft}
          change={change}
          emptyHint={t("joint.noneOwnHint")}
          purpose={t("joint.title")}
          onOwn={(dataset) => change({ label: labelOf(dataset), objective: undefined })}
        />
      );
    case "keys":
      return <KeyFields sides={draft} change={change} />;
    case "label":
      return <LabelStep draft={draft} change={change} />;
    case "columns":
      return <ColumnFields sides={draft} change={change} except={draft.label} />;
    case "parameters":
      return <ParametersStep draft={draft} change={change} name={name} />;
    case "review":
      return <Review draft={draft} name={name} />;
  }
}

export function JointModelPage() {
  const { t } = useTranslation();
  const { own } = useParties();
  const forbidden = useForbidden()("jobs:submit");
  const [draft, setDraft] = useState<Draft>(emptyDraft);
  const [at, setAt] = useState(0);
  const step = steps[at] ?? "partner";
  const reachable = steps.findIndex((each) => !complete(draft, each));
  const limit = reachable === -1 ? steps.length - 1 : reachable;
  const name = draft.name ?? t("joint.defaultName", { parties: [own, ...draft.partners].join(" + ") });
  const form = (
    <StepForm step={step} draft={draft} change={(next) => setDraft((before) => ({ ...before, ...next }))} name={name} />
  );
  return (
    <Page title={t("joint.title")} sub={t("joint.sub")}>
      {forbidden !== undefined && <Notice tone="wait">{forbidden}</Notice>}
      <Card>
        <Steps
          size="small"
          responsive
          current={at}
          onChange={(next) => next <= limit && setAt(next)}
          items={steps.map((each, index) => ({ title: t(`joint.steps.${each}`), disabled: index > limit }))}
        />
      </Card>
      <p className="soft">{t(`joint.hint.${step}`)}</p>
      {step === "review" || step === "columns" ? form : <Card>{form}</Card>}
      <div className="row between">
        <Act disabled={at === 0} onClick={() => setAt(at - 1)}>
          {t("common.back")}
        </Act>
        {step !== "review" && (
          <Act
            type="primary"
            because={complete(draft, step) ? undefined : t("joint.missing")}
            onClick={() => setAt(at + 1)}
          >
            {t("common.next")}
          </Act>
        )}
      </div>
    </Page>
  );
}
