import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ParameterFields } from "../../components/parameter-fields.tsx";
import type { Schema, Values } from "../../components/parameter-schema.ts";

/** More than these are folded away until they matter. */
const SHOWN = 6;

interface FieldsProps {
  readonly schema: Schema;
  readonly values: Values;
  /** Fields that something is wrong with. */
  readonly faulty: readonly string[];
  onChange(values: Values): void;
}

/** The first fields, those that are set, and those that are wrong; the others folded. */
export function FoldedFields({ schema, values, faulty, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const names = Object.keys(schema.properties ?? {});
  // What is open stays open while it is filled in.
  const [first] = useState(() => names.filter((name, i) => i < SHOWN || name in values));
  const shown = names.filter((name) => first.includes(name) || faulty.includes(name));
  const rest = names.filter((name) => !shown.includes(name));
  return (
    <>
      <ParameterFields resets schema={schema} only={shown} values={values} onChange={onChange} />
      {rest.length > 0 && (
        <details className="folded">
          <summary>{t("canvas.more", { count: rest.length })}</summary>
          <ParameterFields resets schema={schema} only={rest} values={values} onChange={onChange} />
        </details>
      )}
    </>
  );
}

/** Names of the fields below `prefix` that something is wrong with. */
export const faultyOf = (problems: readonly { readonly path: string }[], prefix: string): string[] =>
  problems.flatMap(({ path }) => (path.startsWith(`${prefix}.`) ? [path.slice(prefix.length + 1).split(".")[0]!] : []));
