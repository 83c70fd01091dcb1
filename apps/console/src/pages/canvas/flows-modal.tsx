import type { KeptFlowSummary } from "@tombolo/sdk";
import { App, Button, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loaded } from "../../components/failure.tsx";
import { Icon } from "../../components/icon.tsx";
import { Empty } from "../../components/page.tsx";
import { useParties } from "../../components/party.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { useMe, useRead } from "../../lib/queries.ts";
import { useCanvas } from "./canvas.tsx";
import { dropDraft, type Kept, keptDrafts } from "./kept.ts";

/** Flows of the node, as a table to choose from. */
function AtNode({ flows, onOpen }: { readonly flows: readonly KeptFlowSummary[]; onOpen(id: string): void }) {
  const { t } = useTranslation();
  const me = useMe();
  const { own } = useParties();
  const { node } = useCanvas();
  const [find, setFind] = useState("");
  const projects = new Map((useRead("listProjects", {}).data?.items ?? []).map(({ id, name }) => [id, name]));
  const unsaved = new Set(
    keptDrafts(localStorage, own).flatMap((each) => (each.node?.clean === false ? [each.id] : [])),
  );
  const word = find.trim().toLowerCase();
  const found = flows.filter(({ name, projectId }) =>
    `${name} ${projects.get(projectId ?? "") ?? ""}`.toLowerCase().includes(word),
  );
  const columns: readonly Column<KeptFlowSummary>[] = [
    {
      key: "name",
      title: t("keptFlows.flow"),
      cell: ({ id, name }) => (
        <span className="stack tight">
          <button type="button" className="as-link" onClick={() => onOpen(id)}>
            {name}
          </button>
          {node?.id === id ? (
            <small className="muted">{t("keptFlows.open")}</small>
          ) : (
            unsaved.has(id) && <small className="state tone-wait">{t("keptFlows.unsavedHere")}</small>
          )}
        </span>
      ),
    },
    { key: "project", title: t("keptFlows.project"), cell: ({ projectId }) => projects.get(projectId ?? "") ?? "–" },
    { key: "steps", title: t("keptFlows.steps"), num: true, cell: ({ taskCount }) => taskCount },
    {
      key: "changed",
      title: t("keptFlows.changed"),
      cell: ({ changedAt, changedBy }) => (
        <span className="soft">
          <When at={changedAt} /> · {changedBy === me?.user.username ? t("keptFlows.byYou") : changedBy}
        </span>
      ),
    },
  ];
  if (flows.length === 0) return <Empty title={t("keptFlows.none")} hint={t("keptFlows.noneHint")} />;
  return (
    <>
      {flows.length > 6 && (
        <Input
          autoFocus
          allowClear
          prefix={<Icon name="ask" />}
          aria-label={t("keptFlows.find")}
          title={t("keptFlows.find")}
          value={find}
          onChange={(event) => setFind(event.target.value)}
        />
      )}
      <div className="flows-list">
        <Table
          label={t("keptFlows.title")}
          columns={columns}
          rows={found}
          keyOf={({ id }) => id}
          onOpen={({ id }) => onOpen(id)}
        />
      </div>
    </>
  );
}

/** What was drawn in this browser and never saved. */
function Here({ onOpen }: { onOpen(kept: Kept): void }) {
  const { t } = useTranslation();
  const { own } = useParties();
  const { id: opened } = useCanvas();
  const [, renew] = useState(0);
  const drafts = keptDrafts(localStorage, own).filter(({ node, id }) => node === null && id !== opened);
  if (drafts.length === 0) return null;
  return (
    <section className="stack tight">
      <h3 className="flows-here">
        {t("keptFlows.here")} <small className="muted">{t("keptFlows.hereHint")}</small>
      </h3>
      <ul>
        {drafts.map((kept) => (
          <li key={kept.id} className="row between">
            <span>
              <button type="button" className="as-link" onClick={() => onOpen(kept)}>
                {kept.draft.flow.name}
              </button>{" "}
              <small className="muted">
                <When at={new Date(kept.savedAt).toISOString()} />
              </small>
            </span>
            <Button
              type="text"
              size="small"
              aria-label={t("keptFlows.drop", { name: kept.draft.flow.name })}
              icon={<Icon name="cross" />}
              onClick={() => {
                dropDraft(localStorage, own, kept.id);
                renew((count) => count + 1);
              }}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The picker: what is kept at the node, and what is only here. */
export function FlowsModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const { message } = App.useApp();
  const { open, saving } = useCanvas();
  const flows = useRead("listFlows", {});
  const go = (kept: Kept | undefined) => {
    open(kept);
    onClose();
  };
  const goTo = (id: string) =>
    void saving.openFlow(id).then(onClose, (error: unknown) => void message.error(String((error as Error).message)));
  return (
    <Modal open width={820} title={t("keptFlows.title")} footer={null} onCancel={onClose}>
      <div className="stack">
        <div className="row between">
          <p className="soft">{t("keptFlows.hint")}</p>
          <Button icon={<Icon name="plus" />} onClick={() => go(undefined)}>
            {t("keptFlows.create")}
          </Button>
        </div>
        <Loaded of={flows} rows={3}>
          {({ items }) => <AtNode flows={items} onOpen={goTo} />}
        </Loaded>
        <Here onOpen={go} />
      </div>
    </Modal>
  );
}
