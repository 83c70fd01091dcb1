import type { UseQueryResult } from "@tanstack/react-query";
import { ApiCallError, type Failure, type Problem } from "@tombolo/sdk";
import { Button } from "antd";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { codes } from "../i18n/codes.ts";
import { useLanguage } from "../i18n/i18n.ts";
import { reasonOf } from "../i18n/reasons.ts";
import { Facts, Skeleton } from "./page.tsx";
import { Party } from "./party.tsx";

const FAMILIES = ["input", "protocol", "transport", "consent", "auth", "state", "resource", "aborted"] as const;
type Family = (typeof FAMILIES)[number];

export function useFamilyTitle(): (code: string) => string {
  const { t } = useTranslation();
  return (code) => {
    const family = code.slice(0, code.indexOf("."));
    return FAMILIES.includes(family as Family)
      ? t(`common.failure.family.${family as Family}`)
      : t("common.failure.title");
  };
}

/** What to do: in the reader's language where this console knows the code, else in the node's own words. */
export function useRemedy(): (code: string, given: string | null | undefined, message?: string) => string {
  const { t } = useTranslation();
  const language = useLanguage();
  return (code, given, message) => {
    const known = (language === "zh" ? reasonOf(message ?? "")?.remedy : undefined) ?? codes[code]?.remedy[language];
    return (language === "zh" ? (known ?? given) : (given ?? known)) ?? t("common.failure.noRemedy");
  };
}

/** What happened. The node's words say it in particular; a Chinese reader gets the code's meaning above them. */
function Message({ code, text }: { code: string; text: string }) {
  const language = useLanguage();
  const what = language === "zh" ? (reasonOf(text)?.what ?? codes[code]?.what) : undefined;
  if (what === undefined) return <div className="break lines">{text}</div>;
  return (
    <div>
      {what}
      <div className="small soft break lines">{text}</div>
    </div>
  );
}

export function Problems({ problems }: { problems: readonly Problem[] }) {
  const { t } = useTranslation();
  return (
    <div className="failure" role="alert">
      <h3>{t("common.failure.problems", { count: problems.length })}</h3>
      <ProblemList problems={problems} />
    </div>
  );
}

function reasonWords(message: string): { readonly message: string; readonly remedy: string } | undefined {
  const reason = reasonOf(message);
  return reason && { message: reason.what, remedy: reason.remedy };
}

/** One problem in a sentence or two, where there is no room for more. */
export function useProblemText(): (problem: Problem) => string {
  const language = useLanguage();
  return ({ message, remedy, zh, code }) => {
    const known = language === "zh" && code !== undefined ? codes[code] : undefined;
    const said =
      language === "zh"
        ? (reasonWords(message) ?? zh ?? { message: known?.what ?? message, remedy: known?.remedy.zh ?? remedy })
        : { message, remedy };
    const sentence = (text: string): string =>
      /[.!?。！？]$/.test(text) ? text : `${text}${language === "zh" ? "。" : "."}`;
    return said.remedy === undefined
      ? said.message
      : `${sentence(said.message)}${language === "zh" ? "" : " "}${said.remedy}`;
  };
}

/** In the reader's language where the node says it so, or where this console knows the failure behind it. `bare`: where it is stands to reason. */
export function ProblemList({ problems, bare }: { problems: readonly Problem[]; bare?: boolean }) {
  const language = useLanguage();
  return (
    <ul className="stack tight">
      {problems.map(({ path, message, remedy, zh, code }) => {
        const known = code === undefined ? undefined : codes[code];
        const translated = reasonWords(message) ?? zh;
        const said =
          language === "zh" ? (translated ?? { message, remedy: known?.remedy.zh ?? remedy }) : { message, remedy };
        return (
          <li key={`${path} ${message}`}>
            {path !== "" && bare !== true && <code className="soft">{path} </code>}
            {language === "zh" && translated === undefined && known !== undefined && <div>{known.what}</div>}
            {said.message}
            {said.remedy !== undefined && <div className="soft small">{said.remedy}</div>}
          </li>
        );
      })}
    </ul>
  );
}

/** A failed call: what, what to do, and the code. */
export function CallFailure({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  const { t } = useTranslation();
  const familyTitle = useFamilyTitle();
  const remedy = useRemedy();
  const known = error instanceof ApiCallError ? error : undefined;
  const code = known?.code ?? "transport.unreachable";
  return (
    <div className="failure" role="alert">
      <h3>{familyTitle(code)}</h3>
      <Message code={code} text={error.message} />
      {known !== undefined && known.problems.length > 0 && <ProblemList problems={known.problems} />}
      <Facts
        items={[
          [t("common.failure.remedy"), remedy(code, known?.remedy, error.message)],
          [t("common.failure.party"), known?.blame],
          [t("common.failure.stage"), known?.stage],
          [t("common.failure.code"), <code key="code">{code}</code>],
        ]}
      />
      {onRetry !== undefined && (
        <Button size="small" style={{ marginTop: 10 }} onClick={onRetry}>
          {t("common.retry")}
        </Button>
      )}
    </div>
  );
}

const DETAILS = ["column", "step", "transform", "expression", "rows", "kind", "classes", "category"] as const;

/** Who, what, why and the next step of a failed job or task. */
export function FailurePanel({ failure, actions }: { failure: Failure; actions?: ReactNode }) {
  const { t } = useTranslation();
  const familyTitle = useFamilyTitle();
  const remedy = useRemedy();
  const detail = Object.entries(failure.detail ?? {});
  const nameOf = (name: string): string => {
    const known = DETAILS.find((each) => each === name);
    return known === undefined ? name : t(`common.failure.detailOf.${known}`);
  };
  return (
    <div className="failure" role="alert">
      <h3>{familyTitle(failure.code)}</h3>
      <div style={{ fontSize: 14 }}>
        <Message code={failure.code} text={failure.message} />
      </div>
      <Facts
        items={[
          [t("common.failure.remedy"), remedy(failure.code, failure.remedy, failure.message)],
          [t("common.failure.party"), failure.party === null ? undefined : <Party key="party" id={failure.party} />],
          [t("common.failure.task"), failure.task ?? undefined],
          [t("common.failure.stage"), failure.stage ?? undefined],
          [t("common.failure.code"), <code key="code">{failure.code}</code>],
          [
            t("common.failure.detail"),
            detail.length === 0 ? undefined : (
              <code key="detail" className="break">
                {detail.map(([name, value]) => `${nameOf(name)}: ${JSON.stringify(value)}`).join("; ")}
              </code>
            ),
          ],
        ]}
      />
      {actions !== undefined && (
        <div className="row wrap" style={{ marginTop: 12 }}>
          {actions}
        </div>
      )}
    </div>
  );
}

/** Skeleton while the first answer is on its way, the failure when it did not come, else the content. */
export function Loaded<T>({
  of,
  rows,
  children,
}: {
  of: UseQueryResult<T, Error>;
  rows?: number;
  children: (data: T) => ReactNode;
}) {
  if (of.data !== undefined) return <>{children(of.data)}</>;
  if (of.error !== null) return <CallFailure error={of.error} onRetry={() => void of.refetch()} />;
  return <Skeleton rows={rows ?? 5} />;
}
