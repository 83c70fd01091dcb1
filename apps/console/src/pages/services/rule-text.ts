/** The rules of a service in the reader's words. Nodes name them by code, so that counts stay the same in every language. */
import { useTranslation } from "react-i18next";
import { codes } from "../../i18n/codes.ts";
import { useLanguage } from "../../i18n/i18n.ts";

const CAUSES = ["unknown-id", "stale-feature", "missing-host", "time-out"] as const;
const INSTEAD = ["fallback", "default", "refuse"] as const;

interface RuleText {
  /** As it is counted: "unknown-id/default", or the code of a refusal. */
  of(rule: string): string;
  cause(cause: string): string;
  instead(instead: string): string;
}

export function useRuleText(): RuleText {
  const { t } = useTranslation();
  const language = useLanguage();
  const cause = (name: string): string => {
    const known = CAUSES.find((each) => each === name);
    return known === undefined ? name : t(`services.cause.${known}`);
  };
  const instead = (name: string): string => {
    const known = INSTEAD.find((each) => each === name);
    return known === undefined ? name : t(`choices.${known}`);
  };
  const of = (rule: string): string => {
    const [first = "", second] = rule.split("/");
    if (second !== undefined) return `${cause(first)} → ${instead(second)}`;
    const said = language === "zh" ? codes[rule]?.what : undefined;
    return said === undefined ? rule : `${said.replace(/。$/, "")}（${rule}）`;
  };
  return { of, cause, instead };
}
