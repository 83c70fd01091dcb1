import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { useLanguage } from "../../i18n/i18n.ts";
import { formatTime, localeOf } from "../../lib/format.ts";
import { keyed } from "../../lib/keyed.ts";
import { useRead } from "../../lib/queries.ts";

/** Own log lines, oldest first, the task chosen in the graph alone when one is chosen. */
export function Logs({ jobId, task, live }: { jobId: string; task: string | undefined; live: boolean }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const logs = useRead(
    "jobLogs",
    { params: { id: jobId }, query: task === undefined ? {} : { task } },
    live ? { keep: true, everyMs: 3000 } : { keep: true },
  );
  const clock = new Intl.DateTimeFormat(localeOf(language), {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
  });
  return (
    <Card flush>
      <Loaded of={logs}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("jobs.logsEmpty")} hint={t("jobs.logsEmptyHint")} />
          ) : (
            <ul className="log" style={{ paddingTop: 12 }}>
              {keyed(items, ({ at, message }) => `${at} ${message}`).map(({ key, item: line }) => (
                <li key={key} className={line.level}>
                  <time dateTime={line.at} className="muted" title={formatTime(line.at, language)}>
                    {clock.format(new Date(line.at))}
                  </time>
                  <span>{t(`jobs.level.${line.level}`)}</span>
                  <span className="clip soft">{line.task ?? ""}</span>
                  <span className="break">{line.message}</span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}
