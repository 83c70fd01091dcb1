import { type ErrorComponentProps, Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { CallFailure } from "./failure.tsx";
import { Empty, Page } from "./page.tsx";

export function Missing() {
  const { t } = useTranslation();
  return (
    <Page title={t("common.notFound")}>
      <Empty
        title={t("common.notFound")}
        hint={t("common.notFoundHint")}
        action={<Link to="/">{t("common.home")}</Link>}
      />
    </Page>
  );
}

/** What a page shows when drawing it failed. */
export function Crashed({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  return (
    <Page title={t("common.failure.title")}>
      <CallFailure error={error instanceof Error ? error : new Error(String(error))} onRetry={reset} />
    </Page>
  );
}
