import { TomboloError } from "@tombolo/base";
import type { HePrivateKey } from "@tombolo/crypto";
import { generateHeKey } from "@tombolo/crypto";
import { type Me, seededSecrets, tamperEvery } from "@tombolo/test-kit";
import { tamperFrame } from "@tombolo/transport-memory";
import { beforeAll, describe, expect, test } from "vitest";
import { arbiterMessages } from "../index.ts";
import { sampleTable } from "../testing/world.ts";
import { encodeParts } from "./contributions.ts";
import { ciphertextsOf, maskedSums, requireHeadroom, slotPlan } from "./masked-sums.ts";
import { type ArbiterEnd, arbiterWorld, asParty, asTwo, partiesOf } from "./testing/world.ts";

const TABLE = asTwo(sampleTable(320));
const OPTIONS = { epochs: 1 };
const LIMIT = { timeout: 300_000 };

test("every message that is changed on the way is noticed, but for the model's id", LIMIT, async () => {
  const run: (me: Me) => Promise<ArbiterEnd> = asParty(TABLE, OPTIONS);
  await tamperEvery({
    parties: partiesOf(TABLE),
    table: arbiterMessages,
    seed: 7,
    actions: ["flip", "replace"],
    deadlineMs: 20_000,
    run,
    tolerated: { start: "parts with different model ids refuse to score together" },
    check: (world, name, action) => {
      for (const outcome of Object.values(world.outcomes))
        if (!outcome.ok) expect(outcome.error.code, `${action} of ${name}`).toMatch(/^(protocol|transport|aborted)\./);
    },
  });
});

describe("streams of another number of ciphertexts", () => {
  test.each(["parts", "residuals", "sums", "plaintexts"] as const)(
    "end the training by name: %s",
    LIMIT,
    async (name) => {
      const { tamper } = tamperFrame({ table: arbiterMessages, name, action: "duplicate" });
      const world = await arbiterWorld(TABLE, OPTIONS, {}, { tamper });
      expect(Object.values(world.outcomes).every(({ ok }) => !ok)).toBe(true);
    },
  );
});

describe("an arbiter that answers wrongly", () => {
  const secrets = seededSecrets(11, "tampering");
  let key: HePrivateKey;
  beforeAll(async () => {
    key = await generateHeKey({ scheme: "okamoto-uchiyama" }, secrets);
  });
  const ROWS = 64;
  const columns = [0, 1, 2, 3, 4].map((j) => ({
    numbers: [Uint16Array.from({ length: ROWS }, (_, i) => (i * 67 * (j + 3)) % 4096)],
    step: 0.01,
    zero: 1000 * j,
  }));
  const masked = async () => {
    const { publicKey } = key;
    const plan = slotPlan(publicKey, ROWS, 2);
    const parts = encodeParts(
      publicKey,
      Float64Array.from({ length: ROWS }, (_, i) => i - 20.5),
      secrets,
    );
    const view = new DataView(parts.buffer);
    const whole = Array.from({ length: ROWS }, (_, i) => view.getBigUint64(i * publicKey.plaintextBytes, true));
    const residuals = await publicKey.encrypt(parts, secrets);
    const asked = await maskedSums({ key: publicKey, plan, residuals, columns, part: 0 }, secrets);
    return { plan, asked, whole, plaintexts: await key.decrypt(asked.ciphertexts) };
  };

  test("is noticed, whether it changes one copy of a sum or both by the same", async () => {
    const { plan, asked, whole, plaintexts } = await masked();
    const expected = columns.map(({ numbers, zero }) =>
      numbers[0]!.reduce((sum, k, i) => sum + BigInt(k - zero) * whole[i]!, 0n),
    );
    expect(plaintexts.length).toBe(ciphertextsOf(plan, columns.length) * key.publicKey.plaintextBytes);
    expect(asked.open(plaintexts)).toEqual(expected);
    const half = plaintexts.length / 2;
    for (const places of [[0], [half], [0, half], [3, half + 3]]) {
      const wrong = plaintexts.slice();
      for (const place of places) wrong[place]! ^= 1;
      expect(() => asked.open(wrong)).toThrow(expect.objectContaining({ code: "protocol.answer" }));
    }
    expect(() => asked.open(new Uint8Array(plaintexts.length))).toThrow(TomboloError);
  });

  test("sees nothing that goes on from one request to the next", async () => {
    const [one, other] = [await masked(), await masked()];
    const halves = ({ plaintexts }: typeof one): string[] =>
      [plaintexts.subarray(0, plaintexts.length / 2), plaintexts.subarray(plaintexts.length / 2)].map(String);
    expect(new Set([...halves(one), ...halves(other)]).size).toBe(4);
  });

  test("does not answer for plaintexts beyond honest sums", () => {
    const { plaintextBytes, plaintextBits } = key.publicKey;
    const plaintext = new Uint8Array(plaintextBytes);
    expect(() => requireHeadroom(plaintext, key.publicKey, "bank")).not.toThrow();
    plaintext[Math.floor((plaintextBits - 64) / 8)] = 255;
    expect(() => requireHeadroom(plaintext, key.publicKey, "bank")).toThrow(
      expect.objectContaining({ code: "protocol.bound", blame: "bank" }),
    );
  });
});
