/** For tests alone: hands both sides correlations that it makes itself, and so knows. */
import { BLOCK_BYTES, blockStream, gf128MultiplyAdd } from "@tombolo/crypto";
import type { ReceiveVole, SendVole } from "../index.ts";

export function dealer(seed: number): { readonly receive: ReceiveVole; readonly send: SendVole } {
  const stream = (purpose: number, length: number): Promise<Uint8Array> => {
    const key = new Uint8Array(BLOCK_BYTES);
    key.set([seed & 255, purpose]);
    return blockStream(key, length);
  };
  const delta = (): Promise<Uint8Array> => stream(0, BLOCK_BYTES);
  const [a, b] = [1, 2].map((purpose) => (count: number) => stream(purpose, BLOCK_BYTES * count));
  return {
    async receive(count) {
      const [mine, c] = [await a!(count), await b!(count)];
      await gf128MultiplyAdd(c, mine, await delta()); // c = a·delta + b
      return { a: mine, c };
    },
    send: async (count) => ({ delta: await delta(), b: await b!(count) }),
  };
}
