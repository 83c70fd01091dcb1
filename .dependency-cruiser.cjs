/** Imports go down only; see docs/ARCHITECTURE.md. Each `only` rule lists all a folder may import of ours. */
const only = (from, allowed) => ({
  name: `${from.replace(/[/\\^]/g, " ").trim()}-imports-down-only`,
  severity: "error",
  from: { path: `^${from}/` },
  to: {
    path: "^(packages|apps|crates|benchmarks|scripts)/",
    pathNot: [from, ...allowed].map((folder) => `^${folder}/`),
  },
});
const tests = "(\\.test\\.ts$|/testing/)";
const withTests = (from, allowed) => {
  const rule = only(from, allowed);
  rule.from.pathNot = tests;
  return rule;
};
const p = (...names) => names.map((name) => `packages/${name}`);

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment:
        "A cycle with a type-only edge does not exist when the program runs: a part may name the type of its whole.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "kernels\\.node$" },
    },
    withTests("packages/base", []),
    withTests("packages/kernels", p("base")),
    withTests("packages/crypto", p("base", "kernels")),
    withTests("packages/channel", p("base")),
    withTests("packages/transport-memory", p("base", "channel")),
    withTests("packages/transport-ptp", p("base", "channel")),
    withTests("packages/protocols", p("base", "channel", "crypto")),
    withTests("packages/federated", p("base", "channel", "crypto", "protocols")),
    withTests("packages/datasets", p("base", "kernels")),
    withTests("packages/components", p("base", "channel", "crypto", "datasets", "federated", "protocols")),
    withTests("packages/scheduler", p("base")),
    withTests("packages/sdk", p("base")),
    withTests("packages/test-kit", p("base", "channel", "crypto", "transport-memory")),
    withTests(
      "apps/node",
      p("base", "channel", "components", "crypto", "datasets", "kernels", "scheduler", "sdk", "transport-ptp"),
    ),
    withTests("apps/cli", p("base", "scheduler", "sdk")),
    withTests("apps/console", p("base", "scheduler", "sdk")),
    {
      name: "nothing-imports-apps",
      severity: "error",
      from: { path: "^packages/" },
      to: { path: "^apps/" },
    },
    {
      name: "protocols-and-federated-are-pure",
      comment: "No clocks, sockets, files or global randomness: everything comes as a parameter.",
      severity: "error",
      from: { path: "^packages/(protocols|federated)/", pathNot: tests },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "testing-stays-in-tests",
      comment: "Packages ship without testing folders.",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: [tests, "^packages/test-kit/"] },
      to: { path: "/testing/" },
    },
    {
      name: "seeded-secrets-stay-in-tests",
      comment: "Only tests may import test-kit: a seeded Secrets must never reach a node or runner.",
      severity: "error",
      from: { path: "^(packages|apps)/", pathNot: [tests, "^packages/test-kit/"] },
      to: { path: "^packages/test-kit/" },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(node_modules|target|dist|native)/|\\.test\\.ts$" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    parser: "swc",
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      mainFields: ["module", "main"],
    },
  },
};
