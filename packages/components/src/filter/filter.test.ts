import { describe, expect, it } from "vitest";
import { lying } from "../testing/lying.ts";
import { failureOf, idsOf, madeUp, runOne } from "../testing/tasks.ts";
import { filter } from "./index.ts";

const ROWS = 80;
const filtered = async (bank: string | null, telco: string | null, setting = {}) => {
  const { guest, host } = madeUp(ROWS);
  const partyParameters = { bank: { where: bank }, telco: { where: telco } };
  return runOne(
    { component: "filter", inputs: { data: "in.data" }, partyParameters },
    { bank: { "in.data": guest }, telco: { "in.data": host } },
    { datasets: {}, ...setting },
  );
};
const expected = (keeps: (g: number, h: number) => boolean): string[] =>
  Array.from({ length: ROWS }, (_, i) => i).flatMap((i) => (keeps((i * 37) % 101, (i * 53) % 97) ? [`id-${i}`] : []));

describe("filter", () => {
  it("keeps the rows that meet all conditions, at every party", async () => {
    const { bank, telco } = await filtered("g > 20 && g < 90", "h >= 10");
    const ids = expected((g, h) => g > 20 && g < 90 && h >= 10);
    expect(idsOf(bank!.tables["task.data"]!)).toEqual(ids);
    expect(idsOf(telco!.tables["task.data"]!)).toEqual(ids);
    expect((await filtered(null, null)).telco!.tables["task.data"]!.rowCount).toBe(ROWS);
    const [own, theirs] = [bank!, telco!].map(({ reports }) => reports["task.report"]!.data);
    const meeting = {
      bank: expected((g) => g > 20 && g < 90).length,
      telco: expected((_, h) => h >= 10).length,
    };
    const labels = own as { readonly byLabel: readonly { readonly rows: number; readonly chosen: number }[] };
    expect(own).toMatchObject({ rows: ROWS, kept: ids.length, condition: "g > 20 && g < 90", meeting, label: "y" });
    expect(labels.byLabel.map(({ rows }) => rows).reduce((sum, rows) => sum + rows)).toBe(ROWS);
    expect(labels.byLabel.map(({ chosen }) => chosen).reduce((sum, rows) => sum + rows)).toBe(ids.length);
    expect(theirs).toMatchObject({ meeting: { telco: meeting.telco }, label: null, byLabel: null });
    expect(theirs).not.toHaveProperty("meeting.bank");
  });

  it("leaves out rows for which the own condition has no value, and counts them for their owner", async () => {
    const { bank, telco } = await filtered("log(g - 20) > -1 || g > 0", null);
    const ids = expected((g) => g > 20);
    expect(idsOf(bank!.tables["task.data"]!)).toEqual(ids);
    expect(bank!.reports["task.report"]!.data).toMatchObject({ undefinedRows: ROWS - ids.length });
    expect(telco!.reports["task.report"]!.data).toMatchObject({ kept: ids.length, undefinedRows: 0 });
  });

  it("holds every party's condition, and what stays, to the minimum of rows", async () => {
    for (const [bank, telco] of [
      ["g < 3", null],
      [null, "h > 1"],
      ["g < 20", "h > 90"],
    ] as const)
      expect((await failureOf(filtered(bank, telco))).code).toBe("consent.minimum-rows");
  });

  it("says conditions word for word in the consent, and of a party without one nothing", () => {
    const participants = [
      { party: "bank", role: "guest" },
      { party: "telco", role: "host" },
    ];
    const told = filter
      .discloses({ participants, parameters: {}, partyParameters: { telco: { where: "h > 5" }, bank: {} } })
      .filter(({ kind }) => kind === "rows-meeting");
    expect(told).toMatchObject([{ recipient: "bank", about: "telco" }]);
    expect(told[0]!.text.zh).toContain("h > 5");
  });

  it("refuses an unknown column, text, a label, and a partner that keeps what does not meet the own condition", async () => {
    for (const where of ["income > 3", "y == 1"])
      expect((await failureOf(filtered(where, null))).code).toBe("input.columns");
    expect((await failureOf(filtered("'a'", null))).code).toBe("input.expression");
    const meddle = (party: string, peer: never) =>
      party === "bank" ? lying(peer, "kept", (bits: Uint8Array) => bits.map(() => 0xff)) : peer;
    expect((await failureOf(filtered(null, "h >= 40", { meddle }))).code).toBe("protocol.rows");
    const short = (party: string, peer: never) =>
      party === "telco" ? lying(peer, "met", (bits: Uint8Array) => bits.subarray(1)) : peer;
    expect((await failureOf(filtered(null, "h >= 40", { meddle: short }))).code).toBe("protocol.rows");
  });
});
