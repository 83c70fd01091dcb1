import { theme as antd, type ThemeConfig } from "antd";
import type { Theme } from "./theme.tsx";

const FONT =
  '"Inter", system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif';

/** Who asks their system for less motion gets none from the controls either. */
const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");

/** antd's tokens from ours, so that its controls and our own markup are one surface. */
export function antdTheme(theme: Theme): ThemeConfig {
  const light = theme === "light";
  return {
    algorithm: light ? antd.defaultAlgorithm : antd.darkAlgorithm,
    token: {
      fontFamily: FONT,
      fontSize: 13,
      borderRadius: 6,
      controlHeight: 32,
      motion: !stillness.matches,
      motionDurationMid: "0.12s",
      motionDurationSlow: "0.16s",
      colorPrimary: light ? "#0f5c7a" : "#3d9cc2",
      colorInfo: light ? "#1a63d8" : "#6fadff",
      colorSuccess: light ? "#17764a" : "#4fc78d",
      colorError: light ? "#bf2f28" : "#f0625a",
      colorWarning: light ? "#8f5a00" : "#e6ad4d",
      colorLink: light ? "#0f5c7a" : "#62b6d6",
      colorTextBase: light ? "#14202a" : "#e6edf1",
      colorBgBase: light ? "#ffffff" : "#0d1317",
      colorBgContainer: light ? "#ffffff" : "#10171c",
      colorBgElevated: light ? "#ffffff" : "#1a242b",
      colorBorder: light ? "#c8d1d7" : "#3a4954",
      colorBorderSecondary: light ? "#e2e7ea" : "#26323b",
      colorTextPlaceholder: light ? "#6b7883" : "#83929d",
      colorTextDisabled: light ? "#6b7883" : "#83929d",
    },
    components: { Button: { primaryShadow: "none", defaultShadow: "none", dangerShadow: "none", fontWeight: 500 } },
  };
}
