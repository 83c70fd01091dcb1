import type { Askable } from "@tombolo/sdk";
import { Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";

/** The one that was chosen, else the first that answers; as it is now. `items`: at least one. */
export function useChosen(items: readonly Askable[]): [Askable, (name: string) => void] {
  const [name, choose] = useState<string | undefined>();
  const chosen = items.find((each) => each.name === name) ?? items.find(({ state }) => state === "UP") ?? items[0]!;
  return [chosen, choose];
}

interface WhoseProps {
  readonly items: readonly Askable[];
  readonly value: Askable;
  onChange(name: string): void;
}

/** Which service is asked, where there are several. */
export function Whose({ items, value, onChange }: WhoseProps) {
  const { t } = useTranslation();
  if (items.length === 1) return null;
  return (
    <Field label={t("ask.whose")}>
      <Select
        value={value.name}
        aria-label={t("ask.whose")}
        options={items.map(({ name, title, partner }) => ({
          value: name,
          label: t("ask.serviceOf", { title, party: partner }),
        }))}
        onChange={onChange}
      />
    </Field>
  );
}
