import { Button } from "antd";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { chooseLanguage, useLanguage } from "../../i18n/i18n.ts";
import "../../components/components.css";
import "./session.css";

/** The pages before sign-in: what this is on one side, the form on the other. */
export function SessionFrame({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  const language = useLanguage();
  useEffect(() => {
    document.title = `${title} · ${t("common.product")}`;
  }, [title, t]);
  return (
    <div className="session">
      <section className="session-about">
        <img src="/mark.svg" width={44} height={44} alt="" />
        <h1>{t("common.productWide")}</h1>
        <p className="lead">{t("common.promise")}</p>
        <ul>
          <li>{t("session.point1")}</li>
          <li>{t("session.point2")}</li>
          <li>{t("session.point3")}</li>
        </ul>
      </section>
      <main className="session-form">
        <div className="session-language">
          <Button type="text" size="small" onClick={() => void chooseLanguage(language === "zh" ? "en" : "zh")}>
            {t("settings.switchLanguage")}
          </Button>
        </div>
        <div className="session-card">
          <h2>{title}</h2>
          {children}
        </div>
      </main>
    </div>
  );
}
