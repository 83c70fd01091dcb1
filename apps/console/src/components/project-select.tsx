import { Select } from "antd";
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
