#!/usr/bin/env node
// Older versions of Node cannot read the rest: say so before they try.
if (Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(
    `tombolo needs Node 24 or newer; this is ${process.version}. In a clone, \`npm run tombolo --\` provides it.\n`,
  );
  process.exitCode = 1;
} else await import("./main.ts");
