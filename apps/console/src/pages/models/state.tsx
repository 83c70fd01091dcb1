import type { Model } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { State } from "../../components/state.tsx";

/** How a version stands: what bars it first, else whether all have signed it. */
export function ModelState({ of: model }: { of: Model }) {
  const { t } = useTranslation();
  if (model.status === "WITHDRAWN") return <State of="REVOKED" label={t("common.state.WITHDRAWN")} />;
  if (model.status === "ARCHIVED") return <State of="ARCHIVED" />;
  return model.signed ? (
    <State of="ACTIVE" label={t("models.signedAll")} />
  ) : (
    <State of="WAITING" label={t("models.signedNot")} />
  );
}

/** What this party's permits allow. */
export function Permitted({ of: model }: { of: Model }) {
  const { t } = useTranslation();
  if (model.permits === 0) return <span className="muted">{t("models.byJob")}</span>;
  if (model.permitted.length === 0) return <State of="EXPIRED" label={t("models.noneInForce")} />;
  return <>{model.permitted.map((use) => t(`models.use.${use}`)).join(", ")}</>;
}

export function Version({ number }: { number: number | null }) {
  const { t } = useTranslation();
  return number === null ? null : <span className="version">{t("models.versionOf", { number })}</span>;
}
