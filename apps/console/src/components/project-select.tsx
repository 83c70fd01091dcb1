import { Select } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useRead } from "../lib/queries.ts";
import { Field } from "./act.tsx";

/** Active projects, optionally those that have all these members. */
export function ProjectSelect({
  value,
  members = [],
  onChange,
}: {
  value: string | undefined;
  members?: readonly string[];
  onChange(id: string): void;
}) {
  const { t } = useTranslation();
  const projects = useRead("listProjects", {}).data?.items ?? [];
  const fitting = projects.filter(
    (project) =>
      project.status === "ACTIVE" &&
      members.every((party) => project.members.some((each) => each.partyId === party && each.status === "JOINED")),
  );
  const only = fitting.length === 1 ? fitting[0]!.id : undefined;
  // One project that fits needs no choosing.
  useEffect(() => {
    if (value === undefined && only !== undefined) onChange(only);
  }, [value, only, onChange]);
  return (
    <Field label={t("jobs.chooseProject")} {...(fitting.length === 0 ? { hint: t("jobs.noProjectHint") } : {})}>
      <Select
        value={value ?? null}
        aria-label={t("jobs.chooseProject")}
        notFoundContent={t("jobs.noProject")}
        options={fitting.map((project) => ({ value: project.id, label: project.name }))}
        onChange={(id) => id !== null && onChange(id)}
      />
    </Field>
  );
}
