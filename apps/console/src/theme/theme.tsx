import { createContext, type ReactNode, useContext, useEffect, useMemo, useState } from "react";
import "./tokens.css";
import "./base.css";

export type ThemeChoice = "system" | "light" | "dark";
export type Theme = "light" | "dark";

const KEY = "tombolo.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

interface ThemeState {
  readonly choice: ThemeChoice;
  readonly theme: Theme;
  choose(choice: ThemeChoice): void;
}
const Context = createContext<ThemeState | null>(null);

const stored = (): ThemeChoice => {
  const value = localStorage.getItem(KEY);
  return value === "light" || value === "dark" ? value : "system";
};

/** Follows the system until the person chooses otherwise. */
export function ThemeProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState(stored);
  const [systemDark, setSystemDark] = useState(dark.matches);
  useEffect(() => {
    const listen = (event: MediaQueryListEvent) => setSystemDark(event.matches);
    dark.addEventListener("change", listen);
    return () => dark.removeEventListener("change", listen);
  }, []);
  const theme: Theme = choice === "system" ? (systemDark ? "dark" : "light") : choice;
  document.documentElement.dataset.theme = theme;
  const state = useMemo(
    () => ({
      choice,
      theme,
      choose: (next: ThemeChoice) => {
        localStorage.setItem(KEY, next);
        setChoice(next);
      },
    }),
    [choice, theme],
  );
  return <Context value={state}>{children}</Context>;
}

export function useTheme(): ThemeState {
  const state = useContext(Context);
  if (state === null) throw new Error("useTheme outside ThemeProvider");
  return state;
}

/** A token's present colour, for canvases that cannot read CSS variables. */
export const tokenColour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();
