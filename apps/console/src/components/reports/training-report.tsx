import { useTranslation } from "react-i18next";
import { z } from "zod";
import { Card } from "../page.tsx";
import { Chart, type Line } from "./chart.tsx";

/** One evaluation per tree; a part that was not kept aside has none. */
const part = z
  .union([z.number(), z.looseObject({ loss: z.number(), auc: z.number().nullable().optional() })])
  .nullish();
const entry = z.looseObject({
  train: part,
  training: part,
  validation: part,
  trainLoss: part,
  validationLoss: part,
  loss: part,
  seconds: z.number().nullish(),
});
const entries = z.array(entry).min(1);
export const training = z.union([
  entries,
  z.looseObject({ evaluations: entries }).transform((value) => value.evaluations),
  z.looseObject({ history: entries }).transform((value) => value.history),
  z.looseObject({ rounds: entries }).transform((value) => value.rounds),
  z.looseObject({ trees: entries }).transform((value) => value.trees),
]);
export type Training = z.infer<typeof training>;

type Part = z.infer<typeof part>;
const lossOf = (value: Part): number | undefined => (typeof value === "number" ? value : (value?.loss ?? undefined));
const aucOf = (value: Part): number | undefined =>
  typeof value === "object" && value !== null ? (value.auc ?? undefined) : undefined;

const line = (name: string, colour: string, values: readonly (number | undefined)[]): Line[] => {
  const points = values.flatMap((value, index) => (value === undefined ? [] : [[index + 1, value] as const]));
  return points.length === 0 ? [] : [{ name, colour, points }];
};

export function TrainingReport({ title, task, report }: { title: string; task: string; report: Training }) {
  const { t } = useTranslation();
  const trainOf = (each: Training[number]): Part => each.train ?? each.training ?? each.trainLoss ?? each.loss;
  const validationOf = (each: Training[number]): Part => each.validation ?? each.validationLoss;
  const curves = (of: (value: Part) => number | undefined): Line[] => [
    ...line(
      t("reports.train"),
      "--accent",
      report.map((each) => of(trainOf(each))),
    ),
    ...line(
      t("reports.validation"),
      "--party-2",
      report.map((each) => of(validationOf(each))),
    ),
  ];
  const seconds = line(
    t("reports.seconds"),
    "--ink-3",
    report.map((each) => each.seconds ?? undefined),
  );
  const [loss, auc] = [curves(lossOf), curves(aucOf)];
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="charts">
        {loss.length > 0 && <Chart title={t("reports.loss")} x={t("reports.round")} y="" free lines={loss} />}
        {auc.length > 0 && <Chart title={t("reports.auc")} x={t("reports.round")} y="" free lines={auc} />}
        {seconds.length > 0 && (
          <Chart
            title={t("reports.seconds")}
            x={t("reports.round")}
            y=""
            lines={seconds.map((each) => ({ ...each, type: "bar" as const }))}
          />
        )}
      </div>
    </Card>
  );
}
