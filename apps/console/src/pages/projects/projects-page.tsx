import { Link, useNavigate } from "@tanstack/react-router";
import type { Project } from "@tombolo/sdk";
import { Input, Modal, Select } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card, Empty, Page } from "../../components/page.tsx";
import { Party } from "../../components/party.tsx";
import { State } from "../../components/state.tsx";
import { type Column, Table } from "../../components/table.tsx";
import { When } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";

function ProposeModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const partners = (useRead("listPartners", {}).data?.items ?? []).filter((each) => each.status === "APPROVED");
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [members, setMembers] = useState<string[] | undefined>();
  const only = partners.length === 1 && partners[0]!.partyId !== null ? [partners[0]!.partyId] : [];
  const chosen = members ?? only;
  const create = useAct("createProject", {
    refresh: ["listProjects", "listApprovals"],
    said: t("projects.proposed"),
    inline: true,
    after: onClose,
  });
  return (
    <Modal
      open
      title={t("projects.propose")}
      okText={t("projects.propose")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: create.isPending, disabled: name.trim() === "" || chosen.length === 0 }}
      onCancel={onClose}
      onOk={() => create.mutate({ body: { name: name.trim(), description, members: chosen } })}
    >
      <div className="stack">
        <Field label={t("projects.name")}>
          <Input autoFocus value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={t("projects.members")} hint={t("projects.membersHint")}>
          <Select
            mode="multiple"
            value={chosen}
            aria-label={t("projects.members")}
            options={partners.map((each) => ({ value: each.partyId ?? "", label: `${each.partyId} · ${each.name}` }))}
            onChange={setMembers}
          />
        </Field>
        <Field label={t("projects.description")} optional>
          <Input.TextArea
            rows={3}
            value={description}
            maxLength={4000}
            onChange={(event) => setDescription(event.target.value)}
          />
        </Field>
        {create.error !== null && <CallFailure error={create.error} />}
      </div>
    </Modal>
  );
}

export function Members({ project }: { project: Project }) {
  return (
    <span className="row wrap" style={{ gap: 14 }}>
      {project.members.map((each) => (
        <span key={each.partyId} className="row" style={{ gap: 6 }}>
          <Party id={each.partyId} />
          {each.status !== "JOINED" && <State of={each.status} />}
        </span>
      ))}
    </span>
  );
}

export function ProjectsPage() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState(false);
  const list = useRead("listProjects", {});
  const columns: Column<Project>[] = [
    {
      key: "name",
      title: t("projects.name"),
      cell: (row) => (
        <div>
          <Link to="/projects/$id" params={{ id: row.id }}>
            <b style={{ fontWeight: 600 }}>{row.name}</b>
          </Link>
          <div className="small muted">{row.description}</div>
        </div>
      ),
    },
    { key: "members", title: t("projects.members"), cell: (row) => <Members project={row} /> },
    { key: "status", title: t("projects.status"), cell: (row) => <State of={row.status} /> },
    { key: "created", title: t("projects.created"), num: true, cell: (row) => <When at={row.createdAt} /> },
  ];
  const propose = (
    <Act type="primary" needs="projects:manage" onClick={() => setOpen(true)}>
      {t("projects.propose")}
    </Act>
  );
  return (
    <Page title={t("projects.title")} sub={t("projects.sub")} actions={propose}>
      <Card flush>
        <Loaded of={list}>
          {({ items }) =>
            items.length === 0 ? (
              <Empty title={t("projects.empty")} hint={t("projects.emptyHint")} action={propose} />
            ) : (
              <Table
                label={t("projects.title")}
                columns={columns}
                rows={items}
                keyOf={(row) => row.id}
                onOpen={(row) => void navigate({ to: "/projects/$id", params: { id: row.id } })}
              />
            )
          }
        </Loaded>
      </Card>
      {open && <ProposeModal onClose={() => setOpen(false)} />}
    </Page>
  );
}
