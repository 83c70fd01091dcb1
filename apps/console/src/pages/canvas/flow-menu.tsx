import { App, Button, Dropdown } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useForbidden } from "../../components/act.tsx";
import { Icon } from "../../components/icon.tsx";
import { useCanvas } from "./canvas.tsx";
import { FlowsModal } from "./flows-modal.tsx";
import { RevisionsModal } from "./revisions-modal.tsx";
import { SaveModal } from "./save-modal.tsx";
import { ExportModal, ImportModal } from "./yaml-modals.tsx";

type Opened = "flows" | "saveAs" | "revisions" | "import" | "export";

/** What is done with a flow as a whole: opened, named, saved beside, looked up as it was, deleted, as a file. */
export function FlowMenu() {
  const { t } = useTranslation();
  const { modal, message, notification } = App.useApp();
  const forbidden = useForbidden()("jobs:submit");
  const { node, saving, draft, choose } = useCanvas();
  const [opened, setOpened] = useState<Opened | undefined>();
  const empty = Object.keys(draft.flow.tasks).length === 0;
  const close = () => setOpened(undefined);
  const rename = () => {
    choose([]);
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>("#flow-name")?.select());
  };
  const remove = () =>
    modal.confirm({
      title: t("keptFlows.removeTitle", { name: draft.flow.name }),
      content: t("keptFlows.removeText", { revision: node?.revision }),
      okText: t("canvas.remove"),
      okButtonProps: { danger: true },
      cancelText: t("common.cancel"),
      onOk: () =>
        saving.remove().then(
          () => void message.success(t("keptFlows.deleted")),
          (error: Error) => notification.error({ title: error.message }),
        ),
    });
  const kept = node !== undefined;
  const items = [
    { key: "rename", label: t("keptFlows.rename"), disabled: forbidden !== undefined, onClick: rename },
    ...(kept
      ? [
          {
            key: "saveAs",
            label: t("keptFlows.saveAs"),
            disabled: forbidden !== undefined,
            onClick: () => setOpened("saveAs"),
          },
          { key: "revisions", label: t("keptFlows.revisions"), onClick: () => setOpened("revisions") },
        ]
      : []),
    { type: "divider" as const },
    { key: "import", icon: <Icon name="upload" />, label: t("canvas.importIt"), onClick: () => setOpened("import") },
    { key: "export", icon: <Icon name="download" />, label: t("canvas.exportIt"), onClick: () => setOpened("export") },
    ...(kept
      ? [
          { type: "divider" as const },
          {
            key: "remove",
            danger: true,
            label: t("keptFlows.remove"),
            disabled: forbidden !== undefined,
            onClick: remove,
          },
        ]
      : []),
  ];
  return (
    <>
      <Button icon={<Icon name="pages" />} onClick={() => setOpened("flows")}>
        {t("keptFlows.flows")}
      </Button>
      <Dropdown trigger={["click"]} menu={{ items }}>
        <Button>{t("keptFlows.more")}</Button>
      </Dropdown>
      {!kept && !empty && (
        <Button
          disabled={forbidden !== undefined}
          title={forbidden ?? t("keptFlows.saveHint")}
          onClick={() => setOpened("saveAs")}
        >
          {t("keptFlows.save")}
        </Button>
      )}
      {opened === "flows" && <FlowsModal onClose={close} />}
      {opened === "saveAs" && <SaveModal onClose={close} />}
      {opened === "revisions" && node !== undefined && <RevisionsModal node={node} onClose={close} />}
      {opened === "import" && <ImportModal onClose={close} />}
      {opened === "export" && <ExportModal onClose={close} />}
    </>
  );
}
