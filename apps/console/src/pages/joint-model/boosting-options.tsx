import { Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { ColumnsField } from "../../components/fields.tsx";
import { ParameterFields } from "../../components/parameter-fields.tsx";
import type { Schema, Values } from "../../components/parameter-schema.ts";
import { useRead } from "../../lib/queries.ts";
import { boostingOf, type Draft, type Objective, objectiveOf } from "./draft.ts";

interface OptionsProps {
  readonly draft: Draft;
  change(next: Partial<Draft>): void;
}

/** What belongs to one kind of prediction alone. */
const OF_OBJECTIVE: Readonly<Partial<Record<Objective, readonly string[]>>> = {
  binary: ["scalePosWeight"],
  "multi-class": ["classes"],
  huber: ["huberSlope"],
  tweedie: ["tweediePower"],
};

/** By what people want of them, the most asked for first. */
const GROUPS = {
  stopping: ["earlyStopping", "metric"],
  growth: ["maxLeaves", "minChildWeight", "gamma", "maxDeltaStep", "textEncoding", "baseScore"],
  steadiness: ["lambda", "alpha", "subsample", "colsample", "forest", "goss"],
  disclosure: ["level", "hostColumns", "minimumRows", "guestOnlyTrees", "scheme", "keyBits", "gradientBits"],
} as const;
const GROUP_NAMES = ["stopping", "growth", "steadiness", "disclosure"] as const;

/** What counts only together with another option, which is not there: hosts always take part here. */
const IDLE: Readonly<Record<string, (boosting: Values) => boolean>> = {
  metric: ({ earlyStopping }) => earlyStopping == null,
  goss: ({ guestOnlyTrees }) => guestOnlyTrees === undefined,
  keyBits: ({ scheme }) => scheme === undefined,
  gradientBits: ({ objective }) => objective === "absolute",
};

const useBoostingSchema = (): Schema | undefined =>
  useRead("listComponents", {}).data?.items.find(({ name }) => name === "boosting-train")?.parameters as
    | Schema
    | undefined;

/** Keeps what differs from the defaults: a flow says no more than was chosen. */
function changed(schema: Schema, values: Values): Values {
  const usual = (name: string): string => JSON.stringify(schema.properties?.[name]?.default ?? null);
  return Object.fromEntries(Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== usual(name)));
}

function Fields({ draft, change, only }: OptionsProps & { readonly only: readonly string[] }) {
  const schema = useBoostingSchema();
  if (schema === undefined) return null;
  return (
    <ParameterFields
      schema={schema}
      only={only}
      values={boostingOf(draft)}
      onChange={(values) => change({ boosting: changed(schema, values) })}
    />
  );
}

export function ObjectiveFields(props: OptionsProps) {
  const only = OF_OBJECTIVE[objectiveOf(props.draft)];
  return only === undefined ? null : <Fields {...props} only={only} />;
}

function Folded({
  title,
  hint,
  count,
  children,
}: {
  title: string;
  hint: string;
  count: number;
  children: React.ReactNode;
}) {
  const { t } = useTranslation();
  return (
    <details className="folded">
      <summary>
        {title}
        {count > 0 && <span className="small muted"> · {t("joint.changed", { count })}</span>}
      </summary>
      <div className="stack">
        <p className="small soft">{hint}</p>
        {children}
      </div>
    </details>
  );
}

/** Of own columns: what rows count, and which way the prediction may go. */
function OwnColumns({ draft, change }: OptionsProps) {
  const { t } = useTranslation();
  const columns = draft.own.dataset?.columns ?? [];
  const numeric = columns.filter(({ type }) => type === "integer" || type === "number");
  const free = numeric.filter(({ name }) => name !== draft.label && !draft.own.keys.includes(name));
  const features = { columns: free.filter(({ name }) => draft.own.columns.includes(name) && name !== draft.weight) };
  return (
    <div className="grid3">
      <Field label={t("joint.weight")} hint={t("joint.weightHint")} optional>
        <Select
          allowClear
          value={draft.weight}
          aria-label={t("joint.weight")}
          options={free.map(({ name }) => ({ value: name, label: name }))}
          onChange={(weight: string | undefined) => change({ weight: weight ?? null })}
        />
      </Field>
      <ColumnsField
        optional
        label={t("joint.rising")}
        hint={t("joint.risingHint")}
        dataset={features}
        without={draft.falling}
        value={draft.rising}
        onChange={(rising) => change({ rising })}
      />
      <ColumnsField
        optional
        label={t("joint.falling")}
        hint={t("joint.fallingHint")}
        dataset={features}
        without={draft.rising}
        value={draft.falling}
        onChange={(falling) => change({ falling })}
      />
    </div>
  );
}

/** Versions with a part at each of the parties here, and no other. */
function EarlierVersion({ draft, change }: OptionsProps) {
  const { t } = useTranslation();
  const models = useRead("listModels", {}).data?.items ?? [];
  const hosts = [...draft.partners].sort().join();
  const fitting = models.filter(
    ({ kind, objective, status, parties }) =>
      kind === "boosting" &&
      status === "ACTIVE" &&
      objective === objectiveOf(draft) &&
      parties
        .flatMap(({ party, role }) => (role === "host" ? [party] : []))
        .sort()
        .join() === hosts,
  );
  return (
    <Field label={t("joint.start")} hint={t("joint.startHint")} optional>
      <Select
        allowClear
        value={draft.start}
        aria-label={t("joint.start")}
        notFoundContent={t("joint.noStart")}
        options={fitting.map(({ id, name, version }) => ({
          value: id,
          label: version === null ? name : `${name} · ${t("models.versionOf", { number: version })}`,
        }))}
        onChange={(start: string | undefined) => change({ start: start ?? null })}
      />
    </Field>
  );
}

/** All that boosting can besides, folded away in plain words. */
export function MoreOptions(props: OptionsProps) {
  const { t } = useTranslation();
  const { boosting, weight, rising, falling, start } = props.draft;
  const own = (weight === null ? 0 : 1) + rising.length + falling.length;
  return (
    <>
      {GROUP_NAMES.map((group) => (
        <Folded
          key={group}
          title={t(`joint.groupOf.${group}`)}
          hint={t(`joint.groupHint.${group}`)}
          count={GROUPS[group].filter((name) => name in boosting).length}
        >
          <Fields
            {...props}
            only={GROUPS[group].filter((name) => name in boosting || IDLE[name]?.(boosting) !== true)}
          />
        </Folded>
      ))}
      <Folded title={t("joint.groupOf.columns")} hint={t("joint.groupHint.columns")} count={own}>
        <OwnColumns {...props} />
      </Folded>
      <Folded title={t("joint.groupOf.start")} hint={t("joint.groupHint.start")} count={start === null ? 0 : 1}>
        <EarlierVersion {...props} />
      </Folded>
    </>
  );
}
