import { Input, Modal } from "antd";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useText } from "../../i18n/i18n.ts";
import { type Open, useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";
import type { Place } from "./draft.ts";
import { searched } from "./groups.ts";
import { inputsOf, misfit, otherPort, outputsOf, type PortName } from "./ports.ts";

interface Option {
  readonly key: string;
  readonly name: string;
  readonly hint: string;
  readonly isNew: boolean;
  take(): void;
}

const nameOf = ({ task, port }: PortName): string => `${task}.${port}`;

/** What an open port may be wired to: ports that are there, and new steps. */
function useOptions(open: Open, at: Place | undefined, text: string): readonly Option[] {
  const say = useText();
  const { draft, components, list } = useCanvas();
  const { add, connect } = useActs();
  const outwards = "from" in open;
  const begun = outwards ? open.from : open.to;
  const portsOf = outwards ? inputsOf : outputsOf;
  const own = (outwards ? outputsOf : inputsOf)(draft.flow, components, begun.task)[begun.port];
  const there = Object.keys(draft.flow.tasks).flatMap((task) =>
    Object.keys(portsOf(draft.flow, components, task)).flatMap((port): Option[] => {
      const other = { task, port };
      const [from, to] = outwards ? [begun, other] : [other, begun];
      if (misfit(draft, components, from, to) !== undefined) return [];
      const title = components.get(draft.flow.tasks[task]!.component)?.title;
      return [
        {
          key: nameOf(other),
          name: nameOf(other),
          hint: title === undefined ? "" : say(title),
          isNew: false,
          take: () => connect(from, to),
        },
      ];
    }),
  );
  const fitting = list.filter(({ inputs, outputs }) =>
    Object.values(outwards ? inputs : outputs).some(
      (port) => own !== undefined && otherPort(outwards ? own : port, outwards ? port : own) === undefined,
    ),
  );
  const made = searched(fitting, text).map(
    (component): Option => ({
      key: `new ${component.name}`,
      name: say(component.title),
      hint: component.name,
      isNew: true,
      take: () => add(component.name, at, open),
    }),
  );
  const wanted = text.trim().toLowerCase();
  return [...there.filter(({ name, hint }) => `${name} ${hint}`.toLowerCase().includes(wanted)), ...made];
}

interface ConnectModalProps {
  readonly open: Open;
  /** Where a new step goes; none: beside. */
  readonly at: Place | undefined;
  onClose(): void;
}

/** Connects without a mouse: type, arrows, Enter. */
export function ConnectModal({ open, at, onClose }: ConnectModalProps) {
  const { t } = useTranslation();
  const listId = useId();
  const [text, setText] = useState("");
  const [index, setIndex] = useState(0);
  const options = useOptions(open, at, text);
  const current = options[Math.min(index, options.length - 1)];
  const take = (option: Option | undefined) => {
    if (option === undefined) return;
    option.take();
    onClose();
  };
  const press = (event: KeyboardEvent) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0) {
      event.preventDefault();
      setIndex((before) => (Math.min(before, options.length - 1) + by + options.length) % Math.max(1, options.length));
    }
    if (event.key === "Enter") take(current);
  };
  const title =
    "from" in open
      ? t("canvas.connectTitle", { port: nameOf(open.from) })
      : t("canvas.connectFrom", { port: nameOf(open.to) });
  return (
    <Modal open title={title} footer={null} onCancel={onClose} width={460} destroyOnHidden>
      <Input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={current === undefined ? undefined : `${listId} ${current.key}`}
        aria-label={t("canvas.connectFind")}
        value={text}
        onKeyDown={press}
        onChange={(event) => {
          setText(event.target.value);
          setIndex(0);
        }}
      />
      <div className="connect-list" role="listbox" id={listId} aria-label={title}>
        {options.length === 0 && <p className="soft">{t("canvas.connectNone")}</p>}
        {options.map((option, i) => (
          <div key={option.key}>
            {(i === 0 || options[i - 1]!.isNew !== option.isNew) && (
              <h3>{t(option.isNew ? "canvas.connectNew" : "canvas.connectThere")}</h3>
            )}
            <div
              role="option"
              id={`${listId} ${option.key}`}
              aria-selected={option === current}
              tabIndex={-1}
              onClick={() => take(option)}
              onKeyDown={press}
              onMouseEnter={() => setIndex(i)}
            >
              <span>{option.name}</span>
              <code className="muted small">{option.hint}</code>
            </div>
          </div>
        ))}
      </div>
    </Modal>
  );
}
