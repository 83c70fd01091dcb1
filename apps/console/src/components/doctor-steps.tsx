import type { DoctorReport } from "@tombolo/sdk";
import { useTranslation } from "react-i18next";
import { useLanguage } from "../i18n/i18n.ts";
import { formatDuration } from "../lib/format.ts";
import { Notice } from "./page.tsx";
import { State } from "./state.tsx";

const STEPS = [
  "address",
  "proxy",
  "tcp",
  "tls",
  "certificate",
  "application",
  "reverse",
  "contract",
  "disk",
  "keys",
  "database",
  "journal",
  "clock",
  "kernels",
  "console",
] as const;

/** Each step of a check in its order, with what to do where it failed. */
export function DoctorSteps({ report }: { report: DoctorReport }) {
  const { t } = useTranslation();
  const language = useLanguage();
  const title = (step: string): string => {
    const known = STEPS.find((each) => each === step);
    return known === undefined ? step : t(`partners.step.${known}`);
  };
  return (
    <div className="stack">
      <Notice tone={report.ok ? "ok" : "bad"} title={report.ok ? t("partners.checkOk") : t("partners.checkBad")} />
      <ol className="stack tight">
        {report.steps.map((step) => (
          <li key={step.step} className="row" style={{ alignItems: "flex-start", gap: 12 }}>
            <State of={step.ok ? "ok" : "problem"} />
            <div className="grow">
              <b style={{ fontWeight: 600 }}>{title(step.step)}</b>{" "}
              {/* The node's words are English: a Chinese reader needs them only where the step's name does not say all. */}
              {(language === "en" || !step.ok) && <span className="soft">{step.message}</span>}
              {step.remedy !== null && !step.ok && <div>{step.remedy}</div>}
            </div>
            {step.ms !== null && <span className="muted nowrap">{formatDuration(step.ms, language)}</span>}
          </li>
        ))}
      </ol>
    </div>
  );
}
