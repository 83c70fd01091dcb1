import type { Role, User } from "@tombolo/sdk";
import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { Card, Empty, Facts } from "../../components/page.tsx";
import { State } from "../../components/state.tsx";
import { Table } from "../../components/table.tsx";
import { CopyLine, Time, When } from "../../components/values.tsx";
import { useAct, useMe, useRead } from "../../lib/queries.ts";
import { RoleSelect } from "./role-select.tsx";

interface OneTimeLink {
  readonly url: string;
  readonly expiresAt: string;
}

function LinkModal({ link, onClose }: { link: OneTimeLink; onClose(): void }) {
  const { t } = useTranslation();
  return (
    <Modal
      open
      title={t("people.link")}
      okText={t("common.close")}
      cancelButtonProps={{ style: { display: "none" } }}
      onOk={onClose}
      onCancel={onClose}
    >
      <div className="stack">
        <p>{t("people.linkHint")}</p>
        <CopyLine text={link.url} />
        <Facts items={[[t("people.linkUntil"), <Time key="until" at={link.expiresAt} />]]} />
      </div>
    </Modal>
  );
}

function UserModal({
  user,
  onLink,
  onClose,
}: {
  user: User | undefined;
  onLink(link: OneTimeLink): void;
  onClose(): void;
}) {
  const { t } = useTranslation();
  const [username, setUsername] = useState(user?.username ?? "");
  const [displayName, setDisplayName] = useState(user?.displayName ?? "");
  const [roles, setRoles] = useState<Role[]>(user?.roles ?? ["analyst"]);
  const create = useAct("createUser", {
    refresh: ["listUsers"],
    inline: true,
    after: ({ link }) => {
      onClose();
      onLink(link);
    },
  });
  const update = useAct("updateUser", {
    refresh: ["listUsers"],
    said: t("people.saved"),
    inline: true,
    after: onClose,
  });
  const error = create.error ?? update.error;
  const [subject, setSubject] = useState("");
  const provider = useRead("signInProvider", {}).data?.provider ?? null;
  const atProvider = user !== undefined && user.subject !== null;
  const changed = {
    displayName: displayName.trim(),
    // Who signs in at the identity provider has the roles that it gives.
    ...(atProvider || subject.trim() !== "" ? {} : { roles }),
    ...(subject.trim() === "" ? {} : { subject: subject.trim() }),
  };
  const save = () =>
    user === undefined
      ? create.mutate({ body: { username: username.trim(), displayName: displayName.trim(), roles } })
      : update.mutate({ params: { id: user.id }, body: changed });
  return (
    <Modal
      open
      title={user === undefined ? t("people.add") : user.username}
      okText={user === undefined ? t("people.add") : t("common.save")}
      cancelText={t("common.cancel")}
      okButtonProps={{
        loading: create.isPending || update.isPending,
        disabled: displayName.trim() === "" || roles.length === 0 || !/^[a-z][a-z0-9._-]{1,31}$/.test(username.trim()),
      }}
      onOk={save}
      onCancel={onClose}
    >
      <div className="stack">
        {user === undefined && (
          <Field label={t("people.username")} hint={t("people.usernameHint")}>
            <Input autoFocus value={username} maxLength={32} onChange={(event) => setUsername(event.target.value)} />
          </Field>
        )}
        <Field label={t("people.displayName")}>
          <Input value={displayName} maxLength={200} onChange={(event) => setDisplayName(event.target.value)} />
        </Field>
        {atProvider ? (
          <Facts items={[[t("people.subject"), user.subject]]} />
        ) : (
          <RoleSelect person value={roles} onChange={setRoles} />
        )}
        {user !== undefined && !atProvider && provider !== null && (
          <Field label={t("people.subject")} hint={t("people.subjectHint", { name: provider.name })}>
            <Input value={subject} maxLength={255} onChange={(event) => setSubject(event.target.value)} />
          </Field>
        )}
        {error !== null && <CallFailure error={error} />}
      </div>
    </Modal>
  );
}

export function Users() {
  const { t } = useTranslation();
  const me = useMe();
  // Others sign in and use their links meanwhile, and no event tells of it.
  const list = useRead("listUsers", {}, { everyMs: 5_000 });
  const [editing, setEditing] = useState<User | "new" | undefined>();
  const [link, setLink] = useState<OneTimeLink | undefined>();
  const reset = useAct("resetUser", { after: setLink });
  const update = useAct("updateUser", { refresh: ["listUsers"], said: t("people.saved") });
  const add = (
    <Act type="primary" onClick={() => setEditing("new")}>
      {t("people.add")}
    </Act>
  );
  return (
    <Card title={t("people.users")} actions={add} flush>
      <Loaded of={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("people.emptyUsers")} hint={t("people.emptyUsersHint")} action={add} />
          ) : (
            <Table
              label={t("people.users")}
              rows={items}
              keyOf={(row) => row.id}
              columns={[
                {
                  key: "name",
                  title: t("people.displayName"),
                  cell: (row) => (
                    <span>
                      <b style={{ fontWeight: 600 }}>{row.displayName}</b> <span className="muted">{row.username}</span>
                    </span>
                  ),
                },
                {
                  key: "roles",
                  title: t("people.roles"),
                  cell: (row) => row.roles.map((role) => t(`common.role.${role}`)).join(", "),
                },
                {
                  key: "status",
                  title: t("people.status"),
                  cell: (row) =>
                    row.disabled ? (
                      <State of="TERMINATED" label={t("people.disabled")} />
                    ) : row.active ? (
                      <State of="ACTIVE" label={t("people.active")} />
                    ) : (
                      <State of="WAITING" label={t("people.pending")} />
                    ),
                },
                {
                  key: "last",
                  title: t("people.lastSignIn"),
                  num: true,
                  cell: (row) => (row.lastSignInAt === null ? t("people.never") : <When at={row.lastSignInAt} />),
                },
                {
                  key: "do",
                  title: "",
                  num: true,
                  cell: (row) => (
                    <span className="row" style={{ justifyContent: "flex-end" }}>
                      <Act size="small" onClick={() => setEditing(row)}>
                        {t("people.edit")}
                      </Act>
                      {row.subject === null && (
                        <Act size="small" onClick={() => reset.mutate({ params: { id: row.id } })}>
                          {t("people.reset")}
                        </Act>
                      )}
                      <Act
                        size="small"
                        danger={!row.disabled}
                        disabled={row.id === me?.user.id}
                        onClick={() => update.mutate({ params: { id: row.id }, body: { disabled: !row.disabled } })}
                      >
                        {row.disabled ? t("people.enable") : t("people.disable")}
                      </Act>
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {editing !== undefined && (
        <UserModal
          user={editing === "new" ? undefined : editing}
          onLink={setLink}
          onClose={() => setEditing(undefined)}
        />
      )}
      {link !== undefined && <LinkModal link={link} onClose={() => setLink(undefined)} />}
    </Card>
  );
}
