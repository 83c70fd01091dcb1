import type { Role } from "@tombolo/sdk";
import { App, Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Act, Field } from "../../components/act.tsx";
import { CallFailure, Loaded } from "../../components/failure.tsx";
import { NumberField } from "../../components/fields.tsx";
import { Card, Empty } from "../../components/page.tsx";
import { Table } from "../../components/table.tsx";
import { CopyLine, When } from "../../components/values.tsx";
import { useAct, useRead } from "../../lib/queries.ts";
import { RoleSelect } from "./role-select.tsx";

function KeyModal({ onClose }: { onClose(): void }) {
  const { t } = useTranslation();
  const [name, setName] = useState("");
  const [days, setDays] = useState(90);
  const [roles, setRoles] = useState<Role[]>(["analyst"]);
  const create = useAct("createApiKey", { refresh: ["listApiKeys"], inline: true });
  const made = create.data;
  return (
    <Modal
      open
      title={made === undefined ? t("people.addKey") : t("people.secret")}
      okText={made === undefined ? t("people.addKey") : t("common.close")}
      cancelText={t("common.cancel")}
      okButtonProps={{ loading: create.isPending, disabled: name.trim() === "" || roles.length === 0 }}
      cancelButtonProps={made === undefined ? {} : { style: { display: "none" } }}
      onOk={() => (made === undefined ? create.mutate({ body: { name: name.trim(), days, roles } }) : onClose())}
      onCancel={onClose}
    >
      {made === undefined ? (
        <div className="stack">
          <Field label={t("people.keyName")}>
            <Input autoFocus value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
          </Field>
          <NumberField label={t("people.days")} max={366} value={days} onChange={setDays} />
          <RoleSelect value={roles} onChange={setRoles} />
          {create.error !== null && <CallFailure error={create.error} />}
        </div>
      ) : (
        <div className="stack">
          <p>{t("people.secretHint")}</p>
          <CopyLine text={made.secret} />
        </div>
      )}
    </Modal>
  );
}

export function ApiKeys() {
  const { t } = useTranslation();
  const { modal } = App.useApp();
  const list = useRead("listApiKeys", {});
  const [open, setOpen] = useState(false);
  const remove = useAct("deleteApiKey", { refresh: ["listApiKeys"], said: t("people.deleted") });
  const add = (
    <Act type="primary" onClick={() => setOpen(true)}>
      {t("people.addKey")}
    </Act>
  );
  const ask = (id: string, name: string) =>
    modal.confirm({
      title: t("people.deleteKey", { name }),
      content: t("people.deleteKeyHint"),
      okText: t("people.delete"),
      cancelText: t("common.cancel"),
      okButtonProps: { danger: true },
      onOk: () => remove.mutateAsync({ params: { id } }).catch(() => undefined),
    });
  return (
    <Card title={t("people.keys")} actions={add} flush>
      <Loaded of={list}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty title={t("people.emptyKeys")} hint={t("people.emptyKeysHint")} action={add} />
          ) : (
            <Table
              label={t("people.keys")}
              rows={items}
              keyOf={(row) => row.id}
              columns={[
                { key: "name", title: t("people.keyName"), cell: (row) => row.name },
                {
                  key: "roles",
                  title: t("people.roles"),
                  cell: (row) => row.roles.map((role) => t(`common.role.${role}`)).join(", "),
                },
                { key: "by", title: t("people.createdBy"), cell: (row) => row.createdBy },
                {
                  key: "last",
                  title: t("people.lastUsed"),
                  num: true,
                  cell: (row) => (row.lastUsedAt === null ? t("people.never") : <When at={row.lastUsedAt} />),
                },
                { key: "expires", title: t("people.expires"), num: true, cell: (row) => <When at={row.expiresAt} /> },
                {
                  key: "do",
                  title: "",
                  num: true,
                  cell: (row) => (
                    <Act size="small" danger onClick={() => ask(row.id, row.name)}>
                      {t("people.delete")}
                    </Act>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {open && <KeyModal onClose={() => setOpen(false)} />}
    </Card>
  );
}
