import type { Flow } from "@tombolo/scheduler";
import { Button, Input, Modal } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { Problems } from "../../components/failure.tsx";
import { Icon } from "../../components/icon.tsx";
import { Yaml } from "../../components/yaml.tsx";
import { saveText } from "../../lib/save.ts";
import { useActs } from "./acts.ts";
import { useCanvas } from "./canvas.tsx";
import { asText, read } from "./clipboard.ts";
import { arranged } from "./places.ts";

/** Puts a whole flow in place of what is drawn, laid out anew; undo brings the other back. */
export function useDraw(): (flow: Flow) => Promise<void> {
  const { edit, choose, components } = useCanvas();
  const { show } = useActs();
  return async (flow) => {
    // Laid out first: steps that all stand in one place are nothing to look at.
    const places = await arranged({ flow, places: {} }, components);
    edit(() => ({ flow, places }));
    choose([]);
    requestAnimationFrame(show);
  };
}

export function ImportModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const draw = useDraw();
  const [text, setText] = useState("");
  const file = useRef<HTMLInputElement>(null);
  const parsed = text.trim() === "" ? undefined : read(text);
  return (
    <Modal
      open
      width={760}
      title={t("canvas.importIt")}
      okText={t("canvas.importDo")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: parsed?.ok !== true }}
      onCancel={onClose}
      onOk={() => {
        if (parsed?.ok !== true) return;
        void draw(parsed.flow);
        onClose();
      }}
    >
      <div className="stack">
        <Field label={t("canvas.importTitle")} hint={t("canvas.importHint")}>
          <Input.TextArea
            autoFocus
            className="mono"
            rows={14}
            maxLength={200_000}
            spellCheck={false}
            aria-label={t("canvas.importTitle")}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div>
          <input
            ref={file}
            type="file"
            hidden
            accept=".yaml,.yml,.json"
            onChange={(event) => void event.target.files?.[0]?.text().then(setText)}
          />
          <Button icon={<Icon name="upload" />} onClick={() => file.current?.click()}>
            {t("canvas.importFile")}
          </Button>
        </div>
        {parsed?.ok === false && <Problems problems={parsed.problems} />}
      </div>
    </Modal>
  );
}

/** Letters and figures of a name, for a file. */
const fileName = (name: string): string =>
  `${name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "flow"}.yaml`;

export function ExportModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { draft } = useCanvas();
  const text = asText(draft);
  const save = () => saveText(fileName(draft.flow.name), "application/yaml", text);
  return (
    <Modal open width={760} title={t("canvas.exportTitle")} footer={null} onCancel={onClose}>
      <div className="stack">
        <p className="soft">{t("canvas.exportHint")}</p>
        <Yaml text={text} />
        <div>
          <Button icon={<Icon name="download" />} onClick={save}>
            {t("canvas.download")}
          </Button>
        </div>
      </div>
    </Modal>
  );
}
