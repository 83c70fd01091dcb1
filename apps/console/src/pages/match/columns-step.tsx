import { InputNumber } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { GrantState } from "../../components/partner-datasets.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { ColumnCard, offeredOf } from "../../components/side-forms.tsx";
import { hostOf } from "../../lib/sides.ts";
import { type Handed, handedOf, type Summed, summable, summedOf } from "./draft.ts";
import type { StepProps } from "./step-forms.tsx";

export function ColumnsStep(props: StepProps) {
  const { t } = useTranslation();
  const { own: me } = useParties();
  const { draft, change } = props;
  if (draft.kind === "sum") return <SumStep {...props} />;
  const kept = (
    <ColumnCard
      title={
        <span className="row">
          {t("match.keptOf")} <Party id={me} />
        </span>
      }
      offered={offeredOf(draft.own)}
      chosen={draft.own.columns}
      onChange={(columns) => change({ own: { ...draft.own, columns } })}
    />
  );
  if (draft.kind !== "label") return kept;
  return (
    <div className="stack">
      <HandedFields {...props} />
      {kept}
    </div>
  );
}

function HandedFields({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const [party = ""] = draft.partners;
  const side = hostOf(draft, party);
  const offered = offeredOf(side);
  const set = (column: string, bytes: number) =>
    change({ handed: draft.handed.map((each) => (each.column === column ? { ...each, bytes } : each)) });
  const texts = draft.handed.filter(({ kind }) => kind === "text");
  const chosen = (names: readonly string[]): Handed[] =>
    offered
      .filter(({ name }) => names.includes(name))
      .map((column) => draft.handed.find((each) => each.column === column.name) ?? handedOf(column));
  return (
    <>
      <p className="small soft">{t("match.handedGrant")}</p>
      <ColumnCard
        title={
          <span className="row">
            {t("match.handedOf")} <Party id={party} />
          </span>
        }
        offered={offered}
        chosen={draft.handed.map(({ column }) => column)}
        onChange={(names) => change({ handed: chosen(names) })}
      />
      {side.dataset !== undefined && draft.handed.length > 0 && (
        <GrantState
          dataset={side.dataset}
          projectId={draft.projectId}
          purpose={t("match.title")}
          listed={[...side.keys, ...draft.handed.map(({ column }) => column)]}
        />
      )}
      {texts.length > 0 && (
        <Card title={t("match.textBytes")} hint={t("match.textBytesHint")}>
          <div className="grid3">
            {texts.map(({ column, bytes }) => (
              <Field key={column} label={<code>{column}</code>}>
                <InputNumber
                  style={{ width: "100%" }}
                  min={1}
                  max={1024}
                  precision={0}
                  value={bytes}
                  aria-label={column}
                  onChange={(value) => value !== null && set(column, value)}
                />
              </Field>
            ))}
          </div>
        </Card>
      )}
    </>
  );
}

function SumStep({ draft, change }: StepProps) {
  const { t } = useTranslation();
  const [party = ""] = draft.partners;
  const numbers = offeredOf(hostOf(draft, party)).filter(({ type }) => type === "number" || type === "integer");
  if (numbers.length === 0)
    return (
      <Card>
        <Empty title={t("match.noNumbers", { party })} hint={t("match.noNumbersHint")} />
      </Card>
    );
  const set = (column: string, next: Partial<Summed>) =>
    change({ sums: draft.sums.map((each) => (each.column === column ? { ...each, ...next } : each)) });
  return (
    <div className="stack">
      <ColumnCard
        title={
          <span className="row">
            {t("match.sumOf")} <Party id={party} />
          </span>
        }
        offered={numbers}
        chosen={draft.sums.map(({ column }) => column)}
        onChange={(names) =>
          change({
            sums: numbers
              .filter(({ name }) => names.includes(name))
              .map((column) => draft.sums.find((each) => each.column === column.name) ?? summedOf(column)),
          })
        }
      />
      {draft.sums.length > 0 && (
        <Card title={t("match.bounds")} hint={t("match.boundsHint")}>
          <div className="stack tight">
            {draft.sums.map((sum) => (
              <Bounds key={sum.column} sum={sum} set={(next) => set(sum.column, next)} />
            ))}
          </div>
        </Card>
      )}
    </div>
  );
}

function Bounds({ sum, set }: { sum: Summed; set(next: Partial<Summed>): void }) {
  const { t } = useTranslation();
  const number = (key: "lower" | "upper" | "decimals", min: number, max: number) => (
    <Field label={t(`match.${key}`)}>
      <InputNumber
        style={{ width: "100%" }}
        min={min}
        max={max}
        value={sum[key]}
        aria-label={`${sum.column}: ${t(`match.${key}`)}`}
        onChange={(value) => value !== null && set({ [key]: value })}
      />
    </Field>
  );
  return (
    <div className="sums">
      <code>{sum.column}</code>
      {number("lower", -(2 ** 50), 0)}
      {number("upper", 0, 2 ** 50)}
      {number("decimals", 0, 9)}
      <span className="small" style={{ color: "var(--bad)" }}>
        {summable(sum) ? "" : t("match.boundsWrong")}
      </span>
    </div>
  );
}
