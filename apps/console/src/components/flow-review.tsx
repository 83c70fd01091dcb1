import { useNavigate } from "@tanstack/react-router";
import type { FlowCheck } from "@tombolo/sdk";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useText } from "../i18n/i18n.ts";
import { useAct } from "../lib/queries.ts";
import { Act } from "./act.tsx";
import { Disclosure } from "./disclosure.tsx";
import { CallFailure, Problems } from "./failure.tsx";
import { MessageField } from "./fields.tsx";
import { Card, Notice } from "./page.tsx";
import { Party } from "./party.tsx";
import { flowName, ScheduleButton } from "./schedule-modal.tsx";
import { Yaml } from "./yaml.tsx";

function WaitsFor({ check }: { check: FlowCheck }) {
  const { t } = useTranslation();
  const say = useText();
  return (
    <Card title={t("jobs.waitsFor")}>
      {check.waitsFor.length === 0 ? (
        <p className="soft">{t("jobs.waitsForNobody")}</p>
      ) : (
        <ul className="stack tight">
          {check.waitsFor.map((each) => (
            <li key={each.party}>
              <Party id={each.party} /> <div className="soft small">{say(each.why)}</div>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

interface FlowLookProps {
  readonly check: FlowCheck;
  /** What this kind of flow has to say besides: first on the right. */
  readonly beside?: ReactNode;
  /** What comes of it: below, on the right. */
  readonly children: ReactNode;
}

/** The last look before a flow is asked for: problems, who learns what, whom it waits for, the text itself. */
export function FlowLook({ check, beside, children }: FlowLookProps) {
  const { t } = useTranslation();
  return (
    <div className="aside">
      <div className="stack">
        {check.problems.length > 0 ? (
          <Problems problems={check.problems} />
        ) : (
          <Notice tone="ok" title={t("jobs.checkOk")} />
        )}
        <h2 style={{ fontSize: 14 }}>{t("jobs.disclosure")}</h2>
        {check.problems.length > 0 && check.disclosure.length === 0 ? (
          <p className="soft">{t("jobs.disclosureLater")}</p>
        ) : (
          <Disclosure items={check.disclosure} />
        )}
        <h2 style={{ fontSize: 14 }}>{t("jobs.flow")}</h2>
        <Yaml text={check.flowYaml} />
      </div>
      <div className="stack">
        {beside}
        <WaitsFor check={check} />
        <Card>
          <div className="stack">{children}</div>
        </Card>
      </div>
    </div>
  );
}

interface FlowReviewProps extends Omit<FlowLookProps, "children"> {
  readonly projectId: string;
}

/** And to submit it as a job. */
export function FlowReview({ check, projectId, beside }: FlowReviewProps) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [message, setMessage] = useState("");
  const submit = useAct("submitJob", {
    refresh: ["listJobs", "listApprovals"],
    said: t("jobs.submitted"),
    inline: true,
    after: (job) => void navigate({ to: "/jobs/$id", params: { id: job.id } }),
  });
  return (
    <FlowLook check={check} beside={beside}>
      <MessageField value={message} onChange={setMessage} />
      <Act
        type="primary"
        block
        needs="jobs:submit"
        because={check.ok ? undefined : t("jobs.mendFirst")}
        loading={submit.isPending}
        onClick={() => submit.mutate({ body: { projectId, flow: check.flowYaml, message } })}
      >
        {t("jobs.submit")}
      </Act>
      {check.ok && <ScheduleButton block flow={check.flowYaml} projectId={projectId} name={flowName(check.flow)} />}
      {submit.error !== null && <CallFailure error={submit.error} />}
    </FlowLook>
  );
}
