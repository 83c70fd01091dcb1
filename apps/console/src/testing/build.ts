/** Builds the console once for all browser tests: they drive what a node serves. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { chromiumPath } from "./chromium.ts";

const CONSOLE = join(import.meta.dirname, "../..");

export default function build(): void {
  if (chromiumPath === undefined) return;
  const { status, stderr } = spawnSync(process.execPath, ["../../node_modules/vite/bin/vite.js", "build"], {
    cwd: CONSOLE,
    // As it is delivered: the test runner's own mode gives libraries other code, one id for every group of radio buttons.
    env: { ...process.env, NODE_ENV: "production" },
  });
  if (status !== 0) throw new Error(`the console could not be built:\n${stderr.toString()}`);
}
