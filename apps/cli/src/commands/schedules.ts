import type { Schedule } from "@tombolo/sdk";
import type { Command } from "commander";
import { type Session, withNode } from "../command.ts";
import { fields, type Output, plain, print, table } from "../output.ts";
import { readFlow } from "./jobs.ts";

const scheduleText = (schedule: Schedule): string =>
  [
    fields([
      ["schedule", schedule.id],
      ["name", schedule.name],
      ["status", schedule.reason === null ? schedule.status : `${schedule.status} (${plain(schedule.reason)})`],
      ["when", `${schedule.cron} (${schedule.timeZone}), until ${schedule.until}`],
      ["next run", schedule.nextRunAt ?? "none"],
      ["approved by", schedule.approvedBy ?? "nobody yet"],
    ]),
    "",
    table(
      ["due", "job", "status", "why not"],
      schedule.runs.map((run) => [run.dueAt, run.jobId, run.jobStatus, run.failure?.message]),
      "It has not run yet.",
    ),
  ].join("\n");

const show = (output: Output, schedule: Schedule): void => print(output, schedule, () => scheduleText(schedule));

interface NewSchedule {
  project: string;
  cron: string;
  timeZone: string;
  until: string;
  name: string;
  message?: string;
}

const create = async (
  { client, output }: Session,
  path: string,
  { project, until, ...rest }: NewSchedule,
): Promise<void> => {
  const day = /^\d{4}-\d\d-\d\d$/.test(until) ? `${until}T23:59:59Z` : until;
  const body = { ...rest, projectId: project, until: day, flow: await readFlow(path) };
  show(output, await client.call("createSchedule", { body }));
};

export function scheduleCommands(program: Command): void {
  const schedule = program.command("schedule").description("flows that run by the clock");
  withNode<[string, NewSchedule]>(
    schedule
      .command("create <flow.yaml>")
      .description("ask for a flow to run by the clock; an own approver says yes once")
      .requiredOption("--project <id>", "see `tombolo project list`")
      .requiredOption("--name <text>", "of the schedule")
      .requiredOption("--cron <expression>", "minute hour day month weekday, e.g. '0 6 * * 1'")
      .requiredOption("--until <day>", "no run starts after it, e.g. 2027-01-31")
      .option("--time-zone <name>", "the clock that the expression means", "UTC")
      .option("--message <text>", "what the approver should know"),
    create,
  );
  withNode(schedule.command("list").description("schedules of this party"), async ({ client, output }) => {
    const { items } = await client.call("listSchedules");
    print(output, items, () =>
      table(
        ["schedule", "name", "status", "when", "next run", "runs"],
        items.map((each) => [
          each.id,
          each.name,
          each.status,
          `${each.cron} (${each.timeZone})`,
          each.nextRunAt,
          each.runs.length,
        ]),
        "No schedules yet. `tombolo schedule create flow.yaml` asks for one.",
      ),
    );
  });
  withNode<[string]>(
    schedule.command("show <schedule>").description("when it runs, and its history"),
    async ({ client, output }, id) => show(output, await client.call("getSchedule", { params: { id } })),
  );
  withNode<[string, { reason: string }]>(
    schedule
      .command("pause <schedule>")
      .description("no further runs until it is resumed")
      .requiredOption("--reason <text>", "what the others should know"),
    async ({ client, output }, id, { reason }) =>
      show(output, await client.call("pauseSchedule", { params: { id }, body: { reason } })),
  );
  withNode<[string, { reason: string }]>(
    schedule
      .command("withdraw <schedule>")
      .description("an approver takes the yes back, for good")
      .requiredOption("--reason <text>", "what the others should know"),
    async ({ client, output }, id, { reason }) =>
      show(output, await client.call("withdrawSchedule", { params: { id }, body: { reason } })),
  );
  withNode<[string]>(
    schedule.command("resume <schedule>").description("run it by the clock again"),
    async ({ client, output }, id) => show(output, await client.call("resumeSchedule", { params: { id } })),
  );
  withNode<[string]>(
    schedule.command("run <schedule>").description("one run now, under the yes it has"),
    async ({ client, output }, id) => show(output, await client.call("runSchedule", { params: { id } })),
  );
  withNode<[string]>(
    schedule.command("delete <schedule>").description("remove it; its jobs stay"),
    async ({ client, output }, id) => {
      await client.call("deleteSchedule", { params: { id } });
      print(output, { done: true }, () => `schedule ${id} is gone`);
    },
  );
}
