import type { DisclosureItem } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useLanguage, useText } from "../i18n/i18n.ts";
import { formatNumber, type Language } from "../lib/format.ts";
import { Empty } from "./page.tsx";
import { Party, useParties, usePartyColour } from "./party.tsx";

interface Learnt {
  readonly text: string;
  readonly tasks: string[];
  /** Told only by a refusal or failure: said last and quieter. */
  readonly early: boolean;
}

/** Counts in a sentence with separators, as everywhere else. */
const withSeparators = (text: string, language: Language): string =>
  text.replace(/\b\d{5,15}\b/g, (digits) => formatNumber(Number(digits), language));

/** The same sentence is said once, with the tasks it comes from. */
function merge(items: readonly DisclosureItem[], say: (text: DisclosureItem["text"]) => string): Learnt[] {
  const merged = new Map<string, Learnt>();
  for (const item of items) {
    const text = say(item.text);
    const known = merged.get(text);
    if (known === undefined) merged.set(text, { text, tasks: [item.task], early: item.kind === "early-end" });
    else if (!known.tasks.includes(item.task)) known.tasks.push(item.task);
  }
  return [...merged.values()].sort((a, b) => Number(a.early) - Number(b.early));
}

const abouts = (items: readonly DisclosureItem[], recipient: string): string[] => [
  ...new Set(items.filter((item) => item.recipient === recipient).map((item) => item.about)),
];

interface DisclosureProps {
  readonly items: readonly DisclosureItem[];
  /** It has happened. */
  readonly past?: boolean;
}

/** Who learns what about whom, in plain words, partners first. */
export function Disclosure({ items, past = false }: DisclosureProps) {
  const { t } = useTranslation();
  const say = useText();
  const language = useLanguage();
  const { own } = useParties();
  const colour = usePartyColour();
  const recipients = [...new Set(items.map((item) => item.recipient))].sort(
    (a, b) => Number(a === own) - Number(b === own),
  );
  if (recipients.length === 0)
    return <Empty title={t("approvals.nothingLearnt")} hint={t("approvals.nothingLearntHint")} />;
  return (
    <div className="learns">
      {recipients.map((recipient) => (
        <section key={recipient} style={{ "--party": colour(recipient) } as React.CSSProperties}>
          <h3>{t(past ? "approvals.hasLearnt" : "approvals.willLearn", { party: recipient })}</h3>
          {abouts(items, recipient).map((about) => (
            <div key={about}>
              <h4>
                {t("approvals.about")} <Party id={about} />
              </h4>
              <ul>
                {merge(
                  items.filter((item) => item.recipient === recipient && item.about === about),
                  say,
                ).map((learnt) => (
                  <li key={learnt.text}>
                    <span className={learnt.early ? "soft" : undefined}>{withSeparators(learnt.text, language)}</span>
                    <code className="muted small nowrap">{learnt.tasks.join(", ")}</code>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </section>
      ))}
    </div>
  );
}
