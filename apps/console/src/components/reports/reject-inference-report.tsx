import { useTranslation } from "react-i18next";
import { useLanguage } from "../../i18n/i18n.ts";
import { DASH, formatBand, formatMetric, formatNumber, formatPercent } from "../../lib/format.ts";
import { Card, Metric } from "../page.tsx";
import { type Column, Table } from "../table.tsx";
import { Chart } from "./chart.tsx";
import { type Band, bandRates, distributionOf, type RejectInference, rateLines, ratesOf } from "./reject-inference.ts";

const COLOURS = { accepted: "--accent", rejected: "--wait" } as const;

function Charts({ report }: { report: RejectInference }) {
  const { t } = useTranslation();
  const names = { accepted: t("rejects.accepted"), rejected: t("rejects.rejected") };
  const linesOf = (points: ReturnType<typeof rateLines>, area: boolean) =>
    (["accepted", "rejected"] as const).flatMap((kind) =>
      points[kind].length === 0
        ? []
        : [{ name: names[kind], points: points[kind], colour: COLOURS[kind], ...(area ? { area } : {}) }],
    );
  const language = useLanguage();
  const { distribution, bands } = report;
  return (
    <div className="grid2">
      <Chart
        title={t("rejects.distribution")}
        x={t("rejects.score")}
        y={t("rejects.share")}
        xMin={distribution[0]?.from ?? 0}
        xMax={distribution.at(-1)?.to ?? 1}
        lines={linesOf(distributionOf(report), true)}
      />
      <Chart
        title={t("rejects.rates")}
        x={t("rejects.band")}
        y={t("rejects.rate")}
        names={bands.map((band) => formatBand(band, language))}
        lines={linesOf(rateLines(bands), false)}
      />
    </div>
  );
}

function BandTable({ bands }: { bands: readonly Band[] }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const percent = (value: number | null): string => (value === null ? DASH : formatPercent(value, language));
  const number = (key: "accepted" | "rejected", title: string): Column<Band> => ({
    key,
    title,
    num: true,
    cell: (band) => formatNumber(band[key], language),
  });
  const isWeighed = bands.some(({ weight }) => weight !== null);
  return (
    <Table
      label={t("rejects.bands")}
      rows={bands}
      keyOf={({ from, to }) => `${from} ${to}`}
      columns={[
        {
          key: "band",
          title: t("rejects.band"),
          cell: (band) => formatBand(band, language),
        },
        number("accepted", t("rejects.accepted")),
        { key: "rate", title: t("rejects.rateAccepted"), num: true, cell: (band) => percent(bandRates(band).accepted) },
        number("rejected", t("rejects.rejected")),
        isWeighed
          ? {
              key: "weight",
              title: t("rejects.weight"),
              num: true,
              cell: ({ weight }) => (weight === null ? DASH : formatMetric(weight)),
            }
          : {
              key: "inferred",
              title: t("rejects.rateInferred"),
              num: true,
              cell: (band) => percent(bandRates(band).rejected),
            },
      ]}
    />
  );
}

export function RejectInferenceReport({
  title,
  task,
  report,
}: {
  title: string;
  task: string;
  report: RejectInference;
}) {
  const { t } = useTranslation();
  const language = useLanguage();
  const { accepted, rejected, factor, cutoff, method, bands } = report;
  const rates = ratesOf(report);
  return (
    <Card title={title} hint={`${t("reports.own", { task })} · ${t("rejects.hint")}`}>
      <div className="stack">
        <div className="metrics">
          <Metric
            label={t("rejects.method")}
            value={t(`rejects.methodOf.${method}`)}
            {...(factor === null ? {} : { sub: t("rejects.factor", { factor: formatNumber(factor, language) }) })}
            {...(cutoff === null ? {} : { sub: t("rejects.cutoff", { cutoff: formatNumber(cutoff, language) }) })}
          />
          <Metric
            label={t("rejects.accepted")}
            value={formatNumber(accepted.rows, language)}
            sub={t("rejects.ratedAt", { rate: formatPercent(rates.accepted, language) })}
          />
          <Metric
            label={t("rejects.rejected")}
            value={formatNumber(rejected.rows, language)}
            sub={
              rates.rejected === null
                ? t("rejects.unlabelled")
                : t("rejects.inferredAt", { rate: formatPercent(rates.rejected, language) })
            }
          />
          {rates.all !== null && <Metric label={t("rejects.all")} value={formatPercent(rates.all, language)} />}
        </div>
        {bands.length > 0 && (
          <>
            <Charts report={report} />
            <BandTable bands={bands} />
          </>
        )}
      </div>
    </Card>
  );
}
