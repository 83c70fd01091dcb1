import { TomboloError } from "@tombolo/base";
import { expect, it } from "vitest";
import { ASK_LIMITS, type AskLimits, AskQueue } from "./asks.ts";

const queue = (limits: Partial<AskLimits> = {}) => {
  const sent: { ask: number; items: readonly unknown[] }[] = [];
  const asks = new AskQueue((ask, items) => sent.push({ ask, items }), { ...ASK_LIMITS, ...limits });
  return { asks, sent };
};
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
const codeOf = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "none",
    (error: unknown) => TomboloError.from(error).code,
  );

it("sends calls of the same moment together and gives each its own answers", async () => {
  const { asks, sent } = queue();
  asks.open();
  const calls = [asks.ask([1, 2]), asks.ask([3]), asks.ask([])];
  await turn();
  expect(sent).toEqual([{ ask: 0, items: [1, 2, 3] }]);
  asks.answered({ ask: 0, items: ["a", "b", "c"] });
  expect(await Promise.all(calls)).toEqual([["a", "b"], ["c"], []]);
});

it("holds calls back while enough batches are under way, and no more than there is room for", async () => {
  const { asks, sent } = queue({ batchesMax: 1, itemsMax: 2, heldMax: 3 });
  asks.open();
  const first = asks.ask([1, 2]);
  await turn();
  const second = asks.ask([3]);
  expect(await codeOf(asks.ask([4]))).toBe("resource.busy");
  expect(await codeOf(asks.ask([1, 2, 3]))).toBe("input.size");
  expect(sent).toHaveLength(1);
  asks.answered({ ask: 0, items: [1, 2] });
  expect(await first).toEqual([1, 2]);
  await turn();
  expect(sent.at(-1)).toEqual({ ask: 1, items: [3] });
  asks.answered({ ask: 1, items: [3] });
  expect(await second).toEqual([3]);
  // Room is given back: what was refused is taken now.
  const third = asks.ask([4, 5]);
  await turn();
  asks.answered({ ask: 2, items: [4, 5] });
  expect(await third).toEqual([4, 5]);
});

it("refuses before it is open and after it is closed, and ends what waits or is under way", async () => {
  const { asks } = queue({ batchesMax: 1 });
  expect(await codeOf(asks.ask([1]))).toBe("state.service-starting");
  asks.open();
  const underWay = asks.ask([1]);
  await turn();
  const waiting = asks.ask([2]);
  asks.close(new TomboloError("consent.grant-revoked", "revoked"));
  expect(await codeOf(underWay)).toBe("consent.grant-revoked");
  expect(await codeOf(waiting)).toBe("consent.grant-revoked");
  expect(await codeOf(asks.ask([3]))).toBe("consent.grant-revoked");
});

it("ends a batch whose answer is refused, does not fit or does not come, and goes on", async () => {
  const { asks } = queue();
  asks.open();
  const refused = asks.ask([1]);
  await turn();
  asks.answered({ ask: 0, refusal: { code: "input.columns", message: "no such column" } });
  expect(await codeOf(refused)).toBe("input.columns");
  const short = asks.ask([1, 2]);
  await turn();
  asks.answered({ ask: 1, items: [1] });
  expect(await codeOf(short)).toBe("state.internal");
  const last = asks.ask([4]);
  await turn();
  asks.answered({ ask: 2, items: [4] });
  expect(await last).toEqual([4]);
});

it("gives up what does not come in time; an answer that comes late does no harm", async () => {
  const { asks } = queue({ answerMs: 5 });
  asks.open();
  expect(await codeOf(asks.ask([3]))).toBe("transport.timeout");
  asks.answered({ ask: 0, items: [3] });
  expect(await codeOf(asks.ask([4]))).toBe("transport.timeout");
});
