import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import "./components.css";

interface PageProps {
  readonly title: string;
  readonly sub?: ReactNode;
  readonly crumb?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
}

export function Page({ title, sub, crumb, actions, children }: PageProps) {
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${title} · ${t("common.product")}`;
  }, [title, t]);
  return (
    <div className="page">
      <div className="page-head">
        <div>
          {crumb !== undefined && <div className="crumb">{crumb}</div>}
          <h1>{title}</h1>
          {sub !== undefined && <div className="sub">{sub}</div>}
        </div>
        {actions !== undefined && <div className="row wrap">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: ReactNode;
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  /** The body reaches the edges, for tables. */
  readonly flush?: boolean;
  readonly children: ReactNode;
}

export function Card({ title, hint, actions, flush, children }: CardProps) {
  const body = flush === true ? "body flush" : title === undefined ? "body only" : "body";
  return (
    <section className="card">
      {title !== undefined && (
        <header>
          <div>
            <h2>{title}</h2>
            {hint !== undefined && <div className="hint">{hint}</div>}
          </div>
          {actions !== undefined && <div className="row wrap">{actions}</div>}
        </header>
      )}
      <div className={body}>{children}</div>
    </section>
  );
}

export function Empty({ title, hint, action }: { title: string; hint: ReactNode; action?: ReactNode }) {
  return (
    <div className="empty">
      <b>{title}</b>
      <p>{hint}</p>
      {action !== undefined && <div className="act row wrap">{action}</div>}
    </div>
  );
}

export function Metric({ label, value, sub }: { label: ReactNode; value: ReactNode; sub?: ReactNode }) {
  return (
    <div className="metric">
      <span className="l">{label}</span>
      <span className="v">{value}</span>
      {sub !== undefined && <span className="small soft">{sub}</span>}
    </div>
  );
}

/** Facts as label and value; entries with `undefined` are left out. */
export function Facts({ items }: { items: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className="kv">
      {items
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([label, value]) => [<dt key={label}>{label}</dt>, <dd key={`${label}:`}>{value}</dd>])}
    </dl>
  );
}

export type Tone = "run" | "ok" | "bad" | "wait" | "idle";

export function Notice({ tone, title, children }: { tone: Tone; title?: ReactNode; children?: ReactNode }) {
  return (
    <div className={`notice tone-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {title !== undefined && <b>{title}</b>} {children}
    </div>
  );
}

export function Bar({ share, tone, colour }: { share: number; tone?: Tone; colour?: string }) {
  const width = `${Math.max(0, Math.min(1, share)) * 100}%`;
  return (
    <div className={tone === undefined ? "bar" : `bar tone-${tone}`} aria-hidden="true">
      <i style={colour === undefined ? { width } : { width, background: colour }} />
    </div>
  );
}

const WIDTHS = [68, 92, 81, 74, 88, 60, 79, 85];
export function Skeleton({ rows = 5 }: { rows?: number }) {
  return (
    <div className="stack" style={{ padding: "12px 0" }} aria-busy="true">
      {WIDTHS.slice(0, rows).map((width) => (
        <div key={width} className="skeleton" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}

interface TabsProps<K extends string> {
  readonly label: string;
  readonly tabs: readonly { readonly key: K; readonly title: string; readonly count?: number }[];
  readonly active: NoInfer<K>;
  onChange(key: NoInfer<K>): void;
}

/** A tab list with arrow keys. */
export function Tabs<const K extends string>({ label, tabs, active, onChange }: TabsProps<K>) {
  const move = (by: number) => {
    const at = tabs.findIndex((tab) => tab.key === active);
    const next = tabs[(at + by + tabs.length) % tabs.length];
    if (next !== undefined) onChange(next.key);
  };
  return (
    <div
      className="tabs"
      role="tablist"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key === "ArrowRight") move(1);
        if (event.key === "ArrowLeft") move(-1);
      }}
    >
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          aria-selected={tab.key === active}
          tabIndex={tab.key === active ? 0 : -1}
          onClick={() => onChange(tab.key)}
        >
          {tab.title}
          {tab.count !== undefined && <span className="count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}
