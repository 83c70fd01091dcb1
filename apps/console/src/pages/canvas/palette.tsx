import type { Component } from "@tombolo/sdk";
import { Input } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../../components/icon.tsx";
import { useText } from "../../i18n/i18n.ts";
import { useActs } from "./acts.ts";
import { DRAGGED } from "./board.tsx";
import { useCanvas } from "./canvas.tsx";
import { GROUPS, groupOf, searched } from "./groups.ts";

function Item({ component }: { readonly component: Component }) {
  const say = useText();
  const { add } = useActs();
  return (
    <button
      type="button"
      draggable
      className="palette-item"
      title={say(component.summary)}
      onClick={() => add(component.name)}
      onDragStart={(event) => {
        event.dataTransfer.setData(DRAGGED, component.name);
        event.dataTransfer.effectAllowed = "copy";
      }}
    >
      <span className="clip">{say(component.title)}</span>
      <code className="clip muted">{component.name}</code>
    </button>
  );
}

/** Every component by what it is for; to be dragged, or added with a click or Enter. */
export function Palette() {
  const { t } = useTranslation();
  const { list } = useCanvas();
  const { add } = useActs();
  const [text, setText] = useState("");
  const found = searched(list, text);
  return (
    <section className="palette" aria-label={t("canvas.palette")}>
      <div className="palette-find">
        <Input
          allowClear
          prefix={<Icon name="ask" />}
          aria-label={t("canvas.search")}
          title={t("canvas.search")}
          value={text}
          onChange={(event) => setText(event.target.value)}
          onPressEnter={() => {
            const [best] = found;
            if (text.trim() === "" || best === undefined) return;
            add(best.name);
            setText("");
          }}
        />
        <p className="small muted">{found.length === 0 ? t("canvas.noneFound") : t("canvas.addHint")}</p>
      </div>
      <div className="palette-list">
        {GROUPS.map((group) => {
          const own = found.filter((component) => groupOf(component) === group);
          if (own.length === 0) return null;
          return (
            <section key={group}>
              <h2>{t(`canvas.group.${group}`)}</h2>
              {own.map((component) => (
                <Item key={component.name} component={component} />
              ))}
            </section>
          );
        })}
      </div>
    </section>
  );
}
