import type { Service } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Empty } from "../../components/page.tsx";
import { ServedNotes } from "../../components/reports/columns-report.tsx";
import { StabilityIndex } from "../../components/stability-index.tsx";
import { Table } from "../../components/table.tsx";
import { Num, Time } from "../../components/values.tsx";
import { formatMetric } from "../../lib/format.ts";
import { championOf } from "./service-state.tsx";

interface Row {
  readonly what: string;
  readonly against: string;
  readonly rows: number;
  readonly index: number | null;
}

function Alerts({ service }: { service: Service }) {
  const { t } = useTranslation();
  if (service.alerts.length === 0)
    return <Empty title={t("services.alertsNone")} hint={t("services.alertsNoneHint")} />;
  return (
    <Table
      label={t("services.alerts")}
      rows={service.alerts}
      keyOf={({ id }) => id}
      columns={[
        {
          key: "what",
          title: t("services.what"),
          cell: ({ about }) => (about === "scores" ? t("services.aboutScores") : <code>{about}</code>),
        },
        { key: "index", title: t("services.index"), num: true, cell: ({ index }) => formatMetric(index) },
        { key: "since", title: t("services.since"), cell: ({ at }) => <Time at={at} /> },
        { key: "until", title: t("services.ended"), cell: ({ endedAt }) => <Time at={endedAt} /> },
      ]}
    />
  );
}

export function Stability({ service }: { service: Service }) {
  const { t } = useTranslation();
  const champion = championOf(service);
  if (champion === undefined) return null;
  const { scores, inputs } = champion;
  const rows: Row[] = [
    { ...scores, what: t("services.aboutScores"), against: t(`services.referenceOf.${scores.reference ?? "none"}`) },
    ...inputs.map(({ column, ...each }) => ({ ...each, what: column, against: t("services.referenceOf.first-rows") })),
  ];
  return (
    <div className="stack">
      <p className="soft">{t("services.stabilityHint")}</p>
      <Card flush>
        <Table
          label={t("services.tab.stability")}
          rows={rows}
          keyOf={({ what }) => what}
          columns={[
            { key: "what", title: t("services.what"), cell: ({ what }) => what },
            { key: "against", title: t("services.against"), cell: ({ against }) => against },
            { key: "rows", title: t("services.rows"), num: true, cell: (row) => <Num of={row.rows} /> },
            {
              key: "index",
              title: t("services.index"),
              cell: ({ index }) => <StabilityIndex index={index} limit={service.limits.driftMax} />,
            },
          ]}
        />
      </Card>
      {champion.notes.length > 0 && (
        <Card title={t("services.notes")} hint={t("services.notesHint")}>
          <ServedNotes notes={champion.notes} />
        </Card>
      )}
      <Card title={t("services.alerts")} flush>
        <Alerts service={service} />
      </Card>
    </div>
  );
}
