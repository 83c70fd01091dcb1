/** For the durability test: appends to the journal of a data directory and says each acknowledged index on its output. */
import { openContext } from "../config/open-context.ts";
import { systemActor } from "../context.ts";

const { context } = await openContext(process.argv[2]!, process.env);
for (let i = 0; ; i++) {
  const entry = await context.journal.append("test.write", systemActor, { en: "written", zh: "已写" }, { i });
  process.stdout.write(`${entry.index}\n`);
}
