import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { App, ConfigProvider } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { startI18n, useLanguage } from "./i18n/i18n.ts";
import { queryClient } from "./lib/queries.ts";
import { router } from "./router.tsx";
import { antdTheme } from "./theme/antd-theme.ts";
import { ThemeProvider, useTheme } from "./theme/theme.tsx";

function Root() {
  const { theme } = useTheme();
  const language = useLanguage();
  return (
    <ConfigProvider
      theme={antdTheme(theme)}
      locale={language === "zh" ? zhCN : enUS}
      button={{ autoInsertSpace: false }}
    >
      <App message={{ maxCount: 3 }} notification={{ maxCount: 3, placement: "bottomRight" }}>
        <RouterProvider router={router} />
      </App>
    </ConfigProvider>
  );
}

await startI18n();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ThemeProvider>
        <Root />
      </ThemeProvider>
    </QueryClientProvider>
  </StrictMode>,
);
