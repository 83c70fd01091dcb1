import type { DisclosureItem } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useText } from "../i18n/i18n.ts";
import { Empty } from "./page.tsx";
import { Party, useParties, usePartyColour } from "./party.tsx";

interface Learnt {
  readonly text: string;
  readonly tasks: string[];
}

/** The same sentence is said once, with the tasks it comes from. */
function merge(items: readonly DisclosureItem[], say: (text: DisclosureItem["text"]) => string): Learnt[] {
  const merged = new Map<string, Learnt>();
  for (const item of items) {
    const text = say(item.text);
    const known = merged.get(text);
    if (known === undefined) merged.set(text, { text, tasks: [item.task] });
    else if (!known.tasks.includes(item.task)) known.tasks.push(item.task);
  }
  return [...merged.values()];
}

const abouts = (items: readonly DisclosureItem[], recipient: string): string[] => [
  ...new Set(items.filter((item) => item.recipient === recipient).map((item) => item.about)),
];

/** Who learns what about whom, in plain words, partners first. */
export function Disclosure({ items }: { items: readonly DisclosureItem[] }) {
  const { t } = useTranslation();
  const say = useText();
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
          <h3>{t("approvals.willLearn", { party: recipient })}</h3>
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
                    <span>{learnt.text}</span>
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
