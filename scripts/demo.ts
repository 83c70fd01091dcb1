/**
 * `npm run demo`: organisations as separate processes with separate folders, keys and databases, who connect, consent,
 * match, train, evaluate and score over real mutual TLS. Everything it makes is below .tombolo/demo.
 */
import { rmSync, writeFileSync } from "node:fs";
import { TomboloError } from "@tombolo/base";
import type { Job } from "@tombolo/sdk";
import { failureText } from "../apps/cli/src/follow.ts";
import { bytes, table } from "../apps/cli/src/output.ts";
import { type DemoNode, startNode, visitorLinks } from "./demo/node.ts";
import { demoFolder, type Plan, readOptions, usage } from "./demo/options.ts";
import { leaveServices } from "./demo/services.ts";
import {
  connectParties,
  type Figures,
  importDataset,
  leaveRequest,
  modelForm,
  obtainGrant,
  openProject,
  readFigures,
  runJob,
  sound,
} from "./demo/story.ts";
import { terminal } from "./demo/terminal.ts";

interface World {
  readonly guest: DemoNode;
  readonly hosts: readonly DemoNode[];
  readonly all: readonly DemoNode[];
}

async function startWorld(plan: Plan, started: DemoNode[]): Promise<World> {
  const parties = [plan.guest, ...plan.hosts];
  const results = await terminal.step(
    `${parties.map((party) => party.id).join(", ")} start, each its own process`,
    () =>
      Promise.allSettled(
        parties.map(async (party, index) => {
          const node = await startNode(party, plan.folder, index);
          started.push(node);
          return node;
        }),
      ),
  );
  const failed = results.find((result) => result.status === "rejected");
  if (failed !== undefined) throw failed.reason;
  const all = results.map((result) => (result as PromiseFulfilledResult<DemoNode>).value);
  for (const node of all) terminal.say(`    console of ${node.party.id}: ${node.origin}`);
  return { guest: all[0]!, hosts: all.slice(1), all };
}

async function tellStory(plan: Plan, { guest, hosts, all }: World): Promise<boolean> {
  const started = Date.now();
  // Hosts of one job talk to each other too: every pair has a contract.
  for (const [index, one] of all.entries()) {
    for (const other of all.slice(index + 1)) {
      await terminal.step(`${one.party.id} and ${other.party.id} have a contract and confirmed each other's keys`, () =>
        connectParties(one, other),
      );
    }
  }
  const datasets = await terminal.step("each imports its own file and publishes what the columns mean", () =>
    Promise.all(all.map((node, index) => importDataset(node, plan, index === 0 ? plan.label : null))),
  );
  const project = await terminal.step("a project everybody joined", () => openProject(guest, hosts));
  for (const [index, host] of hosts.entries()) {
    await terminal.step(`${host.party.id} grants the use of its table`, () =>
      obtainGrant(guest, host, datasets[index + 1]!, project, all),
    );
  }
  const check = sound(await guest.as.analyst.call("jointModelFlow", { body: modelForm(plan, project, datasets) }));
  const job = await runJob(guest, hosts, project, check);
  if (job.status !== "SUCCESS") {
    terminal.say(`\nThe job ended as ${job.status}.\n${failureText(job)}`);
    return false;
  }
  const figures = await readFigures(guest, job);
  const rows = {
    guest: datasets[0]!.rowCount ?? 0,
    hosts: datasets.slice(1).map((dataset) => dataset.rowCount ?? 0),
    matched: figures.matched,
  };
  const seconds = (Date.now() - started) / 1000;
  showFigures(figures, rows, job, seconds);
  if (plan.json !== null) {
    const { guestOnly, joint } = figures;
    writeFileSync(
      plan.json,
      `${JSON.stringify({ rows, guestOnly, joint, seconds, bytes: job.bytesOut + job.bytesIn }, null, 2)}\n`,
    );
  }
  if (plan.once) return true;
  const lines = await terminal.step("the model and the other side's table are put to use, each as a service", () =>
    leaveServices({ guest, hosts, plan, project, job, datasets }),
  );
  await leaveRequest(guest, hosts[0]!, plan, project, job, datasets);
  terminal.say(`\n  Score a customer, as a business system would:\n\n${lines.score}`);
  terminal.say(
    `\n  Verify that an id is known on the other side, which does not learn which was asked:\n\n${lines.verify}`,
  );
  return true;
}

function showFigures(
  { guestOnly, joint }: Figures,
  rows: { guest: number; hosts: number[]; matched: number },
  job: Job,
  seconds: number,
): void {
  const names = Object.keys(joint);
  const line = (what: string, figures: Readonly<Record<string, number>>): string[] => [
    what,
    ...names.map((name) => (figures[name] ?? Number.NaN).toFixed(4)),
  ];
  terminal.say(
    `\n  ${rows.matched} of ${rows.guest} rows are shared with ${rows.hosts.join(" and ")} rows of the other side.`,
  );
  terminal.say(
    `\n${table(["model", ...names], [line("guest alone", guestOnly), line("joint", joint)], "").replace(/^/gm, "    ")}`,
  );
  terminal.say(
    `\n  ${seconds.toFixed(1)} s; ${bytes(job.bytesOut)} left the guest's house, ${bytes(job.bytesIn)} came in. No row did.`,
  );
}

async function welcome({ all, hosts }: World): Promise<void> {
  terminal.say(
    `\nThe nodes stay up. A request waits in the inbox of ${hosts[0]!.party.id}: sign in as its approver to read, approve or refuse it.`,
  );
  for (const node of all) {
    terminal.say(`\n  ${node.party.name} (${node.party.id}), ${node.origin}; each link works once, for 15 minutes:`);
    for (const { role, username, url } of await visitorLinks(node)) {
      terminal.say(`    ${role.padEnd(9)} ${url ?? `sign in as "${username}" with the password you set`}`);
    }
  }
  terminal.say(
    `\nA new link: npm run tombolo -- user reset <name> --dir <folder>. Ctrl-C ends the demo; npm run demo -- --clean removes it.`,
  );
}

const untilInterrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => resolve());
  });

async function main(): Promise<number> {
  const plan = readOptions(process.argv.slice(2));
  if (plan.help) {
    terminal.say(usage);
    return 0;
  }
  if (plan.clean) {
    rmSync(demoFolder(), { recursive: true, force: true });
    terminal.say("Removed everything the demo made.");
    return 0;
  }
  const started: DemoNode[] = [];
  const interrupted = untilInterrupted();
  try {
    terminal.say("Tombolo demo");
    const world = await startWorld(plan, started);
    const finished = await Promise.race([tellStory(plan, world), interrupted.then(() => null)]);
    if (finished === null) return 130;
    if (plan.once || !finished) return finished ? 0 : 1;
    await welcome(world);
    await interrupted;
    return 0;
  } finally {
    await Promise.all(started.map((node) => node.stop()));
  }
}

try {
  process.exit(await main());
} catch (caught) {
  const error = TomboloError.from(caught, "state.demo", caught instanceof Error ? caught.message : String(caught));
  terminal.say(`\nThe demo failed: ${error.message}${error.remedy === undefined ? "" : `\n${error.remedy}`}`);
  process.exit(1);
}
