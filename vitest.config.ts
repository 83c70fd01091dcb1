import { defineConfig } from "vitest/config";

const PROGRAMS = "apps/node/src/testing/programs.ts";

/** `unit` runs in parallel; `process` starts real processes, sockets and browsers and so gets time. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["packages/**/*.test.ts", "apps/**/*.test.ts", "benchmarks/**/*.test.ts", "scripts/**/*.test.ts"],
          exclude: ["**/node_modules/**", "**/*.process.test.ts", "**/*.browser.test.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // All cores: where both sides stream at once, tests of rounds give their worlds a latency.
          maxWorkers: "100%",
          // One worker's files share their modules, which keep nothing between tests: loading them was a fifth of the time.
          isolate: false,
        },
      },
      {
        test: {
          name: "process",
          include: ["packages/**/*.process.test.ts", "apps/**/*.process.test.ts", "scripts/**/*.process.test.ts"],
          globalSetup: [PROGRAMS],
          exclude: ["**/node_modules/**"],
          testTimeout: 180_000,
          hookTimeout: 120_000,
          isolate: false,
          pool: "forks",
          // Of two cores: waiting for partners, deadlines and restarts leaves a core free at two.
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: "browser",
          include: ["apps/**/*.browser.test.ts"],
          globalSetup: [PROGRAMS, "apps/console/src/testing/build.ts"],
          exclude: ["**/node_modules/**"],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: "forks",
          // Two: a browser alone leaves half of two cores idle.
          maxWorkers: 2,
        },
      },
    ],
  },
});
