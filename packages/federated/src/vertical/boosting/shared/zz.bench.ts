import { runParties } from "@tombolo/test-kit";
import { twoParty, wordsOfShares } from "@tombolo/protocols/secret-sharing/two-party";
import { flooredInverse } from "@tombolo/protocols/secret-sharing/functions";
import { engineEnd, engineMessages } from "../../two-party.ts";
const N = 65536;
const party = (side: "guest" | "host") => async (me: any) => {
  const peer = await me.peer(engineMessages, side, side === "guest" ? "telco" : "bank", side === "guest" ? "host" : "guest");
  const b = await twoParty(engineEnd(side, peer), { secrets: me.secrets });
  const x = wordsOfShares(BigUint64Array.from({ length: N }, (_, i) => BigInt(1000000 + i)));
  const bits = await b.negative(x, { width: 30 });
  const run = async (name: string, f: () => Promise<unknown>) => {
    const c = process.cpuUsage(); const t = performance.now(); await f();
    const u = process.cpuUsage(c);
    if (side === "guest") console.log(name, ((u.user + u.system) / N).toFixed(2), "us", ((performance.now() - t) / N * 1000).toFixed(2));
  };
  for (let i = 0; i < 2; i++) {
  await run("multiply", () => b.multiply(x, x));
  await run("square", () => b.square(x));
  await run("shift8", () => b.shift(x, 8, "down"));
  await run("shift20", () => b.shift(x, 20, "down"));
  await run("shift40", () => b.shift(x, 40, "down"));
  await run("near20", () => b.shift(x, 20, "near"));
  await run("neg61", () => b.negative(x, { width: 61 }));
  await run("inject", () => b.inject(bits, x));
  await run("toWords", () => b.toWords(bits));
  await run("toBits11", () => b.toBits(x, 11));
  await run("inverse", () => flooredInverse(b, x, { width: 28, lowest: 17 }));
  }
};
await runParties({ seed: 1, deadlineMs: 600000 } as any, ["bank", party("guest")], ["telco", party("host")]);
