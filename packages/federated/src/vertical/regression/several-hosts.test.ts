import { type Me, runWorld } from "@tombolo/test-kit";
import { describe, expect, test } from "vitest";
import {
  type Trained,
  type TrainedPart,
  trainGuest,
  trainHost,
  trainingMessages,
  trainOwner,
  trainTwin,
} from "./index.ts";
import { type Options, parametersOf, sampleColumns, sampleTable, type Table } from "./testing/world.ts";

const ROWS = 200;
const LIMIT = { timeout: 120_000 };
const world = { seed: 7, deadlineMs: 110_000 };
/** The bank is the guest, the telco the first host; the shop and the post own columns. */
const PARTIES = ["bank", "telco", "shop", "post"] as const;
const OWNERS = PARTIES.slice(2);

/** Of the host's columns the telco has the text, the shop and the post one of numbers more than the other has. */
function columnsOf({ guest, host }: Pick<Table, "guest" | "host">) {
  const [calls, plan, data, months] = host;
  return { bank: guest, telco: [plan!], shop: [calls!, data!], post: [months!] };
}

async function trainAll(table: Table, options: Options) {
  const parameters = parametersOf({ hostTermsMin: 1, ...options });
  const columns = columnsOf(table);
  const party = async (me: Me): Promise<Trained | TrainedPart> => {
    const own = columns[me.id as keyof typeof columns];
    const input = { columns: own, rowCount: table.labels.length, parameters };
    const owners = () => Promise.all(OWNERS.map((id) => me.peer(trainingMessages, "computing", id, "owner")));
    if (me.id === "bank")
      return trainGuest(
        { ...input, rows: table },
        await me.peer(trainingMessages, "guest", "telco", "host"),
        me.secrets,
        await owners(),
      );
    if (me.id === "telco")
      return trainHost(input, await me.peer(trainingMessages, "host", "bank", "guest"), me.secrets, await owners());
    const [guest, host] = await Promise.all(
      ["bank", "telco"].map((id) => me.peer(trainingMessages, "owner", id, "computing")),
    );
    const place = OWNERS.indexOf(me.id as (typeof OWNERS)[number]);
    return trainOwner({ ...input, place }, { guest: guest!, host: host! }, me.secrets);
  };
  return { run: await runWorld(PARTIES, world, party), columns, parameters };
}

async function expectTwins(table: Table, options: Options, digits: number): Promise<void> {
  const { run, columns, parameters } = await trainAll(table, options);
  const twin = await trainTwin({ columns: PARTIES.map((id) => columns[id]), rows: table, parameters });
  const coefficients = (parts: readonly Pick<TrainedPart, "intercept" | "coefficients">[]): number[] =>
    parts.flatMap((part) => [part.intercept, ...part.coefficients]);
  const expected = coefficients(twin.parties);
  const scale = Math.max(...expected.map(Math.abs));
  coefficients(PARTIES.map((id) => run.result(id))).forEach((value, i) => {
    expect(Math.abs(value - expected[i]!) / scale).toBeLessThan(10 ** -digits);
  });
  expect(new Set(PARTIES.map((id) => run.result(id).run)).size).toBe(1);
}

describe("training with three hosts gives the coefficients of the plaintext twin", () => {
  test("logistic", LIMIT, () => expectTwins(sampleTable(ROWS), {}, 4));

  test("linear, in units of the label", LIMIT, async () => {
    const columns = sampleColumns(ROWS);
    const labels = Float64Array.from(columns.predictor, (z, i) => 1000 * z + 50 + ((i * 37) % 101));
    await expectTwins({ ...columns, labels }, { family: "linear" }, 4);
  });

  test("by mini-batches", LIMIT, () =>
    expectTwins(sampleTable(ROWS), { solver: "sgd", batchRows: 128, epochs: 2, learningRate: 0.5 }, 2),
  );
});

test("a host of too few columns is refused by all", LIMIT, async () => {
  const { run } = await trainAll(sampleTable(ROWS), { hostTermsMin: 2 });
  for (const id of PARTIES) expect(run.error(id)).toMatchObject({ code: "consent.few-columns" });
});
