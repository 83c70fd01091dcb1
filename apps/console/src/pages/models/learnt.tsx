import { Link } from "@tanstack/react-router";
import type { Job, MeterRow, ModelDetail } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Disclosure } from "../../components/disclosure.tsx";
import { Loaded } from "../../components/failure.tsx";
import { Card } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { Table } from "../../components/table.tsx";
import { Hash } from "../../components/values.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { formatBytes, formatNumber } from "../../lib/format.ts";
import { useRead } from "../../lib/queries.ts";

/** What crossed this party's border on the way to the model, largest first. */
function Crossed({ rows }: { rows: readonly MeterRow[] }) {
  const { t } = useTranslation();
  const say = useText();
  const language = useLanguage();
  if (rows.length === 0) return null;
  return (
    <Card title={t("models.crossed")} hint={t("models.crossedHint")} flush>
      <Table
        label={t("models.crossed")}
        rows={[...rows].sort((a, b) => b.bytes - a.bytes)}
        keyOf={(row) => `${row.task} ${row.partner} ${row.direction} ${row.name}`}
        columns={[
          {
            key: "partner",
            title: t("models.crossedWith"),
            cell: (row) => (
              <span className="row nowrap">
                <span className="small muted">{t(`jobs.direction.${row.direction}`)}</span>
                <Party id={row.partner} bare />
              </span>
            ),
          },
          { key: "means", title: t("jobs.means"), cell: (row) => say(row.means) },
          { key: "name", title: t("jobs.messageName"), cell: (row) => <code>{row.name}</code> },
          { key: "count", title: t("jobs.messages"), num: true, cell: (row) => formatNumber(row.messages, language) },
          { key: "bytes", title: t("jobs.bytes"), num: true, cell: (row) => formatBytes(row.bytes) },
        ]}
      />
    </Card>
  );
}

function Of({ job, tasks }: { job: Job; tasks: readonly string[] }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <Card title={t("models.learntTitle")} hint={t("models.learntHint")}>
        <span className="row wrap">
          <span className="muted">{t("jobs.consentHash")}</span> <Hash value={job.consentHash} />
          <Link to="/jobs/$id" params={{ id: job.id }}>
            {job.name}
          </Link>
        </span>
      </Card>
      <Disclosure past items={job.disclosure.filter(({ task }) => tasks.includes(task))} />
      <Crossed rows={job.meter.filter(({ task }) => tasks.includes(task))} />
    </div>
  );
}

/** What each party came to know when the model was made, as all consented to it, and what it was told with. */
export function Learnt({ model }: { model: ModelDetail }) {
  const job = useRead("getJob", { params: { id: model.jobId } });
  const tasks = model.lineage.pipeline.map(({ task }) => task);
  return (
    <Loaded of={job} rows={8}>
      {(data) => <Of job={data} tasks={tasks} />}
    </Loaded>
  );
}
