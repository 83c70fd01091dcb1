import type { Job } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Empty } from "../../components/page.tsx";
import { ServedNotes } from "../../components/reports/columns-report.tsx";
import { StabilityIndex } from "../../components/stability-index.tsx";
import { Table } from "../../components/table.tsx";
import { Num } from "../../components/values.tsx";
import { useRead } from "../../lib/queries.ts";

const REFRESH_MS = 30_000;
/** From here on a change counts, by custom. */
const LIMIT = 0.25;

/** An own table answers here, and its owner sees which of its rows are asked about. */
export const servesOwnRows = (job: Job, own: string): boolean =>
  job.status === "RUNNING" &&
  job.parties.some(({ party, role }) => party === own && role === "host") &&
  job.tasks.some(({ component }) => ["boosting-serve", "regression-serve"].includes(component));

/** For the owner of a table that answers: nobody else sees these figures. */
export function ServedRows({ job }: { job: Job }) {
  const { t } = useTranslation();
  const served = useRead("servedInputs", { params: { id: job.id } }, { everyMs: REFRESH_MS });
  const inputs = served.data?.inputs ?? [];
  const notes = served.data?.notes ?? [];
  return (
    <>
      <Card title={t("jobs.served")} hint={t("jobs.servedHint")} flush>
        {inputs.length === 0 ? (
          <Empty title={t("jobs.servedNone")} hint={t("jobs.servedNoneHint")} />
        ) : (
          <Table
            label={t("jobs.served")}
            rows={inputs}
            keyOf={({ column }) => column}
            columns={[
              { key: "column", title: t("jobs.servedColumn"), cell: ({ column }) => <code>{column}</code> },
              { key: "rows", title: t("jobs.servedRows"), num: true, cell: ({ rows }) => <Num of={rows} /> },
              {
                key: "index",
                title: t("services.index"),
                cell: ({ index }) => <StabilityIndex index={index} limit={LIMIT} />,
              },
            ]}
          />
        )}
      </Card>
      {notes.length > 0 && (
        <Card title={t("services.notes")} hint={t("jobs.servedNotesHint")}>
          <ServedNotes notes={notes} />
        </Card>
      )}
    </>
  );
}
