import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * Served by the node from dist/ at `/`, with the API on the same origin. Every asset is a file of ours, no inline script,
 * so that the node's content security policy can be `script-src 'self'` (docs/decisions/0081).
 */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    target: "es2023",
    // A data: URL would need an exception in the policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // ECharts' core and antd's form controls are each one lazy chunk of about this size before compression.
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: "react", test: /node_modules\/(react|react-dom|scheduler)\// },
            { name: "tanstack", test: /node_modules\/@tanstack\// },
            { name: "charts", test: /node_modules\/(echarts|zrender)\// },
            { name: "graph", test: /node_modules\/(@xyflow|d3-[a-z]+)\// },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": "http://127.0.0.1:7500" } },
});
