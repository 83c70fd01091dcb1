import type { MeterRow } from "@tombolo/sdk";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Bar, Card, Empty, Metric } from "../../components/page.tsx";
import { Party, usePartyColour } from "../../components/party.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { formatBytes, formatNumber } from "../../lib/format.ts";

interface Total {
  readonly name: string;
  readonly means: MeterRow["means"];
  readonly tasks: readonly string[];
  readonly messages: number;
  readonly bytes: number;
}

/** Rows of the same message name as one, largest first. */
export function totals(rows: readonly MeterRow[]): Total[] {
  const byName = new Map<string, Total>();
  for (const row of rows) {
    const known = byName.get(row.name);
    byName.set(row.name, {
      name: row.name,
      means: row.means,
      tasks: [...new Set([...(known?.tasks ?? []), row.task])],
      messages: (known?.messages ?? 0) + row.messages,
      bytes: (known?.bytes ?? 0) + row.bytes,
    });
  }
  return [...byName.values()].sort((a, b) => b.bytes - a.bytes);
}

const sum = (rows: readonly MeterRow[]): number => rows.reduce((bytes, row) => bytes + row.bytes, 0);

function PartnerCard({ partner, rows, largest }: { partner: string; rows: readonly MeterRow[]; largest: number }) {
  const { t } = useTranslation();
  const say = useText();
  const language = useLanguage();
  const colour = usePartyColour();
  const out = rows[0]?.direction === "out";
  return (
    <Card
      flush
      title={
        <span className="row">
          <span className="soft">{out ? t("jobs.leavesTo") : t("jobs.leavesFrom")}</span> <Party id={partner} />
        </span>
      }
      actions={<b>{formatBytes(sum(rows))}</b>}
    >
      <div className="t-wrap">
        <table className="t" aria-label={partner}>
          <thead>
            <tr>
              <th style={{ width: 150 }}>{t("jobs.messageName")}</th>
              <th>{t("jobs.means")}</th>
              <th style={{ width: "24%" }} aria-label={t("jobs.bytes")} />
              <th className="num">{t("jobs.bytes")}</th>
              <th className="num">{t("jobs.messages")}</th>
            </tr>
          </thead>
          <tbody>
            {totals(rows).map((total) => (
              <tr key={total.name}>
                <td>
                  <code>{total.name}</code>
                  <div className="small muted">{total.tasks.join(", ")}</div>
                </td>
                <td className="soft">{say(total.means)}</td>
                <td>
                  <Bar share={total.bytes / largest} colour={colour(partner)} />
                </td>
                <td className="num">{formatBytes(total.bytes)}</td>
                <td className="num">{formatNumber(total.messages, language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

/** What leaves my house: every byte by message name, with what the message means, for each partner. */
export function Leaves({ rows }: { rows: readonly MeterRow[] }) {
  const { t } = useTranslation();
  const [direction, setDirection] = useState<"out" | "in">("out");
  if (rows.length === 0)
    return (
      <Card>
        <Empty title={t("jobs.leavesEmpty")} hint={t("jobs.leavesEmptyHint")} />
      </Card>
    );
  const shown = rows.filter((row) => row.direction === direction);
  const partners = [...new Set(shown.map((row) => row.partner))].sort();
  const largest = Math.max(1, ...totals(shown).map((total) => total.bytes));
  return (
    <div className="stack">
      <Card>
        <div className="row between wrap">
          <div className="metrics">
            <Metric
              label={t("jobs.totalOut")}
              value={formatBytes(sum(rows.filter((row) => row.direction === "out")))}
            />
            <Metric label={t("jobs.totalIn")} value={formatBytes(sum(rows.filter((row) => row.direction === "in")))} />
          </div>
          <div className="row wrap">
            <span className="soft small">{t("jobs.rowsNote")}</span>
            <Segmented
              value={direction}
              onChange={setDirection}
              options={(["out", "in"] as const).map((value) => ({ value, label: t(`jobs.direction.${value}`) }))}
            />
          </div>
        </div>
      </Card>
      {partners.map((partner) => (
        <PartnerCard
          key={partner}
          partner={partner}
          rows={shown.filter((row) => row.partner === partner)}
          largest={largest}
        />
      ))}
    </div>
  );
}

const BRIEF_ROWS = 7;

/** The largest of what leaves, small enough to stand beside the lanes. */
export function LeavesBrief({ rows, onMore }: { rows: readonly MeterRow[]; onMore(): void }) {
  const { t } = useTranslation();
  const say = useText();
  const colour = usePartyColour();
  const out = rows.filter((row) => row.direction === "out");
  const partners = [...new Set(out.map((row) => row.partner))].sort();
  const largest = Math.max(
    1,
    ...partners.flatMap((to) => totals(out.filter((row) => row.partner === to))[0]?.bytes ?? 0),
  );
  return (
    <Card title={t("jobs.tab.leaves")} actions={<b>{formatBytes(sum(out))}</b>}>
      <div className="stack">
        {partners.length === 0 && <p className="soft">{t("jobs.leavesEmptyHint")}</p>}
        {partners.map((partner) => (
          <div key={partner} className="stack tight">
            <div className="small">
              <span className="soft">{t("jobs.leavesTo")}</span> <Party id={partner} />
            </div>
            {totals(out.filter((row) => row.partner === partner))
              .slice(0, BRIEF_ROWS)
              .map((total) => (
                <div key={total.name} title={say(total.means)}>
                  <div className="row between small">
                    <code className="clip">{total.name}</code>
                    <span className="nowrap">{formatBytes(total.bytes)}</span>
                  </div>
                  <Bar share={total.bytes / largest} colour={colour(partner)} />
                </div>
              ))}
          </div>
        ))}
        <p className="small soft">{t("jobs.rowsNote")}</p>
        {partners.length > 0 && (
          <div>
            <Button size="small" onClick={onMore}>
              {t("jobs.allMessages")}
            </Button>
          </div>
        )}
      </div>
    </Card>
  );
}
