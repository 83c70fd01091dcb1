import { useTranslation } from "react-i18next";
import { Act } from "./act.tsx";
import { useCopy } from "./values.tsx";

const LINE = /^(\s*(?:- )?)([\w.-]+:)?(.*)$/;

function Value({ text }: { text: string }) {
  const kind = /^\s*-?\d+(\.\d+)?\s*$/.test(text) ? "n" : "s";
  return <span className={kind}>{text}</span>;
}

/** YAML to read: keys, numbers and text told apart. */
export function Yaml({ text }: { text: string }) {
  const { t } = useTranslation();
  const copy = useCopy();
  return (
    <div style={{ position: "relative" }}>
      <pre className="yaml">
        {text.split("\n").map((line, index) => {
          const [, lead, key, rest] = LINE.exec(line) ?? [];
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity
            <span key={index}>
              {lead}
              {key !== undefined && <span className="k">{key}</span>}
              <Value text={rest ?? ""} />
              {"\n"}
            </span>
          );
        })}
      </pre>
      <div style={{ position: "absolute", top: 8, right: 8 }}>
        <Act size="small" onClick={() => copy(text)}>
          {t("common.copy")}
        </Act>
      </div>
    </div>
  );
}
