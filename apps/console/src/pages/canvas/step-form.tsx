import { type FlowTask, participantsOf } from "@tombolo/scheduler";
import type { Component } from "@tombolo/sdk";
import { Input, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { ProblemList, useProblemText } from "../../components/failure.tsx";
import { AidedFields } from "../../components/field-aids.tsx";
import type { Schema, Values } from "../../components/parameter-schema.ts";
import { useText } from "../../i18n/i18n.ts";
import { useRead } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { columnsAt } from "./columns.ts";
import { changeTask, renameTask, setInput, setParticipants, TASKS_SHAPE } from "./draft.ts";
import { at, within } from "./faults.ts";
import { FoldedFields, faultyOf } from "./folded-fields.tsx";
import { PartyFields } from "./party-fields.tsx";
import { sourcesFor } from "./ports.ts";
import { RuleFields } from "./rule-fields.tsx";

interface StepProps {
  readonly name: string;
  readonly task: FlowTask;
  readonly component: Component;
}

function NameField({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const { draft, edit, choose } = useCanvas();
  const [text, setText] = useState(name);
  const taken = text !== name && text in draft.flow.tasks;
  const error = taken ? t("canvas.stepNameTaken") : TASKS_SHAPE.test(text) ? undefined : t("canvas.stepNameHint");
  const done = () => {
    if (error !== undefined || text === name) return setText(name);
    edit((before) => renameTask(before, name, text));
    choose([text]);
  };
  return (
    <Field label={t("canvas.stepName")} error={error}>
      <Input
        className="mono"
        value={text}
        maxLength={48}
        aria-label={t("canvas.stepName")}
        onChange={(event) => setText(event.target.value)}
        onBlur={done}
        onPressEnter={done}
      />
    </Field>
  );
}

function Participants({ name, task }: StepProps) {
  const { t } = useTranslation();
  const { draft, edit, faults } = useCanvas();
  const faultText = useProblemText();
  const [fault] = within(faults.ofTask(name), name, "parties");
  return (
    <Field label={t("canvas.participants")} error={fault === undefined ? undefined : faultText(fault)}>
      <Select
        mode="multiple"
        value={participantsOf(draft.flow, task).map(({ party }) => party)}
        aria-label={t("canvas.participants")}
        options={draft.flow.parties.map(({ party }) => ({ value: party, label: party }))}
        onChange={(next: string[]) => edit((before) => setParticipants(before, name, next))}
      />
    </Field>
  );
}

function Inputs({ name, task, component }: StepProps) {
  const { t } = useTranslation();
  const { draft, components, edit, faults } = useCanvas();
  const faultText = useProblemText();
  const models = useRead("listModels", {}).data?.items ?? [];
  const ports = Object.entries(component.inputs);
  if (ports.length === 0) return null;
  return (
    <Field label={t("canvas.inputs")} group>
      {ports.map(([port, { kind, optional, holds }]) => {
        const sources = sourcesFor(draft, components, { task: name, port }).map((each) => `${each.task}.${each.port}`);
        const kept = models.filter((each) => kind === "model" && (holds === null || each.kind === holds));
        const [fault] = at(faults.ofTask(name), name, `inputs.${port}`);
        const given = task.inputs[port];
        const options = [
          ...sources.map((value) => ({ value, label: value })),
          ...kept.map(({ id, name: called }) => ({
            value: `model:${id}`,
            label: t("canvas.model", { name: `${called} (${id})` }),
          })),
        ];
        const known = given === undefined || options.some(({ value }) => value === given);
        return (
          <Field
            key={port}
            label={
              <span className="port-label">
                <i className={`port-mark ${kind}`} />
                <code>{port}</code>
                <small className="muted">{t(`canvas.portKind.${kind}`)}</small>
              </span>
            }
            optional={optional}
            error={fault === undefined ? undefined : faultText(fault)}
          >
            <Select
              allowClear
              showSearch
              value={given ?? null}
              aria-label={port}
              notFoundContent={t("canvas.connectNone")}
              options={known ? options : [{ value: given, label: given }, ...options]}
              onChange={(next: string | null | undefined) =>
                edit((before) => setInput(before, name, port, next ?? undefined))
              }
            />
          </Field>
        );
      })}
    </Field>
  );
}

function Shared({ name, task, component }: StepProps) {
  const { t } = useTranslation();
  const { draft, edit, faults, resolved } = useCanvas();
  const schema = component.parameters as Schema;
  const problems = faults.ofTask(name);
  const columns = useMemo(() => columnsAt(draft.flow, name), [draft.flow, name]);
  if (Object.keys(schema.properties ?? {}).length === 0) return null;
  const change = (parameters: Values) =>
    edit((before) => changeTask(before, name, { parameters: { ...parameters } }), `parameters ${name}`);
  return (
    <section className="stack tight">
      <h3>{t("canvas.parameters")}</h3>
      <AidedFields
        columns={columns}
        resolved={resolved?.tasks[name]?.parameters ?? {}}
        faultsAt={(path) => within(problems, name, `parameters.${path}`)}
      >
        {component.name === "select" ? (
          <RuleFields schema={schema} values={task.parameters} inputs={Object.keys(task.inputs)} onChange={change} />
        ) : (
          <FoldedFields
            schema={schema}
            values={task.parameters}
            faulty={faultyOf(problems, `tasks.${name}.parameters`)}
            onChange={change}
          />
        )}
      </AidedFields>
    </section>
  );
}

const has = (schema: unknown): boolean => Object.keys((schema as Schema).properties ?? {}).length > 0;

/** The form of a step, made from its component's own description. */
export function StepForm({ name }: { readonly name: string }) {
  const { t } = useTranslation();
  const say = useText();
  const { draft, components, faults } = useCanvas();
  const task = draft.flow.tasks[name];
  const component = components.get(task?.component ?? "");
  if (task === undefined) return null;
  const problems = faults.ofTask(name);
  // What has no field of its own is said on top.
  const general = problems.filter(({ path }) =>
    [`tasks.${name}.inputs`, `tasks.${name}.component`, `tasks.${name}`].includes(path),
  );
  const step = component === undefined ? undefined : { name, task, component };
  const some = component !== undefined && has(component.partyParameters);
  const shared = component !== undefined && has(component.parameters);
  return (
    <div className="stack">
      {component !== undefined && <p className="soft">{say(component.summary)}</p>}
      {general.length > 0 && (
        <div className="failure">
          <ProblemList bare problems={general} />
        </div>
      )}
      <NameField name={name} />
      {step !== undefined && (
        <>
          <Participants {...step} />
          <Inputs {...step} />
          <Shared {...step} />
          {!some && !shared && <p className="small muted">{t("canvas.noParameters")}</p>}
          {some &&
            participantsOf(draft.flow, task).map(({ party, role }) => (
              <PartyFields key={party} {...step} party={party} role={role} />
            ))}
        </>
      )}
    </div>
  );
}
