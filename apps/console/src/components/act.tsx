import { type Permission, permissionsOf, type Role } from "@tombolo/sdk";
import { Button, type ButtonProps, Input, Modal, Switch, Tooltip } from "antd";
import { type ReactNode, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "../lib/queries.ts";

/** Why the signed-in person may not do it, naming the roles that may; undefined when allowed. */
export function useForbidden(): (permission: Permission) => string | undefined {
  const may = useMay();
  const { t } = useTranslation();
  return (permission) => {
    if (may(permission)) return undefined;
    const roles = (Object.keys(permissionsOf) as Role[]).filter((role) => permissionsOf[role].includes(permission));
    return t("common.needsRole", { roles: roles.map((role) => t(`common.role.${role}`)).join(", ") });
  };
}

interface ActProps extends ButtonProps {
  readonly needs?: Permission;
  /** Why it cannot be done now. */
  readonly because?: string | undefined;
}

/** A button that, when it cannot be pressed, says why. */
export function Act({ needs, because, ...button }: ActProps) {
  const forbidden = useForbidden();
  const why = (needs === undefined ? undefined : forbidden(needs)) ?? because;
  if (why === undefined) return <Button {...button} />;
  return (
    <Tooltip title={why}>
      <span role="note" aria-label={why}>
        <Button {...button} disabled />
      </span>
    </Tooltip>
  );
}

interface ReasonModalProps {
  readonly title: string;
  readonly okText: string;
  readonly danger?: boolean;
  readonly busy: boolean;
  /** The text may be left out. */
  readonly optional?: boolean;
  readonly hint?: string;
  readonly children?: ReactNode;
  onOk(reason: string): void;
  onClose(): void;
}

/** Asks for a reason before something that cannot be taken back. */
export function ReasonModal(props: ReasonModalProps) {
  const { t } = useTranslation();
  const [reason, setReason] = useState("");
  const missing = props.optional !== true && reason.trim() === "";
  return (
    <Modal
      open
      title={props.title}
      okText={props.okText}
      cancelText={t("common.cancel")}
      okButtonProps={{ danger: props.danger === true, disabled: missing, loading: props.busy }}
      onOk={() => props.onOk(reason.trim())}
      onCancel={props.onClose}
    >
      <div className="stack">
        {props.children}
        <Field
          label={t("common.reason")}
          optional={props.optional === true}
          hint={props.hint ?? t("common.reasonHint")}
        >
          <Input.TextArea
            autoFocus
            rows={3}
            maxLength={4000}
            value={reason}
            aria-label={t("common.reason")}
            onChange={(event) => setReason(event.target.value)}
          />
        </Field>
      </div>
    </Modal>
  );
}

interface FieldProps {
  readonly label: ReactNode;
  readonly optional?: boolean;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  /** Holds several controls that have labels of their own. */
  readonly group?: boolean;
  readonly children: ReactNode;
}

/** A labelled control; the label is clickable because it wraps the control. */
export function Field({ label, optional, hint, error, group, children }: FieldProps) {
  const { t } = useTranslation();
  const Wrap = group === true ? "div" : "label";
  return (
    <Wrap className="field">
      <span className="label">
        {label}
        {optional === true && <small>{t("common.optional")}</small>}
      </span>
      {children}
      {error !== undefined ? (
        <span className="error">{error}</span>
      ) : (
        hint !== undefined && <span className="hint">{hint}</span>
      )}
    </Wrap>
  );
}

interface ToggleProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly checked: boolean;
  onChange(checked: boolean): void;
}

/** A switch beside what it stands for, which is clickable too. */
export function Toggle({ label, hint, checked, onChange }: ToggleProps) {
  const id = useId();
  return (
    <div className="toggle">
      <Switch id={id} size="small" checked={checked} onChange={onChange} />
      <label htmlFor={id}>
        {label}
        {hint !== undefined && <span className="small muted">{hint}</span>}
      </label>
    </div>
  );
}
