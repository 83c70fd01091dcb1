import { Link } from "@tanstack/react-router";
import type { Askable } from "@tombolo/sdk";
import { Button, Select } from "antd";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { Field, Toggle } from "../../components/act.tsx";
import { Card, Metric, Notice } from "../../components/page.tsx";
import { Num } from "../../components/values.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatNumber } from "../../lib/format.ts";
import { BATCH_SIZE } from "./batch-progress.tsx";
import { noReferences, ReferenceCard, referencesFor } from "./batch-references.tsx";
import type { Chosen } from "./batch-tab.tsx";
import type { Read } from "./file-in.tsx";
import { fileOf, handOver, namesOf } from "./handed.ts";
import { fileRows, guessColumns, type Keys, keysOf, looksLikeHeader, MANY_KEYS } from "./keys.ts";
import { Left } from "./left.tsx";

interface BatchSetupProps {
  readonly service: Askable;
  readonly read: Read;
  onStart(chosen: Chosen): void;
  onBack(): void;
}

/** Which columns hold the key, what will be asked, and what speaks against it. */
export function BatchSetup({ service, read, onStart, onBack }: BatchSetupProps) {
  const { t } = useTranslation();
  const language = useLanguage();
  const [hasHeader, setHasHeader] = useState(() => looksLikeHeader(read.lines, service.keys));
  const [picked, setPicked] = useState<readonly number[] | undefined>();
  const file = useMemo(() => fileRows(read.lines, hasHeader), [read, hasHeader]);
  const columns = picked ?? guessColumns(file, service.keys);
  const at = columns.join();
  const keys = useMemo(() => keysOf(file, at.split(",").map(Number)), [file, at]);
  const [given, setGiven] = useState(noReferences);
  const references = useMemo(() => referencesFor(service, given, file, keys), [service, given, file, keys]);
  const options = Array.from({ length: file.width }, (_, i) => ({
    value: i,
    label: file.header?.[i] || t("ask.many.column", { number: i + 1 }),
  }));
  return (
    <div className="stack">
      <Card
        title={read.name}
        actions={
          <Button size="small" onClick={onBack}>
            {t("ask.many.another")}
          </Button>
        }
      >
        <div className="stack">
          <Toggle label={t("ask.many.hasHeader")} checked={hasHeader} onChange={setHasHeader} />
          <div className="grid3">
            {service.keys.map((key, i) => (
              <Field key={key} label={t("ask.many.columnOf", { key })}>
                <Select
                  value={columns[i] ?? null}
                  aria-label={t("ask.many.columnOf", { key })}
                  options={options}
                  onChange={(next) => setPicked(columns.map((column, k) => (k === i ? next : column)))}
                />
              </Field>
            ))}
          </div>
          <Found keys={keys} rows={file.rows.length} />
        </div>
      </Card>
      <Doubts
        service={service}
        keys={keys}
        hand={() => {
          const names = namesOf(file, service.keys, columns);
          // A file with good names goes as it is.
          const own = read.file !== null && file.header !== null && names.every((name, i) => name === file.header?.[i]);
          handOver({
            file: own ? read.file : fileOf(read.name, names, file.rows),
            keys: columns.map((column) => names[column] ?? ""),
            count: keys.keys.length,
            verify: service.kind === "verify",
          });
        }}
      />
      <ReferenceCard service={service} value={given} options={options} onChange={setGiven} />
      <Card>
        <div className="stack">
          <Left service={service} />
          <div className="row wrap">
            <Button
              type="primary"
              disabled={keys.keys.length === 0 || service.state !== "UP" || references === null}
              onClick={() => references !== null && onStart({ file, keys, references })}
            >
              {t("ask.many.start")}
            </Button>
            <span className="soft">
              {keys.keys.length === 0
                ? t("ask.many.noKeys")
                : references === null
                  ? t("authorisation.missing")
                  : t("ask.many.calls", {
                      count: Math.ceil(keys.keys.length / BATCH_SIZE),
                      size: formatNumber(BATCH_SIZE, language),
                    })}
            </span>
          </div>
        </div>
      </Card>
    </div>
  );
}

function Found({ keys, rows }: { keys: Keys; rows: number }) {
  const { t } = useTranslation();
  const lines = keys.unusableLines.join(", ");
  const where = keys.unusable > keys.unusableLines.length ? "unusableMore" : "unusableLines";
  return (
    <div className="metrics">
      <Metric label={t("ask.many.rows")} value={<Num of={rows} />} />
      <Metric label={t("ask.many.keys")} value={<Num of={keys.keys.length} />} />
      <Metric
        label={t("ask.many.repeated")}
        value={<Num of={keys.repeated} />}
        sub={keys.repeated > 0 && t("ask.many.repeatedHint")}
      />
      <Metric
        label={t("ask.many.unusable")}
        value={<Num of={keys.unusable} />}
        sub={keys.unusable > 0 && t(`ask.many.${where}`, { lines })}
      />
    </div>
  );
}

function Doubts({ service, keys, hand }: { service: Askable; keys: Keys; hand(): void }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const count = keys.keys.length;
  const left = Math.max(0, service.today.rowsMax - service.today.rows);
  return (
    <>
      {service.state !== "UP" && <Notice tone="wait" title={t(`ask.notUp.${service.state}`)} />}
      {count > left && <Notice tone="wait">{t("ask.many.overQuota", { left: formatNumber(left, language) })}</Notice>}
      {count > MANY_KEYS && (
        <Notice tone="wait" title={t("ask.many.asJob")}>
          {t("ask.many.asJobHint")}{" "}
          <Link to="/lookup" search={{ catalogue: service.catalogue }} onClick={hand}>
            {t("ask.many.asJobAct")}
          </Link>
        </Notice>
      )}
    </>
  );
}
