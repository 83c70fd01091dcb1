/**
 * The disk of a party's tasks fills up while a job runs: the job fails at both parties, naming whose disk and what to
 * do; nothing half-written is left; once there is room, a rerun goes through.
 */
import { execFileSync } from "node:child_process";
import { type Dirent, existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { consentBoth, creditScene, endedAtBoth, type Scene, submitMatch } from "../testing/joint-job.ts";

let scene: Scene;
let tasks: string;
let mounted = false;

beforeAll(async () => {
  scene = await creditScene(1500, { TOMBOLO_JOBS_PARTNER_AWAY_SECONDS: "120" });
  tasks = join(scene.cluster.node("telco").directory, "tasks");
  mounted = mountSmall(tasks);
}, 600_000);
afterAll(async () => {
  for (const node of Object.values(scene?.cluster.nodes ?? {})) await node.kill("SIGTERM");
  if (mounted) execFileSync("umount", [tasks]);
  await scene?.cluster[Symbol.asyncDispose]();
});

/** A file system of 4 MiB; false where this user may not mount one. */
function mountSmall(folder: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const filler = (): string => join(tasks, "filler");
/** All but one page. */
const fill = (): void => {
  const { bavail, bsize } = statfsSync(tasks);
  writeFileSync(filler(), new Uint8Array((bavail - 1) * bsize));
};

const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry: Dirent) => entry.isFile())
        .map(({ name }) => name)
    : [];

it("fails at both parties by name, leaves nothing behind, and a rerun goes through", async (test) => {
  if (!mounted) return test.skip("this user may not mount a file system");
  const analyst = await scene.cluster.node("bank").analyst();
  fill();
  const id = await submitMatch(scene, ["seniority", "age", "income", "assets"]);
  await consentBoth(scene, id);
  const { bank, telco } = await endedAtBoth(scene, id);
  expect(bank.status).toBe("FAILED");
  for (const { failure } of [bank, telco])
    expect(failure).toMatchObject({
      code: "resource.disk",
      party: "telco",
      task: "read",
      message: expect.stringContaining("the one with the data directory of telco"),
    });
  // What to do, and where, is told to who can do it.
  expect(telco.failure?.remedy).toMatch(/^Free space on the disk that holds .*tasks/);
  expect(bank.failure?.remedy).toBeNull();
  expect(filesIn(join(tasks, id))).toEqual([]);

  rmSync(filler());
  await analyst.call("rerunJob", { params: { id } });
  await scene.cluster.job("bank", id, "running again", (status) => status !== "FAILED", 60);
  const again = await endedAtBoth(scene, id);
  expect(again.bank).toMatchObject({ status: "SUCCESS", failure: null });
  expect(again.telco.tasks.map(({ failure }) => failure)).toEqual(again.telco.tasks.map(() => null));
  expect(filesIn(join(tasks, id)).some((name) => name.endsWith(".parquet"))).toBe(true);
  expect(filesIn(join(tasks, id)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}, 400_000);
