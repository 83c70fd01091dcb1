import { guest, host, messages } from "@tombolo/protocols/psi/ecdh";
import { defaultIdRules, encodeIds, strictIdPolicy } from "@tombolo/protocols/psi/ids";
import { runWorld } from "@tombolo/test-kit";

const n = Number(process.argv[2]),
  parties = Number(process.argv[3] ?? 2);
const names = Array.from({ length: parties }, (_, i) => `p${i}`);
const t0 = performance.now();
const cols = names.map((_, p) =>
  Array.from({ length: n }, (_, i) => `customer-${String(1e9 + i + ((p * (n >> 1)) % n))}`),
);
const ids = cols.map((column) => encodeIds([{ column, rules: defaultIdRules }], strictIdPolicy));
const t1 = performance.now();
console.log("encode", t1 - t0);
const world = await runWorld(names, { seed: 1, deadlineMs: 600000 }, async (me) => {
  const progress = (x: { stage: string; done: number; total: number }) => {
    if (process.env.V && (x.stage === "match" || x.stage === "order" || x.done === x.total))
      console.log(me.id, x.stage, performance.now() - t1);
  };
  const i = names.indexOf(me.id);
  if (i > 0) return host(ids[i]!, await me.peer(messages, "host", "p0", "guest"), { secrets: me.secrets, progress });
  return guest(ids[0]!, await Promise.all(names.slice(1).map((p) => me.peer(messages, "guest", p, "host"))), {
    secrets: me.secrets,
    progress,
  });
});
console.log(
  n,
  parties,
  (performance.now() - t1).toFixed(0),
  "ms",
  world.result("p0").rows.length,
  world.cost.bytes / 1e6,
  "MB",
  process.memoryUsage().rss / 1e6,
);
process.exit(0);
