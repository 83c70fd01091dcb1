import { useNavigate } from "@tanstack/react-router";
import { type ModelDetail, routes } from "@tombolo/sdk";
import { Input, Modal } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { Act, Field, ReasonModal } from "../../components/act.tsx";
import { CallFailure } from "../../components/failure.tsx";
import { Notice } from "../../components/page.tsx";
import { useParties } from "../../components/party.tsx";
import { useAct } from "../../lib/queries.ts";

const TOUCHED = ["getModel", "listModels", "listApprovals", "listJobs"] as const;

function EditModal({ model, onClose }: { model: ModelDetail; onClose(): void }) {
  const { t } = useTranslation();
  const [name, setName] = useState(model.name);
  const [notes, setNotes] = useState(model.notes);
  const save = useAct("describeModel", { refresh: TOUCHED, said: t("models.saved"), inline: true, after: onClose });
  return (
    <Modal
      open
      title={t("models.edit")}
      okText={t("models.save")}
      cancelText={t("common.cancel")}
      okButtonProps={{ disabled: name.trim() === "", loading: save.isPending }}
      onOk={() => save.mutate({ params: { id: model.id }, body: { name: name.trim(), notes } })}
      onCancel={onClose}
    >
      <div className="stack">
        <Field label={t("models.name")} hint={t("models.nameHint")}>
          <Input maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Field label={t("models.notes")} optional hint={t("models.notesHint")}>
          <Input.TextArea rows={4} maxLength={4000} value={notes} onChange={(event) => setNotes(event.target.value)} />
        </Field>
        {save.error !== null && <CallFailure error={save.error} />}
      </div>
    </Modal>
  );
}

function WithdrawModal({ model, onClose }: { model: ModelDetail; onClose(): void }) {
  const { t } = useTranslation();
  const withdraw = useAct("withdrawModel", { refresh: TOUCHED, said: t("models.withdrawnNow"), after: onClose });
  return (
    <ReasonModal
      title={t("models.withdrawTitle")}
      okText={t("models.withdraw")}
      danger
      busy={withdraw.isPending}
      onClose={onClose}
      onOk={(reason) => withdraw.mutate({ params: { id: model.id }, body: { reason } })}
    >
      <Notice tone="bad">{t("models.withdrawHint")}</Notice>
    </ReasonModal>
  );
}

/** What may be done with a version; the most usual first. */
/** Of parameters: such a model has no weights that a service could add up. */
const atLevelShared = z.object({ level: z.literal("shared") });

export function Actions({ model }: { model: ModelDetail }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [open, setOpen] = useState<"edit" | "withdraw" | undefined>();
  const { own } = useParties();
  const archived = model.status === "ARCHIVED";
  const publish = useAct("publishModel", {
    refresh: TOUCHED,
    said: model.published ? t("models.unpublishedNow") : t("models.publishedNow"),
  });
  const archive = useAct("archiveModel", {
    refresh: TOUCHED,
    said: archived ? t("models.restoredNow") : t("models.archivedNow"),
  });
  const params = { id: model.id };
  const exportPath = routes.exportModel.path.replace(":id", encodeURIComponent(model.id));
  const alone = model.parties.length === 1;
  return (
    <>
      <Act needs="models:manage" onClick={() => setOpen("edit")}>
        {t("models.edit")}
      </Act>
      {!alone && (
        <Act
          needs="models:manage"
          loading={publish.isPending}
          onClick={() => publish.mutate({ params, body: { published: !model.published } })}
        >
          {model.published ? t("models.unpublish") : t("models.publish")}
        </Act>
      )}
      <Act
        needs="models:manage"
        loading={archive.isPending}
        onClick={() => archive.mutate({ params, body: { archived: !archived } })}
      >
        {archived ? t("models.restore") : t("models.archive")}
      </Act>
      {model.kind !== "catalogue" && (
        <Act needs="models:export" href={exportPath} download>
          {t("models.export")}
        </Act>
      )}
      {model.kind !== "catalogue" && (
        <Act needs="models:export" href={`${exportPath}?format=json`} download>
          {t("models.exportJson")}
        </Act>
      )}
      {model.status !== "WITHDRAWN" && (
        <Act danger needs="approvals:decide" onClick={() => setOpen("withdraw")}>
          {t("models.withdraw")}
        </Act>
      )}
      {!model.step && model.parties.some(({ party, role }) => party === own && role === "guest") && (
        <Act
          needs="services:manage"
          because={
            model.status !== "ACTIVE"
              ? t(`common.state.${model.status}`)
              : atLevelShared.safeParse(model.parameters).success
                ? t("models.sharedNoService")
                : undefined
          }
          onClick={() => void navigate({ to: "/deploy", search: { model: model.id } })}
        >
          {t("services.deploy")}
        </Act>
      )}
      {!model.step && model.kind !== "catalogue" && (
        <Act
          type="primary"
          needs="jobs:submit"
          because={model.status === "ACTIVE" ? undefined : t(`common.state.${model.status}`)}
          onClick={() => void navigate({ to: "/score", search: { model: model.id } })}
        >
          {t("models.score")}
        </Act>
      )}
      {open === "edit" && <EditModal model={model} onClose={() => setOpen(undefined)} />}
      {open === "withdraw" && <WithdrawModal model={model} onClose={() => setOpen(undefined)} />}
    </>
  );
}
