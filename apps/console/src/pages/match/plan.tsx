import type { MatchPlan } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { Card, Facts } from "../../components/page.tsx";
import type { en } from "../../i18n/en.ts";
import { useLanguage, useText } from "../../i18n/i18n.ts";
import { byPsi, type Kind } from "./draft.ts";
import { estimateWords } from "./estimate.ts";

export type ProtocolName = keyof (typeof en)["match"]["protocolOf"];
const NAMED: readonly ProtocolName[] = ["ecdh", "vole", "multi-party", "cardinality", "sum", "labelled"];

/** A newer node may know protocols that this page has no words for. */
export function useProtocolName(): (protocol: string) => string {
  const { t } = useTranslation();
  return (protocol) => {
    const known = NAMED.find((each) => each === protocol);
    return known === undefined ? protocol : t(`match.protocolOf.${known}`);
  };
}

/** The protocol chosen, why, and what it will take. */
export function Plan({ plan, kind }: { plan: MatchPlan; kind: Kind }) {
  const { t } = useTranslation();
  const say = useText();
  const language = useLanguage();
  const nameOf = useProtocolName();
  const words = estimateWords(plan, language);
  return (
    <Card title={t("match.plan")}>
      <div className="stack tight">
        <b style={{ fontWeight: 600 }}>{nameOf(plan.protocol)}</b>
        <p className="soft">{say(plan.why)}</p>
        {words === null ? (
          <p className="soft">{t("match.noEstimate")}</p>
        ) : (
          <>
            <Facts
              items={[
                [t("match.time"), t("match.about", { value: words.time })],
                [t("match.sent"), t("match.about", { value: words.sent })],
                [t("match.received"), t("match.about", { value: words.received })],
                [t("match.disk"), byPsi(kind) ? t("match.about", { value: words.disk }) : undefined],
              ]}
            />
            <p className="small muted">{t("match.estimateHint")}</p>
          </>
        )}
      </div>
    </Card>
  );
}
