import { useInfiniteQuery } from "@tanstack/react-query";
import type { JournalEntry, JournalVerification } from "@tombolo/sdk";
import { Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card, Empty, Facts, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { Hash, Time } from "../../components/values.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { client } from "../../lib/client.ts";
import { formatNumber, formatTime } from "../../lib/format.ts";
import { useAct } from "../../lib/queries.ts";

const PAGE = 100;

/** The journal from its newest entry on, page by page as far back as asked. */
const useJournal = () =>
  useInfiniteQuery({
    queryKey: ["journal", "pages"],
    queryFn: ({ pageParam }) =>
      client.call("journal", { query: { limit: PAGE, ...(pageParam === undefined ? {} : { before: pageParam }) } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ items }) => {
      const oldest = items.at(-1)?.index;
      return oldest === undefined || oldest === 0 ? undefined : String(oldest);
    },
  });

/** Who acted: the journal writes a person's name, or what acted in no person's name. */
function Actor({ of }: { of: string }) {
  const { t } = useTranslation();
  const [, kind, name = ""] = /^(system|partner|api-key):(.*)$/.exec(of) ?? [];
  if (kind === "partner") return <Party id={name} />;
  if (kind === "api-key") return <>{t("journal.byKey", { name })}</>;
  if (kind === "system") return <>{name === "command-line" ? t("journal.byCommand") : t("journal.byNode")}</>;
  return <>{of}</>;
}

function Verification({ result }: { result: JournalVerification }) {
  const { t } = useTranslation();
  const language = useLanguage();
  return (
    <Card
      title={
        <span className="row">
          <State of={result.ok ? "ok" : "problem"} /> {result.ok ? t("journal.ok") : t("journal.bad")}
        </span>
      }
    >
      <div className="stack">
        {result.ok && <p>{t("journal.okEntries", { count: result.entries })}</p>}
        {result.problems.length > 0 && (
          <ul className="failure stack tight">
            {result.problems.map((problem) => (
              <li key={`${problem.index} ${problem.message}`}>
                <b>
                  {problem.index === null
                    ? t("journal.problemWhole")
                    : t("journal.problemAt", { index: problem.index })}
                </b>{" "}
                {problem.message}
              </li>
            ))}
          </ul>
        )}
        {result.provenUpTo.length === 0 && result.ok && <p className="soft">{t("journal.unproven")}</p>}
        <ul className="stack tight">
          {result.provenUpTo.map((proof) => (
            <li key={proof.partner} className="row wrap">
              <Party id={proof.partner} />
              {t("journal.complete", { size: proof.size, partner: proof.partner })}
              <span className="muted">{t("journal.completeAt", { at: formatTime(proof.at, language) })}</span>
            </li>
          ))}
        </ul>
        <Facts items={[[t("journal.root"), <Hash key="root" value={result.rootHash} whole />]]} />
      </div>
    </Card>
  );
}

function EntryModal({ entry, onClose }: { entry: JournalEntry; onClose(): void }) {
  const { t } = useTranslation();
  const say = useText();
  return (
    <Modal open width={720} footer={null} title={t("journal.body", { index: entry.index })} onCancel={onClose}>
      <div className="stack">
        <Facts
          items={[
            [t("journal.what"), say(entry.summary)],
            [t("journal.kind"), <code key="kind">{entry.kind}</code>],
            [t("journal.actor"), <Actor key="actor" of={entry.actor} />],
            [t("journal.at"), <Time key="at" at={entry.at} />],
            [t("journal.leaf"), <Hash key="leaf" value={entry.leafHash} whole />],
          ]}
        />
        <pre className="yaml">{JSON.stringify(entry.body, null, 2)}</pre>
      </div>
    </Modal>
  );
}

function Entries({ entries, onOpen }: { entries: readonly JournalEntry[]; onOpen(entry: JournalEntry): void }) {
  const { t } = useTranslation();
  const say = useText();
  return (
    <Table
      label={t("journal.title")}
      rows={entries}
      keyOf={(row) => String(row.index)}
      onOpen={onOpen}
      columns={[
        {
          key: "index",
          title: t("journal.index"),
          num: true,
          width: 70,
          cell: (row) => (
            <Act type="link" size="small" style={{ padding: 0 }} onClick={() => onOpen(row)}>
              {row.index}
            </Act>
          ),
        },
        { key: "at", title: t("journal.at"), width: 210, cell: (row) => <Time at={row.at} /> },
        { key: "kind", title: t("journal.kind"), cell: (row) => <code className="soft">{row.kind}</code> },
        { key: "what", title: t("journal.what"), cell: (row) => say(row.summary) },
        { key: "actor", title: t("journal.actor"), cell: (row) => <Actor of={row.actor} /> },
      ]}
    />
  );
}

export function JournalPage() {
  const { t } = useTranslation();
  const language = useLanguage();
  const [opened, setOpened] = useState<JournalEntry | undefined>();
  const journal = useJournal();
  const verify = useAct("verifyJournal", { inline: true });
  const newest = journal.data?.pages[0];
  const entries = journal.data?.pages.flatMap((page) => page.items) ?? [];
  const checkpoint = newest?.checkpoint;
  return (
    <Page
      title={t("journal.title")}
      sub={t("journal.sub")}
      actions={
        <Act type="primary" needs="journal:read" loading={verify.isPending} onClick={() => verify.mutate({})}>
          {t("journal.verify")}
        </Act>
      }
    >
      {verify.error !== null && <CallFailure error={verify.error} />}
      {verify.data !== undefined && <Verification result={verify.data} />}
      <Loaded of={journal} rows={8}>
        {() => (
          <>
            <Card>
              <Facts
                items={[
                  [t("journal.entries"), formatNumber(newest?.size ?? 0, language)],
                  [
                    t("journal.checkpoint"),
                    checkpoint == null
                      ? t("journal.noCheckpoint")
                      : t("journal.checkpointOf", { size: checkpoint.size, at: formatTime(checkpoint.at, language) }),
                  ],
                  [
                    t("journal.root"),
                    checkpoint == null ? undefined : <Hash key="root" value={checkpoint.rootHash} whole />,
                  ],
                ]}
              />
            </Card>
            <Card flush>
              {entries.length === 0 ? (
                <Empty title={t("journal.empty")} hint={t("journal.emptyHint")} />
              ) : (
                <Entries entries={entries} onOpen={setOpened} />
              )}
            </Card>
            {journal.hasNextPage && (
              <div>
                <Act loading={journal.isFetchingNextPage} onClick={() => void journal.fetchNextPage()}>
                  {t("journal.older")}
                </Act>
              </div>
            )}
          </>
        )}
      </Loaded>
      {opened !== undefined && <EntryModal entry={opened} onClose={() => setOpened(undefined)} />}
    </Page>
  );
}
