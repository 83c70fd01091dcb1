import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Disclosure } from "../../components/disclosure.tsx";
import { Icon } from "../../components/icon.tsx";
import { useParties, usePartyColour } from "../../components/party.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useCanvas } from "./canvas.tsx";

/** Who would learn what, said anew with every stroke; the whole text one click away. */
export function LearntLine() {
  const { t } = useTranslation();
  const say = useText();
  const colour = usePartyColour();
  const { own } = useParties();
  const { check, checking } = useCanvas();
  const [open, setOpen] = useState(false);
  const items = check?.disclosure ?? [];
  const recipients = [...new Set(items.map(({ recipient }) => recipient))].sort(
    (a, b) => Number(a === own) - Number(b === own),
  );
  const ofOne = (recipient: string) => {
    // What a refusal tells comes last: it is not what the flow is drawn for.
    const told = items.filter((item) => item.recipient === recipient);
    const texts = [...told].sort((a, b) => Number(a.kind === "early-end") - Number(b.kind === "early-end"));
    return [...new Set(texts.map(({ text }) => say(text)))];
  };
  return (
    <section className={open ? "learnt open" : "learnt"} aria-label={t("canvas.learns")}>
      <button
        type="button"
        className="learnt-line"
        aria-expanded={open}
        disabled={items.length === 0}
        onClick={() => setOpen(!open)}
      >
        <span className={open ? "turn" : "turn up"}>
          <Icon name="up" />
        </span>
        <span className="learnt-words" aria-live="polite" aria-busy={checking}>
          {recipients.length === 0 && <span className="soft">{t("canvas.learnsNothing")}</span>}
          {recipients.map((recipient) => {
            const texts = ofOne(recipient);
            return (
              <span
                key={recipient}
                className="learnt-one"
                style={{ "--party": colour(recipient) } as React.CSSProperties}
              >
                <i />
                <b>{t("canvas.learnsOf", { party: recipient, count: texts.length })}</b>
                <span className="soft clip">{texts[0]}</span>
              </span>
            );
          })}
          {check?.ok === false && items.length > 0 && <small className="muted nowrap">{t("canvas.learnsSoFar")}</small>}
        </span>
      </button>
      {open && items.length > 0 && (
        <div className="learnt-all">
          <Disclosure items={items} />
        </div>
      )}
    </section>
  );
}
