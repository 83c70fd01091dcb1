import type { FlowParty } from "@tombolo/scheduler";
import { Button, Input, InputNumber, Select } from "antd";
import { useCallback, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { ProblemList } from "../../components/failure.tsx";
import { Icon } from "../../components/icon.tsx";
import { Notice } from "../../components/page.tsx";
import { Party, useParties } from "../../components/party.tsx";
import { ProjectSelect } from "../../components/project-select.tsx";
import { useRead } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { setParties } from "./draft.ts";

const ROLES = ["guest", "host", "arbiter", "observer"] as const;
const SEED_MAX = 2 ** 32 - 1;

/** Those who have joined the project, the own party first. */
export function useMembers(projectId: string | undefined): readonly string[] {
  const { own } = useParties();
  const projects = useRead("listProjects", {}).data?.items ?? [];
  const joined = projects
    .find(({ id }) => id === projectId)
    ?.members.flatMap(({ partyId, status }) => (status === "JOINED" ? [partyId] : []));
  return [own, ...(joined ?? []).filter((party) => party !== own)];
}

function Parties() {
  const { t } = useTranslation();
  const { draft, edit, list, projectId } = useCanvas();
  const members = useMembers(projectId);
  const { parties } = draft.flow;
  const put = (next: readonly FlowParty[]) => edit((before) => setParties(before, next, list));
  const free = members.filter((party) => !parties.some((each) => each.party === party));
  return (
    <Field label={t("canvas.parties")} group>
      <ul className="stack tight">
        {parties.map(({ party, role }) => (
          <li key={party} className="row between">
            <Party id={party} />
            <span className="row">
              <Select
                style={{ width: 116 }}
                value={role}
                aria-label={`${t("canvas.role")}: ${party}`}
                options={ROLES.map((value) => ({ value, label: t(`common.jobRole.${value}`) }))}
                onChange={(next: string | null) =>
                  next !== null && put(parties.map((each) => (each.party === party ? { party, role: next } : each)))
                }
              />
              <Button
                type="text"
                size="small"
                aria-label={t("canvas.removeParty", { party })}
                disabled={parties.length === 1}
                icon={<Icon name="cross" />}
                onClick={() => put(parties.filter((each) => each.party !== party))}
              />
            </span>
          </li>
        ))}
      </ul>
      {free.length > 0 && (
        <Select
          value={null}
          aria-label={t("canvas.addParty")}
          prefix={<Icon name="plus" />}
          options={free.map((party) => ({ value: party, label: party }))}
          onChange={(party: string | null) => party !== null && put([...parties, { party, role: "host" }])}
        />
      )}
    </Field>
  );
}

/** What belongs to the flow as a whole. */
export function FlowForm() {
  const { t } = useTranslation();
  const { draft, node, edit, settle, faults, projectId, setProject, list } = useCanvas();
  const members = useMembers(projectId);
  const { name, description, seed, parties, tasks } = draft.flow;
  const bare = node === undefined && Object.keys(tasks).length === 0 && parties.length === 1;
  const others = members.slice(1).join(" ");
  // A new drawing begins with everyone who is there.
  useEffect(() => {
    if (!bare || others === "") return;
    const all = others.split(" ").map((party) => ({ party, role: "host" }));
    settle((before) => setParties(before, [...before.flow.parties, ...all], list));
  }, [bare, others, settle, list]);
  const change = useCallback(
    (next: Partial<typeof draft.flow>, tag: string) =>
      edit((before) => ({ ...before, flow: { ...before.flow, ...next } }), tag),
    [edit],
  );
  return (
    <div className="stack">
      <ProjectSelect value={projectId} onChange={setProject} />
      {projectId === undefined && <Notice tone="wait">{t("canvas.noProject")}</Notice>}
      {faults.ofFlow.length > 0 && (
        <div className="failure">
          <ProblemList bare problems={faults.ofFlow} />
        </div>
      )}
      <Field label={t("canvas.name")}>
        <Input
          id="flow-name"
          value={name}
          maxLength={200}
          aria-label={t("canvas.name")}
          onChange={(event) => change({ name: event.target.value }, "name")}
        />
      </Field>
      <Parties />
      <Field label={t("canvas.description")} optional>
        <Input.TextArea
          autoSize={{ minRows: 2, maxRows: 8 }}
          maxLength={4000}
          value={description}
          aria-label={t("canvas.description")}
          onChange={(event) => change({ description: event.target.value }, "description")}
        />
      </Field>
      <Field label={t("canvas.seed")} hint={t("canvas.seedHint")}>
        <InputNumber
          style={{ width: "100%" }}
          min={0}
          max={SEED_MAX}
          precision={0}
          value={seed}
          aria-label={t("canvas.seed")}
          onChange={(next) => next !== null && change({ seed: next }, "seed")}
        />
      </Field>
    </div>
  );
}
