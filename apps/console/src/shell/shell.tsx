import { Link, Outlet, useLocation, useNavigate } from "@tanstack/react-router";
import { Button, Tooltip } from "antd";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Icon } from "../components/icon.tsx";
import { PartiesProvider, Party } from "../components/party.tsx";
import { chooseLanguage, useLanguage } from "../i18n/i18n.ts";
import { rememberCsrf } from "../lib/client.ts";
import { useLive } from "../lib/live.ts";
import { queryClient, useAct, useMay, useMe, useRead } from "../lib/queries.ts";
import { useTheme } from "../theme/theme.tsx";
import { type NavItem, navigation } from "./navigation.ts";
import "../components/components.css";
import "./shell.css";

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.closest("input,textarea,select,[role=dialog],[role=combobox]") !== null);

/** `g` then a letter opens a page. */
function useShortcuts(items: readonly NavItem[]): void {
  const navigate = useNavigate();
  useEffect(() => {
    let gAt = 0;
    const press = (event: KeyboardEvent) => {
      if (typing(event.target) || event.metaKey || event.ctrlKey || event.altKey) return;
      const item = Date.now() - gAt < 1200 ? items.find((each) => each.key === event.key) : undefined;
      if (item === undefined) {
        gAt = event.key === "g" ? Date.now() : 0;
        return;
      }
      gAt = 0;
      event.preventDefault();
      void navigate({ to: item.to });
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [items, navigate]);
}

/** How many decisions wait for this person's side. */
export function useWaiting(): number {
  const may = useMay();
  return (
    useRead("listApprovals", { query: { status: "waiting" } }, { enabled: may("approvals:read"), everyMs: 60_000 }).data
      ?.waiting ?? 0
  );
}

function NavLink({ item, waiting }: { item: NavItem; waiting: number }) {
  const { t } = useTranslation();
  const title = t(`common.nav.${item.name}`);
  const here = useLocation({ select: ({ pathname }) => pathname });
  return (
    <Tooltip title={t("common.nav.shortcut", { key: item.key })} placement="right" mouseEnterDelay={0.8}>
      <Link
        to={item.to}
        activeOptions={{ exact: item.to === "/" }}
        aria-label={title}
        {...(here === item.also ? { "aria-current": "page" as const } : {})}
      >
        <Icon name={item.name} />
        <span className="text">{title}</span>
        {item.name === "approvals" && waiting > 0 && (
          <span className="n" title={t("common.nav.waiting", { count: waiting })}>
            {waiting}
          </span>
        )}
      </Link>
    </Tooltip>
  );
}

function Who() {
  const me = useMe();
  const { t } = useTranslation();
  const language = useLanguage();
  const { theme, choose } = useTheme();
  const signOut = useAct("signOut", {
    after: () => {
      rememberCsrf(undefined);
      queryClient.clear();
      window.location.assign("/signin");
    },
  });
  if (me === undefined) return null;
  const dark = theme === "dark";
  return (
    <div className="who">
      <div className="grow wide">
        <div className="name">{me.user.displayName}</div>
        <div className="small muted">{me.user.roles.map((role) => t(`common.role.${role}`)).join(", ")}</div>
      </div>
      <Button
        type="text"
        size="small"
        aria-label={t("settings.switchLanguage")}
        title={t("settings.switchLanguage")}
        onClick={() => void chooseLanguage(language === "zh" ? "en" : "zh")}
      >
        {t("settings.otherLanguageShort")}
      </Button>
      <Button
        type="text"
        size="small"
        aria-label={t("settings.switchTheme")}
        title={t("settings.switchTheme")}
        icon={<Icon name={dark ? "sun" : "moon"} />}
        onClick={() => choose(dark ? "light" : "dark")}
      />
      <Button
        type="text"
        size="small"
        aria-label={t("common.nav.signOut")}
        title={t("common.nav.signOut")}
        icon={<Icon name="leave" />}
        onClick={() => signOut.mutate({})}
      />
    </div>
  );
}

function Side({ items }: { items: readonly NavItem[] }) {
  const { t } = useTranslation();
  const me = useMe();
  const waiting = useWaiting();
  return (
    <aside className="side">
      <Link to="/" className="brand" aria-label={t("common.home")}>
        <img src="/mark.svg" width={30} height={30} alt="" />
        <span className="wide">
          <b>{t("common.productWide")}</b>
          {me !== undefined && <Party id={me.party.id} />}
        </span>
      </Link>
      <nav aria-label={t("common.nav.label")}>
        {navigation.map(({ group, items: own }) => {
          const shown = own.filter((item) => items.includes(item));
          if (shown.length === 0) return null;
          return (
            <section key={group}>
              <h2>{t(`common.nav.${group}`)}</h2>
              {shown.map((item) => (
                <NavLink key={item.name} item={item} waiting={waiting} />
              ))}
            </section>
          );
        })}
      </nav>
      <Who />
    </aside>
  );
}

export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const may = useMay();
  const live = useLive(me !== undefined);
  const items = navigation.flatMap((group) => group.items).filter((item) => item.needs === null || may(item.needs));
  useShortcuts(items);
  return (
    <PartiesProvider>
      <a className="skip" href="#main">
        {t("common.skip")}
      </a>
      <div className="shell">
        <Side items={items} />
        <main id="main" tabIndex={-1} style={{ outline: "none", minWidth: 0 }}>
          {!live && (
            <div className="offline" role="status">
              {t("common.offline")}
            </div>
          )}
          <Outlet />
        </main>
      </div>
    </PartiesProvider>
  );
}
