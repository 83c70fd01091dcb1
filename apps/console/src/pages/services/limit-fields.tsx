import type { ServiceLimits } from "@tombolo/sdk";
import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { NumberField } from "../../components/fields.tsx";
import { useMay, useRead } from "../../lib/queries.ts";

interface LimitFieldsProps {
  readonly limits: ServiceLimits;
  /** Of a service that gives scores. */
  readonly scores: boolean;
  change(limits: Partial<ServiceLimits>): void;
}

type Figure = "rowsPerDay" | "rowsPerSecond" | "traceDays" | "driftMax";
const BOUNDS: Readonly<Record<Figure, readonly [number, number, number]>> = {
  rowsPerDay: [1, 1_000_000_000, 1000],
  rowsPerSecond: [1, 1_000_000, 100],
  traceDays: [0, 400, 1],
  driftMax: [0.01, 10, 0.05],
};

/** Who may call how much, and what is watched. */
export function LimitFields({ limits, scores, change }: LimitFieldsProps) {
  const { t } = useTranslation();
  const mayListKeys = useMay()("users:manage");
  const keys = useRead("listApiKeys", {}, { enabled: mayListKeys }).data?.items ?? [];
  const named = limits.callers ?? [];
  const options = [...new Set([...keys.map(({ id }) => id), ...named.map(({ keyId }) => keyId)])].map((id) => ({
    value: id,
    label: keys.find((key) => key.id === id)?.name ?? id,
  }));
  const figure = (name: Figure, hint?: string) => (
    <NumberField
      label={t(`services.${name}`)}
      hint={hint}
      min={BOUNDS[name][0]}
      max={BOUNDS[name][1]}
      step={BOUNDS[name][2]}
      fraction={BOUNDS[name][2] < 1}
      value={limits[name]}
      onChange={(value) => change({ [name]: value })}
    />
  );
  return (
    <div className="grid2">
      {figure("rowsPerDay")}
      {figure("rowsPerSecond")}
      {scores && figure("traceDays", t("services.traceDaysHint"))}
      {scores && figure("driftMax", t("services.driftMaxHint"))}
      <Field label={t("services.callerKeys")} hint={t("services.callerKeysHint")}>
        <Select
          mode="tags"
          value={named.map(({ keyId }) => keyId)}
          aria-label={t("services.callerKeys")}
          options={options}
          onChange={(ids: string[]) =>
            change({
              callers:
                ids.length === 0
                  ? null
                  : ids.map((keyId) => named.find((each) => each.keyId === keyId) ?? { keyId, rowsPerDay: null }),
            })
          }
        />
      </Field>
    </div>
  );
}
