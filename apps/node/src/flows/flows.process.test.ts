/** Kept flows over the API of a real node: who may, conflicts, what others are told, what a restart leaves. */
import type { LiveEvent } from "@tombolo/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, startCluster, until } from "../testing/cluster.ts";

let cluster: Cluster;
beforeAll(async () => {
  cluster = await startCluster(["bank"]);
}, 120_000);
afterAll(() => cluster?.[Symbol.asyncDispose]());

const yaml = (seed: number) => `version: "1"
name: Credit
parties: [{ party: bank, role: guest }]
seed: ${seed}
tasks:
  read: { component: read-table } # ours
`;

test("two people save one flow: the second is told who was first, goes on from there, and both revisions stay", async () => {
  const node = cluster.node("bank");
  const [li, wang, approver] = [await node.analyst(), await node.person("wang", "analyst"), await node.approver()];
  const told: LiveEvent[] = [];
  const hearing = new AbortController();
  const heard = (async () => {
    for await (const event of approver.events({}, hearing.signal)) told.push(event);
  })().catch(() => undefined);

  const made = await li.call("createFlow", { body: { flow: yaml(1), places: { read: { x: 4, y: 8 } } } });
  expect(made).toMatchObject({ name: "Credit", revision: 1, changedBy: "analyst", parties: ["bank"], taskCount: 1 });
  const params = { id: made.id };
  await wang.call("saveFlow", { params, body: { base: 1, flow: yaml(2) } });
  await expect(li.call("saveFlow", { params, body: { base: 1, flow: yaml(3) } })).rejects.toMatchObject({
    status: 409,
    code: "state.flow-changed",
    message: expect.stringContaining("wang has saved revision 2"),
  });
  const theirs = await li.call("getFlow", { params });
  expect(theirs).toMatchObject({ revision: 2, changedBy: "wang", places: { read: { x: 4, y: 8 } }, flow: { seed: 2 } });
  await li.call("saveFlow", { params, body: { base: 2, flow: yaml(3) } });
  const first = await approver.call("getFlowRevision", { params: { ...params, revision: 1 } });
  expect(first).toMatchObject({ revision: 1, flow: { seed: 1 }, flowYaml: expect.stringContaining("seed: 1") });

  await node.kill();
  await node.start();
  const { items } = await approver.call("listFlowRevisions", { params });
  expect(items.map(({ revision, changedBy }) => [revision, changedBy])).toEqual([
    [3, "analyst"],
    [2, "wang"],
    [1, "analyst"],
  ]);
  await heard;
  expect(told.filter(({ kind }) => kind === "flow").map(({ id }) => id)).toEqual([made.id, made.id, made.id]);
  hearing.abort();
}, 120_000);

test("whoever may not submit jobs reads and saves nothing; what is no flow is named", async () => {
  const node = cluster.node("bank");
  const [analyst, approver] = [await node.analyst(), await node.approver()];
  const caller = await node.person("shop", "caller");
  const [kept] = (await approver.call("listFlows")).items;
  const params = { id: kept!.id };
  const refused = { status: 403, code: "auth.forbidden" };
  await expect(approver.call("createFlow", { body: { flow: yaml(9) } })).rejects.toMatchObject(refused);
  await expect(approver.call("saveFlow", { params, body: { base: 3, flow: yaml(9) } })).rejects.toMatchObject(refused);
  await expect(approver.call("deleteFlow", { params, query: { revision: 3 } })).rejects.toMatchObject(refused);
  await expect(caller.call("getFlow", { params })).rejects.toMatchObject(refused);
  await expect(analyst.call("createFlow", { body: { flow: yaml(9) } })).rejects.toMatchObject({
    status: 409,
    code: "state.flow-name",
  });
  const bad = yaml(9).replace("component: read-table", "component: 7");
  await expect(analyst.call("createFlow", { body: { flow: bad } })).rejects.toMatchObject({
    status: 400,
    problems: [{ path: "tasks.read.component", message: expect.stringContaining("line 6") }],
  });
  const far = { read: { x: 1e9, y: 0 } };
  const places = { params, body: { base: 3, flow: yaml(9), places: far } };
  await expect(analyst.call("saveFlow", places)).rejects.toMatchObject({ status: 400, code: "input.request" });
  await analyst.call("deleteFlow", { params, query: { revision: 3 } });
  await until("it is gone", async () => (await approver.call("listFlows")).items.length === 0);
  await expect(analyst.call("getFlow", { params })).rejects.toMatchObject({ status: 404 });
}, 120_000);
