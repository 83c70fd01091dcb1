import { useTranslation } from "react-i18next";
import { keyed } from "../lib/keyed.ts";
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
        {keyed(text.split("\n"), (line) => line).map(({ key, item }) => {
          const [, lead, name, rest] = LINE.exec(item) ?? [];
          return (
            <span key={key}>
              {lead}
              {name !== undefined && <span className="k">{name}</span>}
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
