/**
 * The node's program and its runner's, each as one file: a test starts a hundred of them, and most of what that costs is
 * finding and loading a thousand modules. Built once for all process and browser tests; programs that tests start
 * themselves, such as commands, run from the sources.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "vite";

const SOURCES = join(import.meta.dirname, "..");
const PROGRAMS = { main: join(SOURCES, "main.ts"), runner: join(SOURCES, "runner/main.ts") };
const KEPT = join(SOURCES, "../../../node_modules/.cache");
/** The house, and what has many modules; the rest may find native libraries and files by its own place. */
const BUNDLED = /^(@tombolo|@noble|zod|fastify-type-provider-zod|kysely|@duckdb\/node-api)(\/|$)/;
const VARIABLE = "TOMBOLO_TEST_NODE";

/** What starts a test's node, and in what environment. */
export function nodeProgram(): { readonly file: string; readonly environment: Readonly<Record<string, string>> } {
  const file = process.env[VARIABLE];
  if (file === undefined) return { file: PROGRAMS.main, environment: {} };
  return { file, environment: { NODE_COMPILE_CACHE: join(dirname(file), "compiled") } };
}

export default async function bundlePrograms(): Promise<() => void> {
  // Each run its own: another run's nodes may be reading theirs. Below `node_modules`, where packages are found.
  mkdirSync(KEPT, { recursive: true });
  const folder = mkdtempSync(join(KEPT, "tombolo-programs-"));
  await build({
    configFile: false,
    logLevel: "error",
    plugins: [ownPlaces(folder)],
    ssr: { target: "node", noExternal: true },
    build: {
      ssr: true,
      target: "node24",
      minify: false,
      outDir: folder,
      emptyOutDir: false,
      rolldownOptions: {
        input: PROGRAMS,
        external: (id) => /^(@[a-z]|[a-z])/.test(id) && !BUNDLED.test(id),
        output: { entryFileNames: "[name].mjs", chunkFileNames: "[name]-[hash].mjs" },
      },
    },
  });
  process.env[VARIABLE] = join(folder, "main.mjs");
  return () => rmSync(folder, { recursive: true, force: true });
}

/** A module finds files from where it stood, and a program finds the other beside itself. */
function ownPlaces(folder: string): Plugin {
  return {
    name: "own-places",
    transform(code, id) {
      if (id.startsWith("\0") || !code.includes("import.meta.url")) return null;
      for (const [name, path] of Object.entries(PROGRAMS)) {
        const program = `new URL("./${relative(dirname(id), path)}", import.meta.url)`;
        if (code.includes(program)) return code.replace(program, `new URL("./${name}.mjs", import.meta.url)`);
      }
      return code.replaceAll(
        "import.meta.url",
        `new URL(${JSON.stringify(relative(folder, id))}, import.meta.url).href`,
      );
    },
  };
}
