import { useTranslation } from "react-i18next";
import { z } from "zod";
import { useText } from "../../i18n/i18n.ts";
import { Card } from "../page.tsx";
import { FigureList } from "./figure-list.tsx";

const count = z.number().int().min(0);
/** What a query without a catalogue leaves: at the asker what was found, at the others how many keys were asked. */
export const queried = z.object({
  why: z.object({ en: z.string(), zh: z.string() }),
  matched: count.optional(),
  asked: count.optional(),
  idsMax: count.optional(),
  ownRows: count.optional(),
});

interface Props {
  readonly title: string;
  readonly task: string;
  readonly report: z.infer<typeof queried>;
}

export function QueryReport({ title, task, report }: Props) {
  const { t } = useTranslation();
  const say = useText();
  const { matched, asked, idsMax, ownRows } = report;
  const figures: (readonly [string, number | undefined])[] = [
    [t("reports.queryFound"), matched],
    [t("reports.askedNow"), asked],
    [t("reports.queryMost"), idsMax],
    [t("reports.queryOwnRows"), ownRows],
  ];
  return (
    <Card title={title} hint={t("reports.own", { task })}>
      <div className="stack">
        <FigureList items={figures} />
        <p className="small soft">{t("reports.queryWhy", { why: say(report.why) })}</p>
        {asked !== undefined && <p className="small soft">{t("reports.answeredHint")}</p>}
      </div>
    </Card>
  );
}
