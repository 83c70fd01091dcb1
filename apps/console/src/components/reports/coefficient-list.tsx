import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { formatMetric } from "../../lib/format.ts";
import { effectsOf, type Fit, placeOf, shownP } from "./coefficients.ts";

type Effect = ReturnType<typeof effectsOf>[number];

const digits = (value: number): string => String(Number(value.toPrecision(4)));

/** To the right where it raises the prediction; with errors a point and the interval of 95 in 100, else a bar. */
function Place({ of: { effect, low, high }, largest }: { of: Effect; largest: number }) {
  if (low === null || high === null) {
    const width = (50 * Math.abs(effect)) / largest;
    return (
      <span className="bar" title={formatMetric(effect)}>
        <i style={{ width: `${width}%`, left: `${effect < 0 ? 50 - width : 50}%` }} />
      </span>
    );
  }
  const [from, to] = [placeOf(low, largest), placeOf(high, largest)];
  return (
    <span className="bar forest" title={`${formatMetric(effect)} (${formatMetric(low)} … ${formatMetric(high)})`}>
      <i style={{ width: `${to - from}%`, left: `${from}%` }} />
      <b style={{ left: `${placeOf(effect, largest)}%` }} />
    </span>
  );
}

function Row({ of: row, largest }: { of: Effect; largest: number }) {
  const { name, coefficient, estimate } = row;
  return (
    <li>
      <code className="clip" title={name}>
        {name}
      </code>
      <Place of={row} largest={largest} />
      <span className="num">{digits(coefficient)}</span>
      {estimate !== null && (
        <>
          <span className="num">{digits(estimate.error)}</span>
          <span className="num">{estimate.statistic.toFixed(2)}</span>
          <span className="num">{shownP(estimate.p)}</span>
        </>
      )}
    </li>
  );
}

/** Of several classes one at a time. */
function ClassChoice({ fit, place, choose }: { fit: Fit; place: number; choose: (place: number) => void }) {
  const { t } = useTranslation();
  const { count, names, intercepts } = fit.classes ?? { count: 0, names: null, intercepts: null };
  const intercept = intercepts?.[place];
  return (
    <div className="row wrap" style={{ marginBottom: 8 }}>
      <Select
        value={place}
        aria-label={t("reports.class")}
        style={{ minWidth: 180 }}
        onChange={choose}
        options={Array.from({ length: count }, (_, value) => ({
          value,
          label: names?.[value] ?? t("reports.classNumber", { number: value + 1 }),
        }))}
      />
      {intercept !== undefined && (
        <span className="soft">
          {t("reports.intercept")} <span className="num">{digits(intercept)}</span>
        </span>
      )}
    </div>
  );
}

/** Own coefficients by effect, with their errors where these were asked for. */
export function CoefficientList({ fit }: { fit: Fit }) {
  const { t } = useTranslation();
  const [place, setPlace] = useState(0);
  const effects = effectsOf(fit, fit.classes === null ? null : place);
  const sizes = effects.flatMap(({ effect, low, high }) => [effect, low ?? 0, high ?? 0]);
  const largest = Math.max(Number.MIN_VALUE, ...sizes.map(Math.abs));
  const known = effects.some(({ estimate }) => estimate !== null);
  const lacking = fit.inference?.asked === true && !known;
  return (
    <div>
      {fit.classes !== null && <ClassChoice fit={fit} place={place} choose={setPlace} />}
      <ul className={known ? "coefficients known" : "coefficients"}>
        <li className="muted">
          <span>{t("reports.column")}</span>
          <span>{t("reports.effect")}</span>
          <span className="num">{t("reports.coefficient")}</span>
          {known && (
            <>
              <span className="num">{t("reports.error")}</span>
              <span className="num">{fit.inference?.degrees == null ? "z" : "t"}</span>
              <span className="num">{t("reports.pValue")}</span>
            </>
          )}
        </li>
        {effects.map((row) => (
          <Row key={row.name} of={row} largest={largest} />
        ))}
      </ul>
      <p className="muted">
        {t(fit.classes === null ? "reports.effectHint" : "reports.classEffectHint")}{" "}
        {known && t("reports.intervalHint")} {lacking && t("reports.noErrors")}
      </p>
    </div>
  );
}
