import { Link } from "@tanstack/react-router";
import type { Askable } from "@tombolo/sdk";
import { Button, Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Field } from "../../components/act.tsx";
import { DropZone } from "../../components/drop-zone.tsx";
import { Card, Notice } from "../../components/page.tsx";
import { parseCsv } from "../../lib/csv.ts";
import { formatBytes } from "../../lib/format.ts";
import { handOver } from "./handed.ts";
import { FILE_BYTES_MAX } from "./keys.ts";

export interface Read {
  readonly name: string;
  /** As it was chosen; null: pasted. */
  readonly file: File | null;
  readonly lines: readonly (readonly string[])[];
}

type Wrong = { readonly why: "large"; readonly file: File } | { readonly why: "empty" };

/** A file, or a few lines pasted. */
export function FileIn({ service, onRead }: { service: Askable; onRead(read: Read): void }) {
  const { t } = useTranslation();
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState<Wrong | undefined>();
  const take = (name: string, content: string, file: File | null) => {
    const lines = parseCsv(content);
    if (lines.length === 0) setWrong({ why: "empty" });
    else onRead({ name, lines, file });
  };
  const takeFile = async (file: File) => {
    setWrong(undefined);
    if (file.size > FILE_BYTES_MAX) setWrong({ why: "large", file });
    else take(file.name, await file.text(), file);
  };
  return (
    <div className="stack">
      <DropZone
        title={t("ask.many.drop")}
        hint={t("ask.many.dropHint")}
        choose={t("ask.many.choose")}
        accept=".csv,.tsv,.txt"
        onFile={(file) => void takeFile(file)}
      />
      {wrong?.why === "empty" && <Notice tone="wait" title={t("ask.many.nothing")} />}
      {wrong?.why === "large" && (
        <Notice tone="wait" title={t("ask.many.tooLarge", { size: formatBytes(wrong.file.size) })}>
          {t("ask.many.tooLargeHint")}{" "}
          <Link
            to="/lookup"
            search={{ catalogue: service.catalogue }}
            onClick={() =>
              handOver({ file: wrong.file, keys: service.keys, count: null, verify: service.kind === "verify" })
            }
          >
            {t("ask.many.asJobAct")}
          </Link>
        </Notice>
      )}
      <Card>
        <form
          className="stack"
          autoComplete="off"
          onSubmit={(event) => {
            event.preventDefault();
            take(t("ask.many.pasted"), text, null);
          }}
        >
          <Field label={t("ask.many.paste")} hint={t("ask.many.pasteHint", { keys: service.keys.join(", ") })}>
            <Input.TextArea
              className="mono"
              autoSize={{ minRows: 4, maxRows: 12 }}
              autoComplete="off"
              spellCheck={false}
              aria-label={t("ask.many.paste")}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </Field>
          <div>
            <Button htmlType="submit" disabled={text.trim() === ""}>
              {t("ask.many.use")}
            </Button>
          </div>
        </form>
      </Card>
    </div>
  );
}
