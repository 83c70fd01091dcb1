/** Runners started ahead of their tasks: real processes. */
import { once } from "node:events";
import { mkdtemp, readFile, readlink, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SpareRunners } from "./spare.ts";

const POLL = { timeout: 20_000 };
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tombolo-spare-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const spares = (): SpareRunners =>
  new SpareRunners({ heapMiB: 256, threads: 1, compileCache: join(folder, "compiled"), waitsIn: folder });
const children = async (): Promise<string[]> =>
  (await readFile(`/proc/${process.pid}/task/${process.pid}/children`, "utf8")).trim().split(" ").filter(Boolean);

it("hands out the one that waits, and starts the next", async () => {
  const runners = spares();
  const first = runners.take();
  const [waiting] = (await children()).filter((pid) => pid !== String(first.pid)).slice(-1);
  expect(await readlink(`/proc/${waiting}/cwd`)).toBe(folder);
  const second = runners.take();
  expect(String(second.pid)).toBe(waiting);
  expect((await children()).length).toBe(3);
  runners.close();
  for (const taken of [first, second]) {
    // Whoever starts it and goes away takes it along.
    taken.disconnect();
    await once(taken, "exit");
  }
  await expect.poll(children, POLL).toEqual([]);
});

it("replaces one that died while it waited, and starts none after its end", async () => {
  const runners = spares();
  const first = runners.take();
  const [waiting] = (await children()).filter((pid) => pid !== String(first.pid));
  process.kill(Number(waiting), "SIGKILL");
  await expect.poll(children, POLL).toEqual([String(first.pid)]);
  const second = runners.take();
  expect(String(second.pid)).not.toBe(waiting);
  runners.close();
  const third = runners.take();
  const taken = [first, second, third];
  await Promise.all(
    taken.map((child) => {
      child.kill("SIGKILL");
      return once(child, "exit");
    }),
  );
  await expect.poll(children, POLL).toEqual([]);
});
