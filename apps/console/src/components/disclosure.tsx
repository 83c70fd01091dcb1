import type { DisclosureItem } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useText } from "../i18n/i18n.ts";
import { Empty } from "./page.tsx";
import { Party, useParties, usePartyColour } from "./party.tsx";

interface Learnt {
  readonly key: string;
  readonly about: string;
  readonly text: string;
  readonly tasks: string[];
}

/** The same sentence about the same party is said once, with the tasks it comes from. */
function merge(items: readonly DisclosureItem[], say: (text: DisclosureItem["text"]) => string): Learnt[] {
  const merged = new Map<string, Learnt>();
  for (const item of items) {
    const text = say(item.text);
    const key = `${item.about} ${text}`;
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { key, about: item.about, text, tasks: [item.task] });
    else if (!known.tasks.includes(item.task)) known.tasks.push(item.task);
  }
  return [...merged.values()];
}

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
          <ul>
            {merge(
              items.filter((item) => item.recipient === recipient),
              say,
            ).map((learnt) => (
              <li key={learnt.key}>
                <span className="small soft">
                  {t("approvals.about")} <Party id={learnt.about} />
                </span>
                <span>
                  {learnt.text} <span className="muted small nowrap">{learnt.tasks.join(", ")}</span>
                </span>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
