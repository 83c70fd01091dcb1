import type { CallOutput } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Facts } from "../../components/page.tsx";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { formatBytes } from "../../lib/format.ts";
import { roughTime } from "../match/estimate.ts";

/** The form the node chose, why, and what it will take. */
export function PlanCard({ plan }: { plan: CallOutput<"queryFlow">["plan"] }) {
  const { t } = useTranslation();
  const say = useText();
  const language = useLanguage();
  const { form, why, estimate } = plan;
  return (
    <Card title={t("match.plan")}>
      <div className="stack tight">
        <b style={{ fontWeight: 600 }}>{t(`lookup.formOf.${form}`)}</b>
        <p className="soft">{say(why)}</p>
        {estimate === null ? (
          <p className="soft">{t("match.noEstimate")}</p>
        ) : (
          <Facts
            items={[
              [t("match.time"), t("match.about", { value: roughTime(estimate.seconds, language) })],
              [t("match.sent"), t("match.about", { value: formatBytes(estimate.bytesOut) })],
              [t("match.received"), t("match.about", { value: formatBytes(estimate.bytesIn) })],
            ]}
          />
        )}
      </div>
    </Card>
  );
}
