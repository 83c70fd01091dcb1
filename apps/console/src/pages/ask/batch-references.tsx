import type { Askable } from "@tombolo/sdk";
import { Radio, Select } from "antd";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Card } from "../../components/page.tsx";
import { noReference, type ReferenceDraft } from "../../lib/reference.ts";
import type { KeyReference } from "./ask-service.ts";
import type { FileRows, Keys } from "./keys.ts";
import { givenFor, PerQuestion } from "./per-question.tsx";
import { referencesIn } from "./references.ts";

export interface BatchReferences {
  /** Columns of hash and last day; null: the same for all. */
  readonly columns: readonly [number | null, number | null] | null;
  readonly one: ReferenceDraft;
}
export const noReferences: BatchReferences = { columns: null, one: noReference };

/** Undefined: the service wants none. Null: it does, and some are not whole. */
export function referencesFor(
  service: Askable,
  { columns, one }: BatchReferences,
  file: FileRows,
  keys: Keys,
): readonly KeyReference[] | undefined | null {
  if (service.authorisedFor === null) return undefined;
  if (columns !== null) return referencesIn(file, keys, columns);
  const given = givenFor(service, one);
  return given == null ? null : keys.keys.map(() => given);
}

interface ReferenceCardProps {
  readonly service: Askable;
  readonly value: BatchReferences;
  readonly options: readonly { readonly value: number; readonly label: string }[];
  onChange(next: BatchReferences): void;
}

/** One authorisation for all keys of a batch, or each row's own. */
export function ReferenceCard({ service, value, options, onChange }: ReferenceCardProps) {
  const { t } = useTranslation();
  const { columns, one } = value;
  if (service.authorisedFor === null) return null;
  return (
    <Card title={t("authorisation.title")} hint={t("authorisation.giveHint")}>
      <div className="stack">
        <Radio.Group
          value={columns === null ? "one" : "file"}
          options={(["one", "file"] as const).map((each) => ({ value: each, label: t(`authorisation.from.${each}`) }))}
          onChange={(event) => onChange({ ...value, columns: event.target.value === "file" ? [null, null] : null })}
        />
        {columns === null ? (
          <PerQuestion
            scope={service.authorisedFor}
            value={one}
            change={(next) => onChange({ ...value, one: { ...one, ...next } })}
          />
        ) : (
          <div className="grid2">
            {(["hashColumn", "untilColumn"] as const).map((name, i) => (
              <Field key={name} label={t(`authorisation.${name}`)} hint={t("authorisation.columnsHint")}>
                <Select
                  value={columns[i] ?? null}
                  aria-label={t(`authorisation.${name}`)}
                  options={[...options]}
                  onChange={(next: number) =>
                    onChange({ ...value, columns: i === 0 ? [next, columns[1]] : [columns[0], next] })
                  }
                />
              </Field>
            ))}
          </div>
        )}
      </div>
    </Card>
  );
}
