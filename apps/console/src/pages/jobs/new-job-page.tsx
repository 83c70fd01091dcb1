import { Link } from "@tanstack/react-router";
import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { FlowReview } from "../../components/flow-review.tsx";
import { Card, Page } from "../../components/page.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { useAct } from "../../lib/queries.ts";

export function NewJobPage() {
  const { t } = useTranslation();
  const [projectId, setProjectId] = useState<string | undefined>();
  const [flow, setFlow] = useState("");
  const check = useAct("checkFlow", { inline: true });
  return (
    <Page title={t("jobs.newTitle")} sub={t("jobs.newSub")} crumb={<Link to="/jobs">{t("jobs.title")}</Link>}>
      <Card>
        <div className="stack">
          <ProjectSelect value={projectId} onChange={setProjectId} />
          <Field label={t("jobs.flowText")}>
            <Input.TextArea
              className="mono"
              rows={16}
              maxLength={200_000}
              spellCheck={false}
              value={flow}
              onChange={(event) => {
                setFlow(event.target.value);
                check.reset();
              }}
            />
          </Field>
          <div>
            <Act
              type="primary"
              needs="jobs:submit"
              disabled={projectId === undefined || flow.trim() === ""}
              loading={check.isPending}
              onClick={() => projectId !== undefined && check.mutate({ body: { projectId, flow } })}
            >
              {t("jobs.check")}
            </Act>
          </div>
          {check.error !== null && <CallFailure error={check.error} />}
        </div>
      </Card>
      {check.data !== undefined && projectId !== undefined && <FlowReview check={check.data} projectId={projectId} />}
    </Page>
  );
}
